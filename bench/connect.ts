/** A device comes back: upgrade, hello with its token, and what changed since (nothing). All stay connected. */
import { performance } from 'node:perf_hooks';
import { atLeast, atMost, type Benchmark, type Figures, loopDelay, type Side } from './harness/benchmark.ts';
import { cohort, type Held } from './harness/cohort.ts';
import { type Crowd, pooled } from './harness/crowd.ts';
import { helloOf, socketUrl } from './harness/inlay-socket.ts';
import { LeanSocket } from './harness/lean-socket.ts';
import { Server, windowFigures, withFolder, withLoad } from './harness/server.ts';
import { percentile, scaled } from './harness/statistics.ts';

const CLIENTS = 10_000;
const WARM = 1_500;
const TOGETHER = 100;

interface Came {
  readonly seconds: number;
  readonly p99Ms: number;
}

/** One answer to one message. */
class Answer {
  #told: (text: string) => void = () => {};
  readonly onText = (text: string): void => this.#told(text);
  next(): Promise<string> {
    return new Promise((resolve) => {
      this.#told = resolve;
    });
  }
}

async function resume(url: string, visitor: Held): Promise<void> {
  const { conversationId, tenantId, revision } = visitor;
  const resumed = new Promise<void>((resolve, reject) => {
    const onText = (text: string) => {
      if (text.includes('"type":"error"')) reject(new Error(`no resume: ${text.slice(0, 300)}`));
      if (text.includes('"reset":false')) resolve();
    };
    const socket = new LeanSocket(socketUrl(url, tenantId), { onText });
    const held = `[{"conversationId":"${conversationId}","seq":1}]`;
    const changes = `{"type":"conversation.changes","ref":2,"after":${revision},"held":${held}}`;
    socket.opened.then(() => socket.send(helloOf(visitor), changes), reject);
  });
  await resumed;
}

async function echo(url: string): Promise<void> {
  const answer = new Answer();
  const socket = new LeanSocket(`${url}/echo`, { onText: answer.onText });
  await socket.opened;
  const answered = answer.next();
  socket.send('{"type":"hello"}');
  await answered;
}

async function comeBack({ side, url, people }: Crowd): Promise<Came> {
  const times: number[] = [];
  const begun = performance.now();
  await pooled(people, TOGETHER, async (person) => {
    const at = performance.now();
    await (side === 'inlay' ? resume(url, person as Held) : echo(url));
    times.push(performance.now() - at);
  });
  return { seconds: (performance.now() - begun) / 1_000, p99Ms: percentile(times, 0.99) };
}

async function measure(side: Side): Promise<Figures> {
  const { folder: prepared, visitors } = await cohort();
  return withFolder(async (folder) => {
    const server = await Server.start(side, folder);
    try {
      return await withLoad(async (load) => {
        const crowd = (from: number, to: number): Crowd => ({
          side,
          url: server.url,
          people: visitors.slice(from, to),
          path: '/echo',
        });
        await load.call('connect.run', crowd(0, scaled(WARM)));
        await server.begin();
        const clients = crowd(scaled(WARM), scaled(WARM) + scaled(CLIENTS));
        const { seconds, p99Ms } = await load.call<Came>('connect.run', clients);
        const window = await server.end();
        const count = clients.people.length;
        return {
          cpuSecondsPer10k: (window.cpuSeconds * 10_000) / count,
          perSecond: count / seconds,
          p99Ms,
          ...windowFigures(window),
        };
      });
    } finally {
      await (process.env.BENCH_PROFILE ? server.stop() : server.kill());
    }
  }, prepared);
}

export const connect: Benchmark = {
  name: 'connect',
  title: 'Connect and resume',
  conditions: `${CLIENTS} visitors after ${WARM}, ${TOGETHER} at a time: upgrade, then at once hello with token and conversation.changes with one held conversation; B: upgrade and one echo`,
  metrics: [
    {
      key: 'cpuSecondsPer10k',
      metric: 'CPU per 10,000 connections',
      unit: 's',
      digits: 2,
      least: atMost(2.8, 's'),
      aim: atMost(2, 's'),
    },
    { key: 'perSecond', metric: 'connections resumed', unit: '1/s', digits: 0, least: atLeast(2_000, '1/s') },
    { key: 'p99Ms', metric: 'p99 of one', unit: 'ms', digits: 1 },
    loopDelay,
  ],
  measure,
  load: { 'connect.run': comeBack },
};
