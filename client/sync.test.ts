import { afterEach, expect, test } from 'vitest';
import { InlayError } from '../protocol/errors.ts';
import type { ConversationId, TenantId } from '../protocol/ids.ts';
import { RESUME_FAR_COUNT } from '../protocol/limits.ts';
import { FakeServer, fakeAgent } from '../test/support/fake-server.ts';
import { waitFor } from '../test/support/wait.ts';
import { createMemoryCache } from './cache.ts';
import { type Client, type ClientOptions, createClient } from './client.ts';
import { PAGE_COUNT } from './pulls.ts';
import type { Transport } from './transport.ts';

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

const id = (client: Client) => client.ownConversationId() as ConversationId;
const timeline = (client: Client) => client.timeline(client.ownConversationId()).value;
const texts = (client: Client) =>
  timeline(client).entries.map(({ content }) => (content.kind === 'text' ? content.text : content.kind));
const hasSeq = (client: Client, seq: number) =>
  waitFor(`seq ${seq}`, () => timeline(client).entries.at(-1)?.seq === seq);
const isOpen = (client: Client) => waitFor('an open connection', () => client.connection.value.name === 'open');

/** A visitor who has written one message. */
async function talking(server: FakeServer, options: Partial<ClientOptions> = {}): Promise<Client> {
  const client = await connect(server, options);
  client.send('new', { kind: 'text', text: 'Hello' });
  await hasSeq(client, 1);
  return client;
}

test('a message of the other side arrives, counts as unread, and is reported as delivered', async () => {
  const server = new FakeServer();
  const client = await talking(server);
  const heard: [string, boolean][] = [];
  client.onMessage((message, live) => heard.push([message.senderId, live]));
  server.agentWrites('Hi');
  await hasSeq(client, 2);
  expect(client.conversations.value.get(id(client))?.unread).toBe(1);
  expect(heard).toEqual([[fakeAgent.userId, true]]);
  await waitFor('the receipt', () => server.asked('receipt.update').length > 0);
  expect(server.asked('receipt.update')).toMatchObject([{ deliveredSeq: 2 }]);
});

test('a lost event is found by the next one, and what lies between is fetched', async () => {
  const server = new FakeServer();
  const client = await talking(server);
  server.muted = true;
  server.agentWrites('lost');
  server.muted = false;
  server.agentWrites('heard');
  await hasSeq(client, 3);
  expect(texts(client)).toEqual(['Hello', 'lost', 'heard']);
  await waitFor('the true count', () => client.conversations.value.get(id(client))?.unread === 2);
});

test('a lost last event is found by the revision of the heartbeat', async () => {
  const server = new FakeServer();
  const client = await talking(server);
  server.muted = true;
  server.agentWrites('lost');
  client.wake();
  await hasSeq(client, 2);
  expect(texts(client)).toEqual(['Hello', 'lost']);
});

test('a reconnect fetches what is new and nothing else', async () => {
  const server = new FakeServer();
  const client = await talking(server);
  missOne(server);
  server.requests.value = [];
  comeBack(server, client);
  await hasSeq(client, 2);
  expect(server.asked('conversation.list')).toEqual([]);
  expect(server.asked('conversation.changes')).toHaveLength(1);
  expect(server.asked('conversation.changes')).toMatchObject([{ held: [{ conversationId: id(client), seq: 1 }] }]);
  expect(server.asked('message.list')).toEqual([]);
  server.requests.value = [];
  server.cut();
  await waitFor('the next catch-up', () => server.asked('conversation.changes').length === 1);
  expect(server.asked('message.list')).toEqual([]);
});

/** The client loses its connection, cannot come back, and misses a message. */
function missOne(server: FakeServer): void {
  server.network = false;
  server.cut();
  server.agentWrites('while away');
}

function comeBack(server: FakeServer, client: Client): void {
  server.network = true;
  client.wake();
}

/** What has left when the first answer comes, by type. */
function unanswered({ transport }: FakeServer): { transport: Transport; sent: string[] } {
  let isAnswered = false;
  const sent: string[] = [];
  const open: Transport['open'] = (url, listener) => {
    isAnswered = false;
    sent.length = 0;
    const onText = (text: string) => {
      isAnswered = true;
      listener.onText(text);
    };
    const socket = transport.open(url, { ...listener, onText });
    const send = (text: string) => {
      if (!isAnswered) sent.push((JSON.parse(text) as { type: string }).type);
      socket.send(text);
    };
    return { ...socket, send };
  };
  return { transport: { ...transport, open }, sent };
}

test('what was missed is asked for right behind hello, on a reconnect and after a reload', async () => {
  const server = new FakeServer();
  const cache = createMemoryCache();
  const { transport, sent } = unanswered(server);
  const client = await talking(server, { cache, transport });
  expect(sent).toEqual(['hello']);
  missOne(server);
  comeBack(server, client);
  await hasSeq(client, 2);
  expect(sent).toEqual(['hello', 'conversation.changes']);
  expect(server.asked('conversation.changes')).toHaveLength(1);

  await client.stop();
  server.agentWrites('while closed');
  const after = await connect(server, { cache, transport });
  await hasSeq(after, 3);
  expect(sent).toEqual(['hello', 'conversation.changes']);
  expect(server.asked('message.list')).toEqual([]);
});

test('what was asked with a hello that was refused is asked again with the next', async () => {
  const server = new FakeServer();
  const client = await talking(server);
  missOne(server);
  server.answer('hello', new InlayError('server-busy', 'Later.', 5));
  server.answer('conversation.changes', 'lose-answer');
  comeBack(server, client);
  await hasSeq(client, 2);
  expect(server.asked('hello')).toHaveLength(3);
  expect(server.asked('conversation.changes')).toHaveLength(2);
});

test('what was asked with a hello that made somebody else of this device is not taken', async () => {
  const server = new FakeServer();
  let renames = false;
  const open: Transport['open'] = (url, listener) => {
    const onText = (text: string) => {
      const isWelcome = renames && text.includes('"pushPublicKey"');
      listener.onText(isWelcome ? text.replaceAll('"visitor-1"', '"visitor-9"') : text);
    };
    return server.transport.open(url, { ...listener, onText });
  };
  const client = await talking(server, { transport: { ...server.transport, open } });
  renames = true;
  server.cut();
  await waitFor('the other user', () => client.user.value?.userId === 'visitor-9');
  await waitFor('the list', () => server.asked('conversation.list').length > 0);
  await hasSeq(client, 1);
  server.muted = true;
  server.agentWrites('lost');
  client.wake();
  await hasSeq(client, 2);
});

test('what was missed is told apart from what happens now', async () => {
  const server = new FakeServer();
  const client = await talking(server);
  const heard: boolean[] = [];
  client.onMessage((_, live) => heard.push(live));
  missOne(server);
  comeBack(server, client);
  await hasSeq(client, 2);
  server.agentWrites('now');
  await hasSeq(client, 3);
  expect(heard).toEqual([false, true]);
});

test('after a reload the cache shows the conversation before there is a connection', async () => {
  const server = new FakeServer();
  const cache = createMemoryCache();
  const before = await talking(server, { cache });
  await before.stop();
  server.network = false;
  const after = await connect(server, { cache });
  expect(texts(after)).toEqual(['Hello']);
  expect(timeline(after)).toMatchObject({ loaded: true, entries: [{ mine: true, state: 'sent' }] });
  expect(after.welcome.value?.tenant.name).toBe('Demo');
});

test('a gap too large to be worth it leaves the newest page, and earlier ones are loaded on demand', async () => {
  const server = new FakeServer();
  const client = await talking(server);
  server.network = false;
  server.cut();
  for (let count = 0; count <= RESUME_FAR_COUNT; count++) server.agentWrites(`message ${count}`);
  server.network = true;
  client.wake();
  await hasSeq(client, RESUME_FAR_COUNT + 2);
  expect(timeline(client)).toMatchObject({ hasEarlier: true, loadingEarlier: false });
  expect(timeline(client).entries).toHaveLength(PAGE_COUNT);
  await client.loadEarlier(id(client));
  expect(timeline(client).entries).toHaveLength(2 * PAGE_COUNT);
  const seqs = timeline(client).entries.map((entry) => entry.seq ?? 0);
  expect(seqs.every((seq, index) => index === 0 || seq === (seqs[index - 1] ?? 0) + 1)).toBe(true);
});

test('a fetch that fails is tried again', async () => {
  const server = new FakeServer();
  const client = await talking(server);
  server.answer('message.list', new InlayError('internal', 'Our fault.', 5));
  server.answer('message.list', new InlayError('internal', 'Our fault.', 5));
  server.muted = true;
  server.agentWrites('lost');
  server.muted = false;
  server.agentWrites('heard');
  await hasSeq(client, 3);
  expect(server.asked('message.list')).toHaveLength(3);
});

test('ticks follow the receipts of the other side', async () => {
  const server = new FakeServer();
  const client = await talking(server);
  expect(timeline(client).entries[0]?.state).toBe('sent');
  server.agentReads();
  await waitFor('read', () => timeline(client).entries[0]?.state === 'read');
});

test('what was read offline is read at once here, and told later', async () => {
  const server = new FakeServer();
  const cache = createMemoryCache();
  const before = await talking(server, { cache });
  server.agentWrites('Hi');
  await hasSeq(before, 2);
  server.network = false;
  server.cut();
  before.markRead(id(before), 2);
  expect(before.conversations.value.get(id(before))?.unread).toBe(0);
  await before.stop();
  server.network = true;
  const after = await connect(server, { cache });
  await waitFor('the receipt', () => server.asked('receipt.update').some((frame) => 'readSeq' in frame));
  await waitFor('the server to know', () => {
    const members = after.conversations.value.get(id(after))?.members;
    return members?.some(({ user, readSeq }) => user.kind === 'guest' && readSeq === 2);
  });
});

test('an agent sees new conversations by themselves and loads the messages of one that is opened', async () => {
  const server = new FakeServer();
  const agent = await connect(server, { actor: 'agent' });
  await agent.listConversations('all');
  const client = await talking(server);
  const conversationId = id(client);
  await waitFor('the conversation', () => agent.conversations.value.get(conversationId)?.unread === 1);
  expect(agent.timeline(conversationId).value.loaded).toBe(false);
  await agent.open(conversationId);
  expect(agent.timeline(conversationId).value).toMatchObject({ loaded: true, entries: [{ mine: false, seq: 1 }] });
  agent.send(conversationId, { kind: 'text', text: 'Hi' });
  await hasSeq(client, 2);
  await waitFor('the tick', () => agent.timeline(conversationId).value.entries[1]?.state === 'delivered');
});

test('state after events is the state of a fresh fetch', async () => {
  const server = new FakeServer();
  const cache = createMemoryCache();
  const live = await talking(server, { cache });
  server.agentWrites('one');
  server.agentReads();
  await hasSeq(live, 2);
  live.markRead(id(live), 2);
  await waitFor('the receipt', () =>
    live.conversations.value.get(id(live))?.members.every(({ readSeq }) => readSeq > 0),
  );
  const session = live.session.value;
  const fresh = await connect(server, session === undefined ? {} : { session });
  await waitFor('the messages', () => timeline(fresh).entries.length === 2);
  await waitFor('the same state', () => {
    const [one, other] = [live.conversations.value.get(id(live)), fresh.conversations.value.get(id(fresh))];
    return one !== undefined && one.revision === other?.revision;
  });
  expect(live.conversations.value).toEqual(fresh.conversations.value);
  expect(timeline(live)).toEqual(timeline(fresh));
});

test('a connection that was never made waits without an end and without an error', async () => {
  const server = new FakeServer();
  server.network = false;
  const client = await connect(server);
  await waitFor('waiting', () => client.connection.value.name === 'waiting');
  server.network = true;
  client.wake();
  await isOpen(client);
});
