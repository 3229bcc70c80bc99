/** An operator who restarts the server waits for it no longer than it needs. */
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { startChildServer } from '../support/server.ts';

/** Far below SHUTDOWN_MS, far above what a busy machine needs. */
const SOON_MS = 5_000;

test('SIGTERM ends the server at once, though a browser holds a connection that it opened ahead', async () => {
  const server = await startChildServer();
  const spare = connect(Number(new URL(server.url).port), 'localhost');
  spare.on('error', () => 'cut by the server, as it should be');
  await new Promise((resolve) => spare.once('connect', resolve));
  const begun = performance.now();
  expect(await server.stop()).toBe(0);
  expect(performance.now() - begun).toBeLessThan(SOON_MS);
});
