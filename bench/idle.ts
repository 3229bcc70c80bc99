/**
 * What a connection costs that does nothing: RSS after garbage was collected, minus that of the server before. Before it are some
 * hundred connections that came and went, so that what is made once (code, pools) is not counted as theirs.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { atMost, type Benchmark, type Figures, loopDelay, type Side } from './harness/benchmark.ts';
import { cohort } from './harness/cohort.ts';
import { crowdLoad } from './harness/crowd.ts';
import { Server, withFolder, withLoad } from './harness/server.ts';
import { scaled } from './harness/statistics.ts';

const FEW = 5_000;
const MANY = 15_000;
const WARM = 300;
const KIB = 1_024;

async function measure(side: Side): Promise<Figures> {
  const { folder: prepared, visitors } = await cohort();
  return withFolder(async (folder) => {
    const server = await Server.start(side, folder);
    try {
      return await withLoad(async (load) => {
        const open = (from: number, to: number) =>
          load.call('crowd.open', { side, url: server.url, people: visitors.slice(from, to), path: '/echo' });
        await open(0, scaled(WARM));
        await load.call('crowd.cut');
        await wait(500);
        const base = await server.memory();
        await server.begin();
        await open(0, scaled(FEW));
        const connecting = [await server.end()];
        const few = await server.memory();
        await server.begin();
        await open(scaled(FEW), scaled(MANY));
        connecting.push(await server.end());
        const many = await server.memory();
        const each = (bytes: number, count: number) => (bytes - base) / KIB / scaled(count);
        return {
          kibFew: each(few, FEW),
          kibMany: each(many, MANY),
          loopDelayP99Ms: Math.max(...connecting.map(({ loopDelayP99Ms }) => loopDelayP99Ms)),
        };
      });
    } finally {
      await server.kill();
    }
  }, prepared);
}

export const idle: Benchmark = {
  name: 'idle',
  title: 'Memory of an idle signed-in connection',
  conditions:
    'RSS of the server after forced GC, minus before, by connections; visitors with token, one tenant; B: bare ws',
  metrics: [
    {
      key: 'kibFew',
      metric: `memory a connection at ${FEW}`,
      unit: 'KiB',
      digits: 1,
      least: atMost(12, 'KiB'),
      aim: atMost(9, 'KiB'),
    },
    {
      key: 'kibMany',
      metric: `memory a connection at ${MANY}`,
      unit: 'KiB',
      digits: 1,
      least: atMost(12, 'KiB'),
      aim: atMost(9, 'KiB'),
    },
    { ...loopDelay, metric: 'event-loop delay p99 while they connect' },
  ],
  measure,
  load: crowdLoad,
};
