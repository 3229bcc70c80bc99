/** What a message waits when the server has more to do than it can: the queue shall stand, not grow. */
import { atMostTimes, type Benchmark, loopDelay } from './harness/benchmark.ts';
import { measurePairs, PAIRS } from './harness/pairs.ts';
import { scaled } from './harness/statistics.ts';

const IN_FLIGHT = 10;

export const saturation: Benchmark = {
  name: 'saturation',
  title: 'Latency at saturation',
  conditions: `${PAIRS * IN_FLIGHT} in flight in all (${PAIRS} pairs), 200 bytes, 6 s after 2 s; B: relay in memory`,
  metrics: [
    { key: 'p99Ms', metric: 'p99 send to receive', unit: 'ms', digits: 1, least: atMostTimes(4), aim: atMostTimes(2) },
    { key: 'p50Ms', metric: 'p50 send to receive', unit: 'ms', digits: 1 },
    loopDelay,
  ],
  measure: (side) => measurePairs(side, { kind: 'closed', inFlight: IN_FLIGHT, ms: scaled(6_000) }, scaled(2_000)),
};
