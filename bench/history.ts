/**
 * A page of an old conversation that nobody has looked at for long: how its cost grows with all that is stored. The baseline is the
 * product itself over a thousandth of the messages.
 *
 * Cold: the server starts anew for each few fetches, and before each fetch the system is asked to forget its copy of the
 * file (posix_fadvise, by dd). Cached: the file is in the system's memory, each conversation is asked for once.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { type Archive, archive, conversationId, LENGTH } from './harness/archive.ts';
import { atMostTimes, type Benchmark, type Figures, type Side } from './harness/benchmark.ts';
import type { Child } from './harness/child.ts';
import { connectInlay } from './harness/inlay-socket.ts';
import type { LeanSocket } from './harness/lean-socket.ts';
import type { Agent } from './harness/people.ts';
import { Server, withLoad } from './harness/server.ts';
import { percentile, scaled } from './harness/statistics.ts';

const LARGE = 10_000_000;
const SMALL = 10_000;
const PAGE = 50;
const ROUNDS = 8;
/** Of each kind, in one life of the server. */
const COLD_FETCHES = 5;
const CACHED_FETCHES = 1_000;
const WARM = 150;

interface Fetch {
  readonly conversationId: string;
  /** The newest page without it. */
  readonly before: number | undefined;
}

let socket: LeanSocket | undefined;
let answered: (text: string) => void = () => {};
let ref = 10;

async function open({ url, agent }: { url: string; agent: Agent }): Promise<void> {
  socket = (await connectInlay(url, agent, (text) => answered(text))).socket;
}

async function fetchPage({ conversationId: id, before }: Fetch): Promise<number> {
  ref += 1;
  const answer = new Promise<string>((resolve) => {
    answered = resolve;
  });
  const where = before === undefined ? '' : `,"before":${before}`;
  const begun = performance.now();
  socket?.send(`{"type":"message.list","ref":${ref},"conversationId":"${id}","limit":${PAGE}${where}}`);
  const text = await answer;
  const took = performance.now() - begun;
  const first = `"seq":${(before ?? LENGTH + 1) - PAGE},`;
  if (!text.includes(first) || text.split('"clientMessageId"').length !== PAGE + 1)
    throw new Error(`not the page asked for: ${text.slice(0, 300)}`);
  return took;
}

function forget(folder: string): void {
  const file = join(folder, 'inlay.db');
  execFileSync('dd', [`of=${file}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0'], { stdio: 'ignore' });
}

/** Into the system's memory. */
function readThrough(folder: string): void {
  execFileSync('dd', [`if=${join(folder, 'inlay.db')}`, 'of=/dev/null', 'bs=1M'], { stdio: 'ignore' });
}

const middle = Math.round(LENGTH / 2) + 1;

class Reader {
  /** Each is asked for once, as long as there are enough; those at the end warm the code. */
  #next = 0;
  readonly newest: number[] = [];
  readonly older: number[] = [];

  constructor(private readonly archive: Archive) {}

  #take(): string {
    this.#next += 1;
    // Far from each other: neighbours were stored side by side.
    return conversationId((this.#next * 7_919) % Math.max(1, this.archive.conversations - 1));
  }

  async warm(load: Child): Promise<void> {
    const id = conversationId(this.archive.conversations - 1);
    for (let count = 0; count < WARM; count++) await this.#fetch(load, id, count % 2 ? middle : undefined);
  }

  async read(load: Child, count: number, before: () => void): Promise<void> {
    for (let at = 0; at < count; at++) {
      before();
      this.newest.push(await this.#fetch(load, this.#take(), undefined));
      before();
      this.older.push(await this.#fetch(load, this.#take(), middle));
    }
  }

  #fetch(load: Child, id: string, before: number | undefined): Promise<number> {
    return load.call<number>('history.fetch', { conversationId: id, before } satisfies Fetch);
  }
}

async function withReader(from: Archive, reader: Reader, work: (load: Child) => Promise<void>): Promise<void> {
  const server = await Server.start('inlay', from.folder);
  try {
    await withLoad(async (load) => {
      await load.call('history.open', { url: server.url, agent: await server.signedIn(from.agent) });
      await reader.warm(load);
      await work(load);
    });
  } finally {
    await server.stop();
  }
}

async function measure(side: Side): Promise<Figures> {
  const from = await archive(side === 'baseline' ? SMALL : scaled(LARGE));
  const cold = new Reader(from);
  for (let round = 0; round < ROUNDS; round++)
    await withReader(from, cold, (load) => cold.read(load, COLD_FETCHES, () => forget(from.folder)));
  readThrough(from.folder);
  const cached = new Reader(from);
  await withReader(from, cached, (load) => cached.read(load, scaled(CACHED_FETCHES), () => {}));
  return {
    coldNewestP50Ms: percentile(cold.newest, 0.5),
    coldNewestP99Ms: percentile(cold.newest, 0.99),
    coldMiddleP50Ms: percentile(cold.older, 0.5),
    coldMiddleP99Ms: percentile(cold.older, 0.99),
    cachedNewestP50Ms: percentile(cached.newest, 0.5),
    cachedNewestP99Ms: percentile(cached.newest, 0.99),
    cachedMiddleP50Ms: percentile(cached.older, 0.5),
    cachedMiddleP99Ms: percentile(cached.older, 0.99),
  };
}

const goal = { least: atMostTimes(1.5), aim: atMostTimes(1.1) };
const unit = { unit: 'ms', digits: 2 };

export const history: Benchmark = {
  name: 'history',
  title: `A page from ${LARGE.toLocaleString('en')} messages`,
  conditions: `${PAGE} messages of a conversation of ${LENGTH}, over the socket, from ${LARGE} stored messages; B: the same from ${SMALL}. Cold: server new for each ${COLD_FETCHES * 2} fetches, file evicted by posix_fadvise before each; cached: file in the system's memory`,
  metrics: [
    { key: 'coldNewestP50Ms', metric: 'cold, newest page, p50', ...unit, ...goal },
    { key: 'coldNewestP99Ms', metric: 'cold, newest page, p99', ...unit },
    { key: 'coldMiddleP50Ms', metric: 'cold, a page in the middle, p50', ...unit, ...goal },
    { key: 'coldMiddleP99Ms', metric: 'cold, a page in the middle, p99', ...unit },
    { key: 'cachedNewestP50Ms', metric: 'cached, newest page, p50', ...unit, ...goal },
    { key: 'cachedNewestP99Ms', metric: 'cached, newest page, p99', ...unit, ...goal },
    { key: 'cachedMiddleP50Ms', metric: 'cached, a page in the middle, p50', ...unit, ...goal },
    { key: 'cachedMiddleP99Ms', metric: 'cached, a page in the middle, p99', ...unit, ...goal },
  ],
  measure,
  load: { 'history.open': open, 'history.fetch': fetchPage },
};
