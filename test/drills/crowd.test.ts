/** When all come back at once, the system holds those whom the process could not accept yet, instead of dropping them. */
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { newVisitor } from '../support/raw-client.ts';
import { type ChildServer, startChildServer } from '../support/server.ts';

let server: ChildServer;
const crowd: Socket[] = [];

beforeAll(async () => {
  server = await startChildServer();
});
afterAll(async () => {
  for (const socket of crowd) socket.destroy();
  await server?.stop();
});

/** More than the system would hold were it not asked to; fewer where it may not. */
const CROWD = Math.min(2_000, Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8')));

test('two thousand who come while the process stands still are connected, and it goes on', async () => {
  const port = Number(new URL(server.url).port);
  process.kill(server.pid(), 'SIGSTOP');
  let connected = 0;
  try {
    for (let count = 0; count < CROWD; count++) {
      const socket = connect({ host: 'localhost', port }, () => connected++);
      socket.on('error', () => {});
      crowd.push(socket);
    }
    await eventually('all are connected', () => connected === CROWD);
  } finally {
    process.kill(server.pid(), 'SIGCONT');
  }
  const { client } = await newVisitor(server.url, server.tenantId);
  expect(await client.request('ping')).toBeDefined();
  await client.close();
});
