import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { listen } from './listen.ts';

test('a websocket that is dialled before its door stands is refused, so that the client comes back', async () => {
  const { port, close } = await listen(() => {}, { port: 0, host: '', setting: 'PORT' });
  const socket = new WebSocket(`ws://localhost:${port}/v1/tenants/demo/socket`);
  const error = await new Promise<Error>((resolve) => socket.once('error', resolve));
  expect(error.message).toContain('503');
  await close(0);
});
