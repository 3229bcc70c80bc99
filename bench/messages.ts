/**
 * What a durable message costs, as a ratio to a bare websocket relay measured in the same run.
 *
 *     npm run bench
 *
 * Both do the same work for the same clients: PAIRS senders keep IN_FLIGHT messages of 200 bytes under way each, and every
 * message is acknowledged to its sender and delivered to one receiver. The baseline parses, stamps, acknowledges and delivers;
 * ours also checks token, tenant, rights and repeats, numbers the message, and has it on the disk (SQLite, synchronous=FULL)
 * before the acknowledgement. Judge by CPU seconds per 10,000 messages, which a busy machine moves little.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { newAgent, newClientMessageId, newVisitor } from '../test/support/raw-client.ts';

const PAIRS = 50;
const IN_FLIGHT = 10;
const SECONDS = 8;
const ROUNDS = 3;
const BODY = 'x'.repeat(200);

interface Figures {
  readonly messagesPerSecond: number;
  readonly cpuSecondsPer10k: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

interface Server {
  readonly url: string;
  readonly account: string;
  readonly password: string;
  readonly process: ChildProcess;
}

async function startServer(kind: 'relay' | 'inlay', dataDir: string): Promise<Server> {
  const child = fork(join(import.meta.dirname, 'server-under-test.js'), [kind, dataDir], {
    execArgv: process.execArgv,
  });
  const ready = await new Promise<Omit<Server, 'process'>>((resolve) => {
    child.once('message', (message) => resolve(message as Omit<Server, 'process'>));
  });
  return { ...ready, process: child };
}

const cpuSeconds = (child: ChildProcess): Promise<number> =>
  new Promise((resolve) => {
    child.once('message', (message) => resolve(message as number));
    child.send('cpu');
  });

/** `send` resolves when the message is acknowledged. */
async function load(server: Server, senders: readonly (() => Promise<void>)[]): Promise<Figures> {
  const latencies: number[] = [];
  const before = await cpuSeconds(server.process);
  const end = performance.now() + SECONDS * 1_000;
  await Promise.all(
    senders.flatMap((send) =>
      Array.from({ length: IN_FLIGHT }, async () => {
        while (performance.now() < end) {
          const begun = performance.now();
          await send();
          latencies.push(performance.now() - begun);
        }
      }),
    ),
  );
  const cpu = (await cpuSeconds(server.process)) - before;
  latencies.sort((one, other) => one - other);
  const at = (share: number) => latencies[Math.floor(share * (latencies.length - 1))] ?? 0;
  return {
    messagesPerSecond: latencies.length / SECONDS,
    cpuSecondsPer10k: (cpu * 10_000) / latencies.length,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
  };
}

async function relaySender(url: string, pair: number): Promise<() => Promise<void>> {
  const open = async (role: string) => {
    const socket = new WebSocket(`${url}/${role}/${pair}`);
    await new Promise((resolve) => socket.once('open', resolve));
    return socket;
  };
  await open('receiver');
  const socket = await open('sender');
  const waiting = new Map<number, () => void>();
  let ref = 0;
  socket.on('message', (data) => {
    const answer = JSON.parse(data.toString()) as { ref: number };
    waiting.get(answer.ref)?.();
    waiting.delete(answer.ref);
  });
  return () =>
    new Promise((resolve) => {
      ref += 1;
      waiting.set(ref, resolve);
      socket.send(JSON.stringify({ type: 'message.send', ref, clientMessageId: newClientMessageId(), text: BODY }));
    });
}

async function inlaySender(url: string): Promise<() => Promise<void>> {
  const { client, session } = await newVisitor(url, 'demo');
  const { conversationId } = session.conversation;
  return async () => {
    const content = { kind: 'text', text: BODY };
    await client.request('message.send', { conversationId, clientMessageId: newClientMessageId(), content });
    // A bench is no test: what came is not looked at again.
    client.frames.length = 0;
  };
}

async function measure(kind: 'relay' | 'inlay'): Promise<Figures> {
  const dataDir = mkdtempSync(join(tmpdir(), 'inlay-bench-'));
  const server = await startServer(kind, dataDir);
  try {
    if (kind === 'inlay') await newAgent(server.url, 'demo', server);
    const senders: (() => Promise<void>)[] = [];
    for (let pair = 0; pair < PAIRS; pair++)
      senders.push(kind === 'relay' ? await relaySender(server.url, pair) : await inlaySender(server.url));
    return await load(server, senders);
  } finally {
    server.process.kill('SIGKILL');
    rmSync(dataDir, { recursive: true, force: true });
  }
}

const median = (values: readonly number[]) =>
  [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;

const rounds: { relay: Figures; inlay: Figures }[] = [];
for (let round = 0; round < ROUNDS; round++)
  rounds.push({ relay: await measure('relay'), inlay: await measure('inlay') });
const of = (kind: 'relay' | 'inlay', name: keyof Figures) => median(rounds.map((round) => round[kind][name]));
const ratio = (name: keyof Figures) => median(rounds.map((round) => round.inlay[name] / round.relay[name]));

console.log(
  `${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.version}; median of ${ROUNDS} rounds of ${SECONDS} s`,
);
console.log(`${PAIRS} senders, ${IN_FLIGHT} in flight each, ${BODY.length} bytes\n`);
console.log('| | bare ws relay | Inlay, SQLite FULL | ratio |\n|---|---|---|---|');
for (const [name, words, digits] of [
  ['messagesPerSecond', 'messages/s', 0],
  ['cpuSecondsPer10k', 'CPU s per 10,000', 2],
  ['p50Ms', 'p50 ms to the acknowledgement', 1],
  ['p99Ms', 'p99 ms to the acknowledgement', 1],
] as const)
  console.log(
    `| ${words} | ${of('relay', name).toFixed(digits)} | ${of('inlay', name).toFixed(digits)} | ${ratio(name).toFixed(2)} |`,
  );
process.exit(0);
