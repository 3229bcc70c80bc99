import { afterEach, expect, test, vi } from 'vitest';
import { InlayError } from '../protocol/errors.ts';
import type { ClientMessageId, TenantId } from '../protocol/ids.ts';
import { TEXT_MAX_LENGTH } from '../protocol/limits.ts';
import { FakeServer } from '../test/support/fake-server.ts';
import { waitFor } from '../test/support/wait.ts';
import { type Cache, createMemoryCache } from './cache.ts';
import { type Client, createClient } from './client.ts';
import { OUTBOX_MAX_COUNT } from './state/outbox.ts';

const clients: Client[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.stop()));
  vi.unstubAllGlobals();
});

async function visitor(server: FakeServer, cache: Cache = createMemoryCache()): Promise<Client> {
  const tenantId = 'demo' as TenantId;
  const options = { url: 'http://fake', tenantId, actor: 'visitor', cache, transport: server.transport } as const;
  const client = createClient(options);
  clients.push(client);
  await client.start();
  return client;
}

const write = (client: Client, text: string) => client.send(client.ownConversationId(), { kind: 'text', text });
const entries = (client: Client) => client.timeline(client.ownConversationId()).value.entries;
const rows = (client: Client) =>
  entries(client).map(({ content, state }) => [content.kind === 'text' ? content.text : content.kind, state]);
const stateOf = (client: Client, key: ClientMessageId) => entries(client).find((entry) => entry.key === key)?.state;
const allStored = (client: Client, count: number) =>
  waitFor(`${count} stored messages`, () => entries(client).filter(({ seq }) => seq !== undefined).length === count);

test('the first message makes the session and the conversation, and keeps its key on the screen', async () => {
  const server = new FakeServer();
  const client = await visitor(server);
  expect(client.user.value).toBe(undefined);
  const key = write(client, 'Hello');
  expect(entries(client)).toMatchObject([{ key, mine: true, state: 'queued' }]);
  await allStored(client, 1);
  expect(entries(client)).toMatchObject([{ key, mine: true, seq: 1, state: 'sent' }]);
  expect(client.ownConversationId()).toBe('conversation-1');
  expect(client.user.value?.kind).toBe('guest');
  expect(client.timeline('new').value.entries).toHaveLength(1);
});

test('what is written quickly leaves in the order of writing, one at a time', async () => {
  const server = new FakeServer();
  const client = await visitor(server);
  const texts = Array.from({ length: 20 }, (_, index) => `message ${index}`);
  for (const text of texts) write(client, text);
  await allStored(client, 20);
  expect(server.texts()).toEqual(texts);
});

test('written offline, reloaded, and online again: three messages, in order, once', async () => {
  const server = new FakeServer();
  const cache = createMemoryCache();
  const before = await visitor(server, cache);
  write(before, 'zero');
  await allStored(before, 1);
  server.network = false;
  server.cut();
  for (const text of ['one', 'two', 'three']) write(before, text);
  await before.stop();
  const after = await visitor(server, cache);
  expect(rows(after)).toEqual([
    ['zero', 'sent'],
    ['one', 'queued'],
    ['two', 'queued'],
    ['three', 'queued'],
  ]);
  server.network = true;
  after.wake();
  await allStored(after, 4);
  expect(server.texts()).toEqual(['zero', 'one', 'two', 'three']);
});

test('a first message that was never sent makes one guest, also after a reload and a lost answer', async () => {
  const server = new FakeServer();
  const cache = createMemoryCache();
  server.answer('session.create', 'lose-answer');
  const before = await visitor(server, cache);
  write(before, 'Hello');
  await waitFor('the request', () => server.asked('session.create').length === 1);
  await before.stop();
  const after = await visitor(server, cache);
  await allStored(after, 1);
  expect(after.ownConversationId()).toBe('conversation-1');
  expect(server.texts()).toEqual(['Hello']);
});

test('an answer that is lost is asked for again with the same id, and stored once', async () => {
  const server = new FakeServer();
  const client = await visitor(server);
  server.muted = true;
  server.answer('message.send', 'lose-answer');
  write(client, 'Hello');
  await waitFor('the request', () => server.asked('message.send').length === 1);
  server.cut();
  await allStored(client, 1);
  expect(server.texts()).toEqual(['Hello']);
  expect(entries(client)).toHaveLength(1);
});

test('an error that passes is tried again after its time; one that does not is shown, and the next goes on', async () => {
  const server = new FakeServer();
  const client = await visitor(server);
  server.answer('message.send', new InlayError('rate-limited', 'Slow down.', 20));
  server.answer('message.send', new InlayError('forbidden'));
  const first = write(client, 'one');
  write(client, 'two');
  await allStored(client, 1);
  expect(server.texts()).toEqual(['two']);
  expect(entries(client)).toMatchObject([{ state: 'sent' }, { key: first, state: 'failed', error: 'forbidden' }]);
  client.retry(first);
  await allStored(client, 2);
  expect(server.texts()).toEqual(['two', 'one']);
  expect(stateOf(client, first)).toBe('sent');
});

test('a failed entry is still failed after a reload, and can be taken back', async () => {
  const server = new FakeServer();
  const cache = createMemoryCache();
  const before = await visitor(server, cache);
  server.answer('message.send', new InlayError('forbidden'));
  const key = write(before, 'one');
  await waitFor('the failure', () => stateOf(before, key) === 'failed');
  await before.stop();
  const after = await visitor(server, cache);
  expect(stateOf(after, key)).toBe('failed');
  expect(await after.discard(key)).toBe(true);
  expect(entries(after)).toEqual([]);
  expect(await after.discard(key)).toBe(false);
});

test('what is with the server already cannot be taken back; what never reached it can', async () => {
  const server = new FakeServer();
  const client = await visitor(server);
  const key = write(client, 'on its way');
  await waitFor('sending', () => server.asked('message.send').length === 1);
  expect(await client.discard(key)).toBe(false);
  await allStored(client, 1);
  server.answer('message.send', 'lose-request');
  const lost = write(client, 'lost');
  await waitFor('sending', () => server.asked('message.send').length === 2);
  const discarded = client.discard(lost);
  server.network = false;
  server.cut();
  expect(await discarded).toBe(true);
  expect(rows(client)).toEqual([['on its way', 'sent']]);
});

test('what can be seen to be wrong is not sent', async () => {
  const server = new FakeServer();
  const client = await visitor(server);
  write(client, ' \n');
  write(client, 'x'.repeat(TEXT_MAX_LENGTH + 1));
  client.send('new', { kind: 'upload', file: new Blob([]), name: 'empty.png' });
  expect(entries(client).map(({ error }) => error)).toEqual(['text-empty', 'text-too-long', 'file-empty']);
  write(client, 'fine');
  await allStored(client, 1);
  expect(server.asked('message.send')).toHaveLength(1);
});

test('a full outbox keeps what it has and says so', async () => {
  const server = new FakeServer();
  server.network = false;
  const client = await visitor(server);
  for (let count = 0; count <= OUTBOX_MAX_COUNT; count++) write(client, `message ${count}`);
  const all = entries(client);
  expect(all.at(-1)).toMatchObject({ state: 'failed', error: 'server-busy' });
  expect(all.filter(({ state }) => state === 'queued')).toHaveLength(OUTBOX_MAX_COUNT);
});

test('a file that the cache cannot hold has to be chosen again after a reload', async () => {
  const server = new FakeServer();
  server.network = false;
  const memory = createMemoryCache();
  const hasBlob = (value: unknown) => JSON.stringify(value, (_, part) => (part instanceof Blob ? 'BLOB' : part));
  const cache: Cache = {
    ...memory,
    set: async (key, value) => {
      if (hasBlob(value).includes('BLOB')) throw new Error('DataCloneError');
      await memory.set(key, value);
    },
  };
  const before = await visitor(server, cache);
  const file = new Blob(['bytes'], { type: 'image/png' });
  const key = before.send('new', { kind: 'upload', file, name: 'picture.png' });
  expect(entries(before)).toMatchObject([{ state: 'queued', content: { kind: 'upload', image: true, blob: file } }]);
  await before.stop();
  const after = await visitor(server, cache);
  expect(entries(after)).toMatchObject([
    { key, state: 'failed', error: 'file-unknown', content: { name: 'picture.png' } },
  ]);
});

test('with a cache that throws at everything, writing works all the same', async () => {
  const server = new FakeServer();
  const fail = () => Promise.reject(new Error('SecurityError'));
  const client = await visitor(server, { persistent: true, get: fail, set: fail, remove: fail, keys: fail });
  write(client, 'Hello');
  await allStored(client, 1);
  expect(server.texts()).toEqual(['Hello']);
});

test('two tabs that share a cache send an entry once, and both end with it', async () => {
  const server = new FakeServer();
  const cache = createMemoryCache();
  const first = await visitor(server, cache);
  write(first, 'zero');
  await allStored(first, 1);
  server.network = false;
  server.cut();
  write(first, 'one');
  const second = await visitor(server, cache);
  expect(rows(second).at(-1)).toEqual(['one', 'queued']);
  server.network = true;
  for (const client of [first, second]) client.wake();
  await Promise.all([allStored(first, 2), allStored(second, 2)]);
  expect(server.texts()).toEqual(['zero', 'one']);
  expect([entries(first), entries(second)].map(({ length }) => length)).toEqual([2, 2]);
});

/** A device that speaks as a browser does. */
function fakeDevice(): (event: 'online' | 'offline') => void {
  const device = new EventTarget();
  vi.stubGlobal('document', Object.assign(new EventTarget(), { visibilityState: 'visible' }));
  vi.stubGlobal('addEventListener', device.addEventListener.bind(device));
  vi.stubGlobal('removeEventListener', device.removeEventListener.bind(device));
  return (event) => void device.dispatchEvent(new Event(event));
}

test('what is written on a device that lost its network waits and says so, until something is heard again', async () => {
  const say = fakeDevice();
  const server = new FakeServer();
  const client = await visitor(server);
  write(client, 'zero');
  await allStored(client, 1);
  server.answer('ping', 'lose-request');
  say('offline');
  const key = write(client, 'one');
  await waitFor('the question whether the socket lives', () => server.asked('ping').length === 1);
  expect(stateOf(client, key)).toBe('queued');
  expect(server.texts()).toEqual(['zero']);
  server.agentWrites('Still there?');
  await allStored(client, 3);
  expect(server.texts()).toEqual(['zero', 'Still there?', 'one']);
});

test('what was on its way when the device lost its network waits, too', async () => {
  const say = fakeDevice();
  const server = new FakeServer();
  const client = await visitor(server);
  write(client, 'zero');
  await allStored(client, 1);
  server.answer('message.send', 'lose-request');
  server.answer('ping', 'lose-request');
  const key = write(client, 'one');
  await waitFor('sending', () => server.asked('message.send').length === 2);
  expect(stateOf(client, key)).toBe('sending');
  say('offline');
  expect(stateOf(client, key)).toBe('queued');
  server.cut();
  await allStored(client, 2);
  expect(server.texts()).toEqual(['zero', 'one']);
});
