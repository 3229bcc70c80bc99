/**
 * What one tenant's flood costs the others: twenty of its visitors send as fast as they are answered, while forty other tenants
 * talk as they always do. The limits that would refuse the flood at the door are off. The baseline is the product itself without it.
 *
 * Who floods is on another machine in life; here it yields the processor to the server and to the others.
 */
import { constants, setPriority } from 'node:os';
import { atMostTimes, type Benchmark, type Figures, loopDelay, type Side } from './harness/benchmark.ts';
import type { Outcome } from './harness/pairs.ts';
import type { People } from './harness/people.ts';
import { Server, windowFigures, withFolder, withLoad } from './harness/server.ts';
import { scaled } from './harness/statistics.ts';

const OTHERS = 40;
const PER_SECOND = 500;
const FLOODERS = 20;
const IN_FLIGHT = 50;
const MS = 10_000;
const WARM_MS = 3_000;

async function measure(side: Side): Promise<Figures> {
  return withFolder(async (folder) => {
    const server = await Server.start('inlay', folder);
    try {
      const { visitors, agents } = await server.people({ tenants: OTHERS + 1, visitors: FLOODERS, agents: 1 });
      const first = OTHERS * FLOODERS;
      // Without agents a visitor's second device is who receives: an agent would hear all twenty.
      const flood: People = { visitors: visitors.slice(first), agents: [] };
      const others: People = { visitors: visitors.filter((_, at) => at < first && at % FLOODERS === 0), agents };
      return await withLoad((load) =>
        withLoad(async (flooding) => {
          setPriority(flooding.pid, constants.priority.PRIORITY_LOW);
          await load.call('pairs.prepare', { side: 'inlay', url: server.url, people: others, pairs: OTHERS });
          await flooding.call('pairs.prepare', { side: 'inlay', url: server.url, people: flood, pairs: FLOODERS });
          const talk = (ms: number) => load.call<Outcome>('pairs.run', { kind: 'open', perSecond: PER_SECOND, ms });
          const ms = scaled(WARM_MS + MS);
          const flooded =
            side === 'inlay' && flooding.call<Outcome>('pairs.run', { kind: 'closed', inFlight: IN_FLIGHT, ms });
          await talk(scaled(WARM_MS));
          await server.begin();
          const { p50Ms, p99Ms } = await talk(scaled(MS));
          const figures = { p50Ms, p99Ms, ...windowFigures(await server.end()) };
          const outcome = await flooded;
          return outcome ? { ...figures, floodPerSecond: outcome.messages / outcome.seconds } : figures;
        }),
      );
    } finally {
      await (process.env.BENCH_PROFILE ? server.stop() : server.kill());
    }
  });
}

export const flood: Benchmark = {
  name: 'flood',
  title: "One tenant's flood",
  conditions: `${OTHERS} tenants with ${PER_SECOND} messages/s in all, ${MS / 1_000} s after ${WARM_MS / 1_000} s, beside ${FLOODERS} visitors of one tenant with ${IN_FLIGHT} in flight each; limits of rate off, its generator at a low priority; B: the same without the flood`,
  metrics: [
    { key: 'p99Ms', metric: 'p99 of the others', unit: 'ms', digits: 2, least: atMostTimes(1.2) },
    { key: 'p50Ms', metric: 'p50 of the others', unit: 'ms', digits: 2 },
    { key: 'floodPerSecond', metric: 'messages of the flood', unit: '1/s', digits: 0 },
    loopDelay,
  ],
  measure,
};
