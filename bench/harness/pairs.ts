/**
 * The shape of throughput, latency and saturation: pairs of a sender and a receiver, 200 bytes a message. A pair of ours is a visitor
 * and the agent of a tenant of its own, since an agent hears of all that is said in the tenant. A message is done when the
 * receiver has it; that each came once, in order, and was acknowledged is checked at the end.
 */
import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import type { Figures, Side } from './benchmark.ts';
import { connectInlay, until } from './inlay-socket.ts';
import { frameOf, LeanSocket } from './lean-socket.ts';
import type { People } from './people.ts';
import { Server, type Window, windowFigures, withFolder, withLoad } from './server.ts';
import { mean, percentile, scaled } from './statistics.ts';

export const PAIRS = 100;
const DIGITS = 8;
const FILLING = 'x'.repeat(200 - DIGITS);
const DRAIN_MS = 20_000;

interface Target {
  readonly side: Side;
  readonly url: string;
  readonly people: People;
  readonly pairs: number;
}
type Profile =
  | { readonly kind: 'closed'; readonly inFlight: number; readonly ms: number }
  | { readonly kind: 'open'; readonly perSecond: number; readonly ms: number };
export interface Outcome {
  readonly messages: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly meanMs: number;
}

class Pair {
  sent = 0;
  delivered = 0;
  acknowledged = 0;
  readonly #sentAt: number[] = [];
  #waiting: Buffer[] = [];
  #flushing = false;
  #sender: LeanSocket | undefined;

  constructor(
    private readonly start: string,
    private readonly idBase: string,
    private readonly onDelivered: (pair: Pair, sentAt: number) => void,
  ) {}

  set sender(socket: LeanSocket) {
    this.#sender = socket;
  }

  /** `at`: when it should have been sent. */
  send(at: number): void {
    const index = this.sent;
    this.sent += 1;
    this.#sentAt[index] = at;
    const text = String(index).padStart(DIGITS, '0') + FILLING;
    const id = `${this.idBase}-${index}`;
    const rest = `"clientMessageId":"${id}","content":{"kind":"text","text":"${text}"}}`;
    this.#waiting.push(frameOf(`${this.start}"ref":${index + 100},${rest}`));
    if (this.#flushing) return;
    this.#flushing = true;
    // After all that came in one read: one system call, as any client that answers a batch would make.
    queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    this.#flushing = false;
    this.#sender?.write(this.#waiting.length === 1 ? (this.#waiting[0] as Buffer) : Buffer.concat(this.#waiting));
    this.#waiting = [];
  }

  readonly onReceived = (text: string): void => {
    for (let at = text.indexOf('"message.created"'); at >= 0; at = text.indexOf('"message.created"', at)) {
      at = text.indexOf('"text":"', at) + 8;
      const index = Number(text.slice(at, at + DIGITS));
      if (index !== this.delivered) throw new Error(`message ${index} came where ${this.delivered} was due`);
      this.delivered += 1;
      this.onDelivered(this, this.#sentAt[index] ?? 0);
    }
  };

  readonly onAnswer = (text: string): void => {
    for (let at = text.indexOf('"type":"ok"'); at >= 0; at = text.indexOf('"type":"ok"', at + 11))
      this.acknowledged += 1;
    if (text.includes('"type":"error"')) throw new Error(`refused: ${text.slice(0, 300)}`);
  };
}

let pairs: Pair[] = [];
let onDelivered: (pair: Pair, sentAt: number) => void = () => {};

async function prepare({ side, url, people, pairs: count }: Target): Promise<void> {
  pairs = [];
  const idBase = `${Date.now().toString(36)}-bench`;
  for (let at = 0; at < count; at++) {
    const visitor = people.visitors[at];
    const conversation = visitor ? `"conversationId":"${visitor.conversationId}",` : '';
    const pair = new Pair(`{"type":"message.send",${conversation}`, `${idBase}${at}`, (...told) =>
      onDelivered(...told),
    );
    if (side === 'baseline') {
      const receiver = new LeanSocket(`${url}/pair/${at}/receiver`, { onText: pair.onReceived });
      await receiver.opened;
      const sender = new LeanSocket(`${url}/pair/${at}/sender`, { onText: pair.onAnswer });
      await sender.opened;
      pair.sender = sender;
    } else if (visitor) {
      await connectInlay(url, people.agents[at] ?? visitor, pair.onReceived);
      pair.sender = (await connectInlay(url, visitor, pair.onAnswer)).socket;
    }
    pairs.push(pair);
  }
  // The first message of a conversation changes more than later ones do.
  for (const pair of pairs) pair.send(performance.now());
  await drained();
}

async function drained(): Promise<void> {
  const missing = (key: 'delivered' | 'acknowledged') => pairs.reduce((sum, pair) => sum + pair.sent - pair[key], 0);
  await until(
    () => missing('delivered') <= 0 && missing('acknowledged') <= 0,
    DRAIN_MS,
    () => `lost: ${missing('delivered')} deliveries, ${missing('acknowledged')} acknowledgements`,
  );
}

async function run(profile: Profile): Promise<Outcome> {
  const latencies: number[] = [];
  const begun = performance.now();
  const end = begun + profile.ms;
  let inTime = 0;
  onDelivered = (pair, sentAt) => {
    const now = performance.now();
    latencies.push(now - sentAt);
    if (now > end) return;
    inTime += 1;
    if (profile.kind === 'closed') pair.send(now);
  };
  if (profile.kind === 'closed') {
    for (const pair of pairs) for (let each = 0; each < profile.inFlight; each++) pair.send(begun);
    await new Promise((resolve) => setTimeout(resolve, profile.ms));
  } else {
    await paced(profile.perSecond, profile.ms);
  }
  await drained();
  onDelivered = () => {};
  const messages = latencies.length;
  return {
    messages: profile.kind === 'closed' ? inTime : messages,
    seconds: profile.ms / 1_000,
    meanMs: mean(latencies),
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
  };
}

/**
 * A thread that only sleeps and calls: a timer of this event loop would be late by up to a millisecond, which is what is to be
 * measured. A message counts from when it was due, however late the call came.
 */
const sleeper = `
const { parentPort, workerData: { everyMs, count, begin } } = require('node:worker_threads');
const cell = new Int32Array(new SharedArrayBuffer(4));
const now = () => performance.timeOrigin + performance.now();
for (let at = 0; at < count; at++) {
  const left = begin + at * everyMs - now();
  if (left > 0) Atomics.wait(cell, 0, 0, left);
  parentPort.postMessage(at);
}
`;

async function paced(perSecond: number, ms: number): Promise<void> {
  const everyMs = 1_000 / perSecond;
  const begin = performance.timeOrigin + performance.now() + 200;
  const count = Math.round((ms / 1_000) * perSecond);
  const worker = new Worker(sleeper, { eval: true, workerData: { everyMs, count, begin } });
  worker.on('message', (at: number) => {
    pairs[at % pairs.length]?.send(begin + at * everyMs - performance.timeOrigin);
  });
  await new Promise<void>((resolve, reject) => {
    worker.once('exit', () => resolve());
    worker.once('error', reject);
  });
}

export const pairsLoad = { 'pairs.prepare': prepare, 'pairs.run': run };

/** Warm, then measured. */
export async function measurePairs(side: Side, profile: Profile, warmMs: number): Promise<Figures> {
  const count = Math.min(PAIRS, scaled(PAIRS));
  return withFolder(async (folder) => {
    const server = await Server.start(side, folder);
    try {
      const nobody: People = { visitors: [], agents: [] };
      const people = side === 'inlay' ? await server.people({ tenants: count, visitors: 1, agents: 1 }) : nobody;
      return await withLoad(async (load) => {
        await load.call('pairs.prepare', { side, url: server.url, people, pairs: count });
        await load.call('pairs.run', { ...profile, ms: warmMs });
        await server.begin();
        const outcome = await load.call<Outcome>('pairs.run', profile);
        return figuresOf(outcome, await server.end());
      });
    } finally {
      await (process.env.BENCH_PROFILE ? server.stop() : server.kill());
    }
  });
}

function figuresOf({ messages, seconds, p50Ms, p99Ms, meanMs }: Outcome, window: Window): Figures {
  return {
    messagesPerSecond: messages / seconds,
    cpuSecondsPer10k: (window.cpuSeconds * 10_000) / messages,
    p50Ms,
    p99Ms,
    meanMs,
    ...windowFigures(window),
  };
}
