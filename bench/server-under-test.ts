/** Runs in a process of its own, so that its CPU time, its memory and its event loop are its own: the baseline or the product. */
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import type { ClientMessageId, ConversationId, TenantId, UserId } from '../protocol/ids.ts';
import { createApp } from '../server/app.ts';
import type { Domain } from '../server/domain/domain.ts';
import { sendMessage } from '../server/domain/messages.ts';
import { readSettings, settingsTable } from '../server/settings.ts';
import { answer } from './harness/child.ts';
import {
  cookieOf,
  inGroups,
  makePeople,
  type Person,
  revisionsOf,
  type Visitor,
  type Wanted,
} from './harness/people.ts';
import { startRelay } from './harness/relay.ts';
import type { ServerStart, Window } from './harness/server.ts';
import { percentile } from './harness/statistics.ts';

/** The histogram counts from timer to timer, the wish included. */
const RESOLUTION_MS = 5;
const loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
loop.enable();
let pauses: number[] = [];
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) pauses.push(duration);
}).observe({ entryTypes: ['gc'] });

let domain: Domain | undefined;
let stop = async () => {};
let cpuAtBegin = 0;

function ours(): Domain {
  if (!domain) throw new Error('no product runs here');
  return domain;
}

const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/** Nobody is refused: what is measured is how fast it is, not how it protects itself. */
function settings(dataDir: string, port: number, env: Readonly<Record<string, string>>) {
  const rates = Object.values(settingsTable)
    .map((setting) => setting.env)
    .filter((name) => name.startsWith('RATE_'))
    .map((name) => [name, '0']);
  const connections = { CONNECTIONS_PER_ADDRESS: '1000000', CONNECTIONS_PER_TENANT: '1000000' };
  const base = { PORT: String(port), HOST: '127.0.0.1', DATA_DIR: dataDir, LOG_LEVEL: 'silent' };
  return readSettings({ ...base, ...connections, ...Object.fromEntries(rates), ...env });
}

answer({
  async start({ side, dataDir, port, env }: ServerStart): Promise<string> {
    if (side === 'baseline') return startRelay(port);
    const app = createApp(settings(dataDir, port, env));
    const started = await app.start();
    domain = started.domain;
    stop = () => app.stop();
    return `ws://127.0.0.1:${started.port}`;
  },
  /** Closes the database properly. */
  stop: () => stop(),
  cookie: (agent: Person) => cookieOf(ours(), agent),
  people: (wanted: Wanted) => makePeople(ours(), wanted),
  revisions: (visitors: readonly Visitor[]) => revisionsOf(ours(), visitors),
  /** `count` messages into the conversation of each visitor, as if these had sent them. */
  append: ({ visitors, count, text }: { visitors: readonly Visitor[]; count: number; text: string }) =>
    append(visitors, count, text),
  begin(): void {
    loop.reset();
    pauses = [];
    cpuAtBegin = cpuSeconds();
  },
  end(): Window {
    const cpu = cpuSeconds() - cpuAtBegin;
    const ms = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
    return {
      cpuSeconds: cpu,
      loopDelayP99Ms: ms(loop.percentile(99)),
      loopDelayMaxMs: ms(loop.max),
      gcPauseP99Ms: pauses.length > 0 ? percentile(pauses, 0.99) : 0,
    };
  },
  /** RSS in bytes after garbage was collected. */
  async memory(): Promise<number> {
    for (let round = 0; round < 4; round++) {
      globalThis.gc?.();
      await wait(150);
    }
    return process.memoryUsage.rss();
  },
});

async function append(visitors: readonly Visitor[], count: number, text: string): Promise<void> {
  for (let round = 0; round < count; round++) {
    await inGroups(
      visitors.map(({ tenantId, userId, conversationId }, at) => async () => {
        const actor = {
          kind: 'visitor' as const,
          tenantId: tenantId as TenantId,
          userId: userId as UserId,
          conversationId: conversationId as ConversationId,
        };
        const clientMessageId = `${Date.now().toString(36)}-${process.pid}-${round}-${at}` as ClientMessageId;
        const content = { kind: 'text' as const, text };
        await sendMessage(ours(), actor, { conversationId: actor.conversationId, clientMessageId, content });
      }),
    );
  }
}
