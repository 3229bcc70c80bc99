/**
 * One message, ten thousand receivers: the agents of one tenant. The baseline does the least that can be done: a frame that is
 * ready is written to each socket in a loop. The next message goes when the last receiver has this one.
 */
import { performance } from 'node:perf_hooks';
import { atLeastTimes, atMostTimes, type Benchmark, type Figures, loopDelay, type Side } from './harness/benchmark.ts';
import { type Crowd, openCrowd } from './harness/crowd.ts';
import { connectInlay } from './harness/inlay-socket.ts';
import { LeanSocket } from './harness/lean-socket.ts';
import type { People, Visitor } from './harness/people.ts';
import { Server, windowFigures, withFolder, withLoad } from './harness/server.ts';
import { mean, percentile, scaled } from './harness/statistics.ts';

const RECEIVERS = 10_000;
const MESSAGES = 40;
const WARM = 10;
const TEXT = 'x'.repeat(200);
const DEADLINE_MS = 30_000;

let received = 0;
let allAt = 0;
let expected = 0;
let speak: (index: number) => void = () => {};

async function prepare(crowd: Crowd & { readonly speaker: Visitor | undefined }): Promise<void> {
  await openCrowd(crowd, (text) => {
    for (let at = text.indexOf('"message.created"'); at >= 0; at = text.indexOf('"message.created"', at + 17))
      received += 1;
    if (received === expected) allAt = performance.now();
  });
  speak = await (crowd.speaker ? visitorSpeaks(crowd.url, crowd.speaker) : loopSpeaks(crowd.url));
}

async function visitorSpeaks(url: string, speaker: Visitor): Promise<(index: number) => void> {
  const { socket } = await connectInlay(url, speaker, (text) => {
    if (text.includes('"type":"error"')) throw new Error(text);
  });
  const begin = `{"type":"message.send","conversationId":"${speaker.conversationId}",`;
  const base = `${Date.now().toString(36)}-fan`;
  return (index) => {
    const content = `{"kind":"text","text":"${TEXT}"}`;
    socket.send(`${begin}"ref":${index + 10},"clientMessageId":"${base}-${index}","content":${content}}`);
  };
}

/** As large as the product's own frame. */
async function loopSpeaks(url: string): Promise<(index: number) => void> {
  const socket = new LeanSocket(`${url}/fan/trigger`, { onText: () => {} });
  await socket.opened;
  return (index) => {
    const id = 'c_0123456789abcdefghijkl';
    const message = {
      messageId: `${id}.${index}`,
      conversationId: id,
      seq: index,
      senderId: 'u_0123456789abcdefghijkl',
      clientMessageId: `m0123456-fan-${index}`,
      content: { kind: 'text', text: TEXT },
      sentAt: Date.now(),
    };
    socket.send(JSON.stringify({ type: 'message.created', message, revision: index + 1, previousRevision: index }));
  };
}

interface Spoken {
  readonly seconds: number;
  readonly lastMs: number[];
}

async function run({ from, count, receivers }: { from: number; count: number; receivers: number }): Promise<Spoken> {
  const lastMs: number[] = [];
  const begun = performance.now();
  for (let index = from; index < from + count; index++) {
    received = 0;
    allAt = 0;
    expected = receivers;
    const at = performance.now();
    speak(index);
    await everybodyHas();
    lastMs.push(allAt - at);
  }
  return { seconds: (performance.now() - begun) / 1_000, lastMs };
}

async function everybodyHas(): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (allAt === 0) {
    if (performance.now() > deadline) throw new Error(`${received} of ${expected} deliveries came`);
    await new Promise(setImmediate);
  }
}

async function measure(side: Side): Promise<Figures> {
  return withFolder(async (folder) => {
    const server = await Server.start(side, folder);
    try {
      const people: People =
        side === 'inlay' ? await server.people({ tenants: 1, visitors: 1, agents: 1 }) : { visitors: [], agents: [] };
      const receivers = scaled(RECEIVERS);
      const crowd = Array.from({ length: receivers }, () => people.agents[0]);
      return await withLoad(async (load) => {
        const speaker = people.visitors[0];
        await load.call('fanout.prepare', { side, url: server.url, people: crowd, path: '/fan', speaker });
        await load.call('fanout.run', { from: 0, count: WARM, receivers });
        await server.begin();
        const { seconds, lastMs } = await load.call<Spoken>('fanout.run', { from: WARM, count: MESSAGES, receivers });
        const window = await server.end();
        return {
          deliveriesPerSecond: (MESSAGES * receivers) / seconds,
          lastP50Ms: percentile(lastMs, 0.5),
          lastMaxMs: Math.max(...lastMs),
          lastMeanMs: mean(lastMs),
          cpuSecondsPer10k: (window.cpuSeconds * 10_000) / (MESSAGES * receivers),
          ...windowFigures(window),
        };
      });
    } finally {
      await (process.env.BENCH_PROFILE ? server.stop() : server.kill());
    }
  });
}

export const fanout: Benchmark = {
  name: 'fanout',
  title: 'Fan-out to 10,000',
  conditions: `one message of 200 bytes to ${RECEIVERS} sockets of a tenant's agents, ${MESSAGES} messages one after the other after ${WARM}; B: one ready frame of the same size, socket.write in a loop`,
  metrics: [
    {
      key: 'deliveriesPerSecond',
      metric: 'deliveries',
      unit: '1/s',
      digits: 0,
      least: atLeastTimes(0.8),
      aim: atLeastTimes(0.95),
    },
    { key: 'lastP50Ms', metric: 'last receiver p50', unit: 'ms', digits: 0, least: atMostTimes(1.3) },
    { key: 'lastMaxMs', metric: 'last receiver, the worst', unit: 'ms', digits: 0 },
    { key: 'cpuSecondsPer10k', metric: 'CPU per 10,000 deliveries', unit: 's', digits: 3 },
    loopDelay,
  ],
  measure,
  load: { 'fanout.prepare': prepare, 'fanout.run': run },
};
