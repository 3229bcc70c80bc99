/** Durable messages one to one, as many as the server takes: what one costs, and how many there are in a second. */
import { atLeastTimes, atMostTimes, type Benchmark, loopDelay } from './harness/benchmark.ts';
import { measurePairs, PAIRS, pairsLoad } from './harness/pairs.ts';
import { scaled } from './harness/statistics.ts';

const IN_FLIGHT = 10;

export const throughput: Benchmark = {
  name: 'throughput',
  title: 'Durable messages one to one',
  conditions: `${PAIRS} pairs, ${IN_FLIGHT} in flight each, 200 bytes, 6 s after 2 s; B: relay in memory`,
  metrics: [
    {
      key: 'cpuSecondsPer10k',
      metric: 'CPU per 10,000 messages',
      unit: 's',
      digits: 3,
      least: atMostTimes(2.6),
      aim: atMostTimes(2),
    },
    {
      key: 'messagesPerSecond',
      metric: 'sustained messages',
      unit: '1/s',
      digits: 0,
      least: atLeastTimes(0.35),
      aim: atLeastTimes(0.5),
    },
    loopDelay,
  ],
  measure: (side) => measurePairs(side, { kind: 'closed', inFlight: IN_FLIGHT, ms: scaled(6_000) }, scaled(2_000)),
  load: pairsLoad,
};
