/**
 * Sockets that are dead without having been closed: nothing goes up, nothing comes down, or the whole process of a client stands
 * still. The heartbeat finds them, on the server's side and on the client's, and whoever returns has everything.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { fault } from '../support/faults.ts';
import type { SimulatedClient } from '../support/simulation-client.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';

const INTERVAL_MS = 1_000;
const TIMEOUT_MS = 800;
/** Interval, timeout, and what a busy machine needs. */
const FOUND_MS = (INTERVAL_MS + TIMEOUT_MS) * 2 + 3_000;
const HEARTBEAT_TIMEOUT = 4002;

/** A client in a process of its own that prints the seq of what it hears, and the code of its close. */
const LISTENER = `
  const { WebSocket } = require('ws');
  const [url, token] = process.argv.slice(1);
  const socket = new WebSocket(url);
  socket.on('open', () => socket.send(JSON.stringify({ type: 'hello', ref: 1, protocol: { major: 1, minor: 0 }, auth: { kind: 'visitor', token } })));
  socket.on('message', (data) => {
    for (const frame of [JSON.parse(data)].flat()) {
      if (frame.type === 'ok') console.log('welcome');
      if (frame.type === 'message.created') console.log('seq ' + frame.message.seq);
    }
  });
  socket.on('close', (code) => { console.log('closed ' + code); process.exit(0); });
`;

async function listener(visitor: SimulatedClient, url: string) {
  const address = `${url.replace(/^http/, 'ws')}/v1/tenants/${visitor.tenantId}/socket`;
  const child = spawn(process.execPath, ['-e', LISTENER, address, visitor.token ?? ''], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  createInterface(child.stdout).on('line', (line) => lines.push(line));
  await eventually('a welcome', () => lines.includes('welcome'));
  return { child, lines };
}

fault('one-way silence', { short: { messages: 4_000 }, long: { messages: 15_000, rounds: 3 } }, async (run) => {
  const env = { HEARTBEAT_INTERVAL_MS: `${INTERVAL_MS}`, HEARTBEAT_TIMEOUT_MS: `${TIMEOUT_MS}`, LOG_LEVEL: 'debug' };
  const world = await run.world({ tenants: 2, env });
  const proxy = await TcpProxy.start(world.url);
  run.after(() => proxy.stop());
  await world.populate(4);
  const near = [...world.clients];
  const behind = world.tenants.flatMap((tenant) =>
    Array.from({ length: 4 }, () => world.visitor(tenant, { url: () => proxy.url, heartbeatMs: INTERVAL_MS })),
  );
  await world.everybodyResumed();
  const [frozen] = near.filter(({ log }) => log.sees !== 'tenant') as [SimulatedClient];
  const { child, lines } = await listener(frozen, world.url);
  run.after(() => child.kill('SIGKILL'));
  const dropped = () => world.child.output().split('"closed":"heartbeat-timeout"').length - 1;
  const write = async () => {
    world.converse(Math.round(run.messages / 4));
    await world.reached(world.acked + Math.round(run.messages / 8));
  };

  child.kill('SIGSTOP');
  await write();
  await eventually('the server finds the frozen process', () => dropped() >= 1, FOUND_MS);
  child.kill('SIGCONT');
  await once(child, 'exit');
  expect([HEARTBEAT_TIMEOUT, 1006]).toContain(Number(lines.at(-1)?.split(' ')[1]));

  for (const directions of [['up'], ['down'], ['up', 'down']] as const) {
    const closes = behind.map((client) => client.closes.length);
    const known = dropped();
    proxy.silence(...directions);
    await write();
    await eventually('the server finds the silent sockets', () => dropped() >= known + behind.length, FOUND_MS);
    const noticed = () => behind.every((client, index) => client.closes.length > (closes[index] ?? 0));
    // What comes down tells them nothing here: they find out by themselves.
    if (directions.some((direction) => direction === 'down'))
      await eventually('the clients find out', noticed, FOUND_MS);
    proxy.speak();
    await eventually('the clients know', noticed, FOUND_MS);
    await world.everybodyResumed();
    run.note(`silence ${directions.join(' and ')}`);
  }
  expect(near.every(({ closes }) => closes.length === 0)).toBe(true);
  await run.finish(world);
});
