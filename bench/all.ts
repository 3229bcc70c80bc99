/** Every benchmark, in the order in which all are run. */
import type { Benchmark } from './harness/benchmark.ts';
import { latency } from './latency.ts';
import { saturation } from './saturation.ts';
import { throughput } from './throughput.ts';

export const benchmarks: readonly Benchmark[] = [throughput, latency, saturation];
