/** What was written arrives: in the order of writing, once, through cuts, reloads and lost answers. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createMemoryCache } from '../../client/cache.ts';
import type { DownFrame } from '../../protocol/down.ts';
import { Devices, hasStored, isOpen, Network, textsOf, timelineOf, write } from '../support/node-client.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';

let server: TestServer;
let devices: Devices;

beforeAll(async () => {
  server = await startServer();
  devices = new Devices(server);
});
afterEach(() => devices.stop());
afterAll(() => server.stop());

/** What the server has, as somebody with an empty cache sees it. */
async function fresh(session: string | undefined) {
  return devices.visitor(session === undefined ? {} : { session });
}

test('three messages written offline, then a reload, then the network: three messages, in order, once', async () => {
  const cache = createMemoryCache();
  const before = await devices.visitor({ cache });
  write(before, 'zero');
  await hasStored(before, 1);
  before.network.cut();
  for (const text of ['one', 'two', 'three']) write(before, text);
  await before.client.stop();

  const offline = new Network();
  offline.cut();
  const after = await devices.visitor({ cache, network: offline });
  expect(textsOf(after)).toEqual(['zero', 'one', 'two', 'three']);
  offline.restore();
  after.client.wake();
  await hasStored(after, 4);
  const other = await fresh(after.client.session.value);
  await hasStored(other, 4);
  expect(textsOf(other)).toEqual(['zero', 'one', 'two', 'three']);
});

test('the very first messages may be written offline, and reloaded, before there is anybody', async () => {
  const cache = createMemoryCache();
  const offline = new Network();
  offline.cut();
  const before = await devices.visitor({ cache, network: offline });
  for (const text of ['one', 'two']) write(before, text);
  await before.client.stop();
  const after = await devices.visitor({ cache });
  await hasStored(after, 2);
  expect(textsOf(after)).toEqual(['one', 'two']);
});

test('a message whose answer was lost is not stored twice', async () => {
  const device = await devices.visitor();
  write(device, 'zero');
  await hasStored(device, 1);
  let lost = 0;
  const isAnswer = (frame: DownFrame) => frame.type === 'ok' || frame.type === 'message.created';
  device.network.loses = (frame) => isAnswer(frame) && ++lost > 0;
  write(device, 'one');
  const agent = await devices.agent();
  await agent.client.listConversations('all');
  const conversationId = device.client.ownConversationId();
  if (conversationId === 'new') throw new Error('There is no conversation.');
  await waitFor('the message at the agent', () => agent.client.conversations.value.get(conversationId)?.lastSeq === 2);
  device.network.loses = () => false;
  device.network.cut();
  device.network.restore();
  device.client.wake();
  await hasStored(device, 2);
  expect(lost).toBeGreaterThan(0);
  const other = await fresh(device.client.session.value);
  await hasStored(other, 2);
  expect(textsOf(other)).toEqual(['zero', 'one']);
});

test('many messages written at once arrive in the order of writing', async () => {
  const device = await devices.visitor();
  const texts = Array.from({ length: 30 }, (_, index) => `message ${index}`);
  for (const text of texts) write(device, text);
  await waitFor('all of them', () => timelineOf(device).entries.every(({ seq }) => seq !== undefined), 20_000);
  expect(textsOf(device)).toEqual(texts);
});

test('a connection that breaks again and again delays messages and loses none', async () => {
  const device = await devices.visitor();
  write(device, 'message 0');
  await hasStored(device, 1);
  for (let index = 1; index <= 5; index++) {
    write(device, `message ${index}`);
    device.network.cut();
    device.network.restore();
    device.client.wake();
    await isOpen(device);
  }
  await hasStored(device, 6);
  expect(textsOf(device)).toEqual(Array.from({ length: 6 }, (_, index) => `message ${index}`));
});

test('what the server refuses is shown as failed, does not stand in the way, and can be taken back', async () => {
  const device = await devices.visitor();
  const key = write(device, 'x'.repeat(100_000));
  write(device, 'fine');
  await waitFor('the other one', () => timelineOf(device).entries.some(({ seq }) => seq === 1));
  expect(timelineOf(device).entries.map(({ state, error }) => [state, error])).toEqual([
    ['sent', undefined],
    ['failed', 'text-too-long'],
  ]);
  expect(await device.client.discard(key)).toBe(true);
  expect(textsOf(device)).toEqual(['fine']);
});
