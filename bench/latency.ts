/** From the moment at which a message should have been sent to its arrival at the other side, at a rate that is no strain. */
import { atMostPlus, atMostTimes, type Benchmark, loopDelay } from './harness/benchmark.ts';
import { measurePairs, PAIRS } from './harness/pairs.ts';
import { scaled } from './harness/statistics.ts';

const PER_SECOND = 500;

export const latency: Benchmark = {
  name: 'latency',
  title: `Latency at ${PER_SECOND} messages/s`,
  conditions: `open loop, ${PER_SECOND}/s over ${PAIRS} pairs, 200 bytes, 10 s after 3 s; counted from when each was due; B: relay in memory`,
  metrics: [
    { key: 'p50Ms', metric: 'p50 send to receive', unit: 'ms', digits: 2, least: atMostPlus(1, 'ms') },
    {
      key: 'p99Ms',
      metric: 'p99 send to receive',
      unit: 'ms',
      digits: 2,
      least: atMostPlus(5, 'ms'),
      aim: atMostTimes(2.5),
    },
    { key: 'cpuSecondsPer10k', metric: 'CPU per 10,000 messages', unit: 's', digits: 2 },
    loopDelay,
  ],
  measure: (side) => measurePairs(side, { kind: 'open', perSecond: PER_SECOND, ms: scaled(10_000) }, scaled(3_000)),
};
