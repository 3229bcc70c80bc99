/**
 * The node is killed and comes back: all clients return at the same time and each has missed twenty messages of a conversation of
 * its own. The clock starts with the new process, so its start counts. The missed messages are written in between by a process
 * that is killed, too, while the clients hold still. The baseline has them in memory.
 */
import { atMost, type Benchmark, type Figures, loopDelay, type Side } from './harness/benchmark.ts';
import { cohort } from './harness/cohort.ts';
import { pooled } from './harness/crowd.ts';
import { until } from './harness/inlay-socket.ts';
import type { Visitor } from './harness/people.ts';
import { ReturningClient } from './harness/returning.ts';
import { Server, windowFigures, withFolder, withLoad } from './harness/server.ts';
import { percentile, scaled } from './harness/statistics.ts';

const CLIENTS = 10_000;
const MISSED = 20;
const DEADLINE_MS = 90_000;
const TEXT = 'x'.repeat(200);

interface Plan {
  readonly side: Side;
  readonly url: string;
  readonly visitors: readonly Visitor[];
}
interface Outcome {
  readonly firstMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly allMs: number;
  readonly complete: number;
}

let crowd: ReturningClient[] = [];
let progress: (client: ReturningClient) => void = () => {};
let missed = 0;

async function prepare({ side, url, visitors }: Plan): Promise<void> {
  missed = 0;
  crowd = visitors.map((person) => {
    const { conversationId } = person;
    const path = () => `/missed/${missed}`;
    const onProgress = (client: ReturningClient) => progress(client);
    return new ReturningClient({ side, url, person, conversationId, path, onProgress }, 1);
  });
  const settled = new Set<ReturningClient>();
  progress = (client) => client.settled && settled.add(client);
  await pooled(crowd, 200, async (client) => {
    client.come();
    await until(
      () => settled.has(client),
      DEADLINE_MS,
      () => 'a client could not connect',
    );
  });
  for (const client of crowd) client.rest();
}

async function run(): Promise<Outcome> {
  const begun = performance.now();
  missed = MISSED + 1;
  const times: number[] = [];
  const open = new Set(crowd);
  progress = (client) => {
    if (client.held > MISSED && open.delete(client)) times.push(performance.now() - begun);
  };
  for (const client of crowd) client.come();
  await until(
    () => open.size === 0,
    DEADLINE_MS,
    () => 'some',
  ).catch(() => undefined);
  return {
    firstMs: Math.min(...times),
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
    allMs: open.size === 0 ? Math.max(...times) : DEADLINE_MS,
    complete: (100 * times.length) / crowd.length,
  };
}

async function measure(side: Side): Promise<Figures> {
  const { folder: prepared, visitors: all } = await cohort();
  const visitors = all.slice(0, scaled(CLIENTS));
  return withFolder(async (folder) => {
    let server = await Server.start(side, folder);
    const { port, url } = server;
    try {
      return await withLoad(async (load) => {
        await load.call('storm.prepare', { side, url, visitors } satisfies Plan);
        await server.kill();
        if (side === 'inlay') {
          // For the clients no time passes here: notifications of what they missed are not due when they come back.
          server = await Server.start(side, folder, { env: { PUSH_DELAY_MS: '3600000' } });
          await server.append(visitors, MISSED, TEXT);
          await server.kill();
        }
        const starting = Server.start(side, folder, { port });
        const returning = load.call<Outcome>('storm.run');
        server = await starting;
        await server.begin();
        const outcome = await returning;
        return { ...outcome, allSeconds: outcome.allMs / 1_000, ...windowFigures(await server.end()) };
      });
    } finally {
      await (process.env.BENCH_PROFILE ? server.stop() : server.kill());
    }
  }, prepared);
}

export const storm: Benchmark = {
  name: 'storm',
  title: 'All come back after a kill',
  conditions: `${CLIENTS} visitors, each with a conversation and ${MISSED} missed messages; server killed (-9), the clock starts with the new process; at once, then full jitter from 0.5 s; B: relay with the messages in memory`,
  metrics: [
    {
      key: 'allSeconds',
      metric: 'until all are complete',
      unit: 's',
      digits: 2,
      least: atMost(10, 's'),
      aim: atMost(5, 's'),
    },
    { key: 'complete', metric: 'complete', unit: '%', digits: 2 },
    { key: 'p50Ms', metric: 'p50 of a client', unit: 'ms', digits: 0 },
    { key: 'p99Ms', metric: 'p99 of a client', unit: 'ms', digits: 0 },
    { key: 'firstMs', metric: 'the first client (start of the process)', unit: 'ms', digits: 0 },
    loopDelay,
  ],
  measure,
  load: { 'storm.prepare': prepare, 'storm.run': run },
};
