import { afterEach, expect, test } from 'vitest';
import { InlayError } from '../protocol/errors.ts';
import type { TenantId } from '../protocol/ids.ts';
import { FakeServer } from '../test/support/fake-server.ts';
import { waitFor } from '../test/support/wait.ts';
import { createMemoryCache } from './cache.ts';
import { type Client, type ClientOptions, createClient } from './client.ts';

const clients: Client[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.stop()));
});

async function connect(server: FakeServer, options: Partial<ClientOptions> = {}): Promise<Client> {
  const { transport } = server;
  const tenantId = 'demo' as TenantId;
  const cache = createMemoryCache();
  const client = createClient({ url: 'http://fake', tenantId, actor: 'visitor', cache, transport, ...options });
  clients.push(client);
  await client.start();
  return client;
}

const entries = (client: Client) => client.timeline(client.ownConversationId()).value.entries;
const stored = (client: Client, count: number) =>
  waitFor(`${count} stored`, () => entries(client).filter(({ seq }) => seq !== undefined).length === count);
const isOpen = (client: Client) => waitFor('an open connection', () => client.connection.value.name === 'open');
const write = (client: Client, text: string) => client.send(client.ownConversationId(), { kind: 'text', text });

test('looking at it makes nothing', async () => {
  const server = new FakeServer();
  const values = new Map<string, unknown>();
  const client = await connect(server, { cache: createMemoryCache(values) });
  await isOpen(client);
  expect(server.requests.value.map(({ type }) => type)).toEqual(['hello']);
  expect([client.user.value, client.session.value, client.ownConversationId()]).toEqual([undefined, undefined, 'new']);
  await client.stop();
  expect([...values.keys()]).toEqual([]);
});

test('the token is kept, and the next start is the same guest', async () => {
  const server = new FakeServer();
  const cache = createMemoryCache();
  const before = await connect(server, { cache });
  write(before, 'Hello');
  await stored(before, 1);
  await before.stop();
  const after = await connect(server, { cache });
  await isOpen(after);
  expect(after.user.value).toEqual(before.user.value);
  expect(server.asked('session.create')).toHaveLength(1);
});

test('a token that somebody else kept brings the conversation back', async () => {
  const server = new FakeServer();
  const before = await connect(server);
  write(before, 'Hello');
  await stored(before, 1);
  const session = before.session.value ?? '';
  const after = await connect(server, { session });
  await stored(after, 1);
  expect(after.user.value).toEqual(before.user.value);
});

test('a token that is not taken any more is dropped; what was said stays readable, what is said next begins anew', async () => {
  const server = new FakeServer();
  const cache = createMemoryCache();
  const before = await connect(server, { cache });
  write(before, 'Hello');
  await stored(before, 1);
  await before.stop();
  server.forgetTokens();
  const after = await connect(server, { cache });
  await waitFor('the dropped token', () => after.session.value === undefined);
  await isOpen(after);
  expect(after.user.value).toBe(undefined);
  expect(entries(after)).toMatchObject([{ mine: true, seq: 1 }]);
  write(after, 'Again');
  await waitFor('the session', () => after.session.value !== undefined);
  await stored(after, 1);
  expect(entries(after)).toMatchObject([{ content: { text: 'Again' } }]);
});

test('a tab whose token was replaced by another tab takes that one', async () => {
  const server = new FakeServer();
  const values = new Map<string, unknown>();
  const cache = createMemoryCache(values);
  const one = await connect(server, { cache });
  write(one, 'Hello');
  await stored(one, 1);
  const token = one.session.value ?? '';
  const other = createMemoryCache(new Map(values));
  await other.set('1/demo/visitor/session', { token: 'outdated' });
  const two = createClient({
    url: 'http://fake',
    tenantId: 'demo' as TenantId,
    actor: 'visitor',
    transport: server.transport,
    cache: { ...cache, get: (key) => (reads++ === 0 && key.endsWith('/session') ? other.get(key) : cache.get(key)) },
  });
  let reads = -1;
  clients.push(two);
  await two.start();
  await waitFor('the other token', () => two.session.value === token);
});

test('an error that says never is a refusal; one that says later is waited for', async () => {
  const server = new FakeServer();
  server.answer('hello', new InlayError('tenant-unknown'));
  const refused = await connect(server);
  await waitFor('the refusal', () => refused.connection.value.name === 'refused');
  expect(refused.connection.value).toEqual({ name: 'refused', code: 'tenant-unknown' });
  await expect(refused.request('ping', {})).rejects.toMatchObject({ code: 'tenant-unknown' });
  server.answer('hello', new InlayError('too-many-connections', 'Too many.', 30));
  const later = await connect(server);
  await isOpen(later);
  expect(server.asked('hello')).toHaveLength(3);
});

test.each([
  [4000, 'open'],
  [4500, 'refused'],
  [4599, 'refused'],
] as const)('after close code %i the connection is %s', async (code, name) => {
  const server = new FakeServer();
  const client = await connect(server);
  await isOpen(client);
  server.close(code);
  await waitFor(name, () => client.connection.value.name === name);
});

test('identify makes somebody else of this device, and takes what is still to be sent along', async () => {
  const server = new FakeServer();
  const client = await connect(server);
  write(client, 'as a guest');
  await stored(client, 1);
  server.answer('message.send', new InlayError('rate-limited', 'Slow down.', 50));
  write(client, 'still waiting');
  await client.identify('a JWT');
  expect(client.ownConversationId()).toBe('conversation-2');
  await waitFor('the waiting message', () => entries(client).some(({ seq }) => seq === 1));
  expect(entries(client)).toMatchObject([{ content: { text: 'still waiting' } }]);
  server.answer('session.identify', new InlayError('identity-expired'));
  await expect(client.identify('an old JWT')).rejects.toMatchObject({ code: 'identity-expired' });
  expect(client.ownConversationId()).toBe('conversation-2');
});

test('logout leaves nothing on the device and a connection of nobody', async () => {
  const server = new FakeServer();
  const values = new Map<string, unknown>();
  const client = await connect(server, { cache: createMemoryCache(values) });
  write(client, 'Hello');
  await stored(client, 1);
  await client.logout();
  expect([client.user.value, client.session.value, client.ownConversationId()]).toEqual([undefined, undefined, 'new']);
  expect(entries(client)).toEqual([]);
  await isOpen(client);
  await client.stop();
  expect([...values.keys()]).toEqual([]);
});

test('a session that ended elsewhere by signing out wipes this device, too', async () => {
  const server = new FakeServer();
  const client = await connect(server);
  write(client, 'Hello');
  await stored(client, 1);
  server.emit({ type: 'session.ended', reason: 'signed-out' });
  await waitFor('nobody', () => client.user.value === undefined);
  server.close(4504);
  await isOpen(client);
  expect(entries(client)).toEqual([]);
});

test('times are those of the server, however wrong the clock of the device is', async () => {
  const server = new FakeServer();
  server.now = () => Date.now() + 400 * 86_400_000;
  const client = await connect(server);
  await isOpen(client);
  expect(Math.abs(client.now() - server.now())).toBeLessThan(5_000);
  write(client, 'Hello');
  expect(Math.abs((entries(client)[0]?.at ?? 0) - server.now())).toBeLessThan(5_000);
});
