/**
 * Wi-Fi as it is: all connections break every fifteen seconds for two, while two messages a second go to everybody. What counts
 * is that each message reaches each client, and how soon a client has what it missed once the network is there again.
 * The baseline replays from memory.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { atLeast, atMost, type Benchmark, type Figures, loopDelay, type Side } from './harness/benchmark.ts';
import { pooled } from './harness/crowd.ts';
import { connectInlay, until } from './harness/inlay-socket.ts';
import { LeanSocket } from './harness/lean-socket.ts';
import type { Agent, People, Visitor } from './harness/people.ts';
import { ReturningClient } from './harness/returning.ts';
import { Server, windowFigures, withFolder, withLoad } from './harness/server.ts';
import { percentile, scaled } from './harness/statistics.ts';

const CLIENTS = 5_000;
const MESSAGES = 120;
const EVERY_MS = 500;
const CUT_EVERY_MS = 15_000;
const CUT_MS = 2_000;
/** Of the baseline: one cut is enough. */
const SHORT = { messages: 24, cutEveryMs: 6_000 };
const DEADLINE_MS = 60_000;
const TEXT = 'x'.repeat(200);

interface Plan {
  readonly side: Side;
  readonly url: string;
  readonly agent: Agent | undefined;
  readonly speaker: Visitor | undefined;
  readonly clients: number;
  readonly messages: number;
  readonly cutEveryMs: number;
}
interface Outcome {
  readonly share: number;
  readonly replayP50Ms: number;
  readonly replayP99Ms: number;
  readonly replayMaxMs: number;
  readonly cuts: number;
}

let crowd: ReturningClient[] = [];
let speak: (at: number) => void = () => {};
/** Messages that exist. */
let newest = 0;

async function prepare({ side, url, agent, speaker, clients }: Plan): Promise<void> {
  newest = 0;
  const conversationId = speaker?.conversationId ?? '';
  crowd = Array.from({ length: clients }, () => {
    const path = (held: number) => `/ring/${held}`;
    return new ReturningClient({ side, url, person: agent, conversationId, path, onProgress }, 0);
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
  speak = await (speaker ? visitorSpeaks(url, speaker) : ringSpeaks(url));
}

let progress: (client: ReturningClient) => void = () => {};
const onProgress = (client: ReturningClient): void => progress(client);

async function visitorSpeaks(url: string, speaker: Visitor): Promise<(at: number) => void> {
  const { socket } = await connectInlay(url, speaker, (text) => {
    if (text.includes('"type":"error"')) throw new Error(text.slice(0, 300));
    if (text.includes('"type":"ok"')) newest += 1;
  });
  const start = `{"type":"message.send","conversationId":"${speaker.conversationId}",`;
  return (at) => {
    const rest = `"clientMessageId":"bench-wifi-${at}","content":{"kind":"text","text":"${TEXT}"}}`;
    socket.send(`${start}"ref":${at + 10},${rest}`);
  };
}

async function ringSpeaks(url: string): Promise<(at: number) => void> {
  const socket = new LeanSocket(`${url}/ring/publish`, { onText: () => {} });
  await socket.opened;
  return () => {
    newest += 1;
    socket.send(`{"text":"${TEXT}"}`);
  };
}

async function run({ clients, messages, cutEveryMs }: Plan): Promise<Outcome> {
  const replays: number[] = [];
  let cuts = 0;
  const speaking = (async () => {
    const begun = performance.now();
    for (let at = 0; at < messages; at++) {
      await wait(Math.max(0, begun + at * EVERY_MS - performance.now()));
      speak(at);
    }
  })();
  let over = false;
  void speaking.then(() => {
    over = true;
  });
  for (;;) {
    await Promise.race([speaking, wait(cutEveryMs)]);
    if (over) break;
    cuts += 1;
    for (const client of crowd) client.cut();
    await wait(CUT_MS);
    await comeBack(replays);
  }
  await until(
    () => newest >= messages,
    DEADLINE_MS,
    () => `${newest} of ${messages} messages were stored`,
  );
  const missing = () => crowd.reduce((sum, { held }) => sum + messages - Math.min(held, messages), 0);
  // What cannot be delivered is a figure, no failure.
  await until(
    () => missing() === 0,
    20_000,
    () => 'incomplete',
  ).catch(() => undefined);
  return {
    share: 100 * (1 - missing() / (clients * messages)),
    replayP50Ms: percentile(replays, 0.5),
    replayP99Ms: percentile(replays, 0.99),
    replayMaxMs: Math.max(...replays),
    cuts,
  };
}

/** All at once: the access point is there again. Each until it has what existed at that moment. */
async function comeBack(replays: number[]): Promise<void> {
  const begun = performance.now();
  const due = newest;
  const open = new Set(crowd);
  progress = (client) => {
    if (!client.settled || client.held < due || !open.delete(client)) return;
    replays.push(performance.now() - begun);
  };
  for (const client of crowd) client.come();
  await until(
    () => open.size === 0,
    DEADLINE_MS,
    () => `${open.size} clients did not come back`,
  );
}

async function measure(side: Side): Promise<Figures> {
  return withFolder(async (folder) => {
    const server = await Server.start(side, folder);
    try {
      const people: People =
        side === 'inlay' ? await server.people({ tenants: 1, visitors: 1, agents: 1 }) : { visitors: [], agents: [] };
      const plan: Plan = {
        side,
        url: server.url,
        agent: people.agents[0],
        speaker: people.visitors[0],
        clients: scaled(CLIENTS),
        ...(side === 'inlay' ? { messages: MESSAGES, cutEveryMs: CUT_EVERY_MS } : SHORT),
      };
      return await withLoad(async (load) => {
        await load.call('wifi.prepare', plan);
        await server.begin();
        const { share, ...rest } = await load.call<Outcome>('wifi.run', plan);
        return { share, ...rest, ...windowFigures(await server.end()) };
      });
    } finally {
      await (process.env.BENCH_PROFILE ? server.stop() : server.kill());
    }
  });
}

export const wifi: Benchmark = {
  name: 'wifi',
  title: 'Wi-Fi that breaks every 15 s',
  conditions: `${CLIENTS} clients in one conversation, ${MESSAGES} messages at 2/s, all connections cut every ${CUT_EVERY_MS / 1_000} s for ${CUT_MS / 1_000} s and back at once; replay: from then until a client has all that existed then; B: relay that replays from memory, one cut`,
  metrics: [
    { key: 'share', metric: 'delivered', unit: '%', digits: 3, least: atLeast(100, '%'), aim: atLeast(100, '%') },
    {
      key: 'replayP99Ms',
      metric: 'replay p99',
      unit: 'ms',
      digits: 0,
      least: atMost(3_000, 'ms'),
      aim: atMost(1_000, 'ms'),
    },
    { key: 'replayP50Ms', metric: 'replay p50', unit: 'ms', digits: 0 },
    { key: 'replayMaxMs', metric: 'replay, the last client', unit: 'ms', digits: 0 },
    loopDelay,
  ],
  measure,
  load: { 'wifi.prepare': prepare, 'wifi.run': run },
};
