/** Every benchmark, in the order in which all are run. */
import { connect } from './connect.ts';
import { fanout } from './fanout.ts';
import { flood } from './flood.ts';
import type { Benchmark } from './harness/benchmark.ts';
import { history } from './history.ts';
import { idle } from './idle.ts';
import { latency } from './latency.ts';
import { paint } from './paint.ts';
import { saturation } from './saturation.ts';
import { storm } from './storm.ts';
import { throughput } from './throughput.ts';
import { wifi } from './wifi.ts';

export const benchmarks: readonly Benchmark[] = [
  throughput,
  latency,
  saturation,
  idle,
  connect,
  fanout,
  flood,
  history,
  paint,
  wifi,
  storm,
];
