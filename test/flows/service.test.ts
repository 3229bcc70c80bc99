/**
 * Customer service by its rules: who may take, close and reopen, what a new message of the visitor does, and what an agent
 * learns of a visitor. Each refusal stands beside the success that the same setup allows.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Conversation } from '../../protocol/conversations.ts';
import { createAgent } from '../../server/domain/agents.ts';
import { newAgent, newClientMessageId, newVisitor, RawClient } from '../support/raw-client.ts';
import { startServer, type TestServer } from '../support/server.ts';

type Agent = Awaited<ReturnType<typeof newAgent>>;
type Visitor = Awaited<ReturnType<typeof newVisitor>>;

let server: TestServer;
let lin: Agent;
let omar: Agent;

beforeAll(async () => {
  server = await startServer();
  const account = { account: 'omar@demo.example', password: 'another fine password' };
  await createAgent(server.domain, { tenantId: server.tenantId, name: 'Omar Haddad', ...account });
  lin = await server.newAgent();
  omar = await newAgent(server.url, server.tenantId, account);
});

afterAll(() => server.stop());

const idOf = ({ session }: Visitor) => session.conversation.conversationId;

function say(client: RawClient, conversationId: string, text: string): Promise<{ seq: number; sentAt: number }> {
  const content = { kind: 'text', text };
  return client.request('message.send', { conversationId, clientMessageId: newClientMessageId(), content });
}

/** A visitor who has written one message. */
async function newAsker(context: object = {}): Promise<Visitor> {
  const visitor = await newVisitor(server.url, server.tenantId, context);
  await say(visitor.client, idOf(visitor), 'Is anybody there?');
  return visitor;
}

async function get(client: RawClient, conversationId: string): Promise<Conversation> {
  const { conversation } = await client.request<{ conversation: Conversation }>('conversation.get', { conversationId });
  return conversation;
}

async function listed(client: RawClient, filter: 'waiting' | 'mine' | 'all'): Promise<string[]> {
  const { conversations } = await client.request<{ conversations: Conversation[] }>('conversation.list', { filter });
  return conversations.map((one) => one.conversationId);
}

/** The first whole copy that fits, as it was pushed to this agent. */
async function changed(agent: Agent, fits: (conversation: Conversation) => boolean): Promise<Conversation> {
  const frame = await agent.client.next(
    ({ type, conversation }) => type === 'conversation.changed' && fits(conversation as Conversation),
  );
  return frame.conversation as Conversation;
}

test('a visitor who writes waits for everybody, since the first message that nobody answered', async () => {
  const visitor = await newVisitor(server.url, server.tenantId);
  const first = await say(visitor.client, idOf(visitor), 'Hello?');
  await say(visitor.client, idOf(visitor), 'Anybody?');
  for (const agent of [lin, omar]) {
    expect((await get(agent.client, idOf(visitor))).service).toEqual({ status: 'waiting', waitingSince: first.sentAt });
    expect(await listed(agent.client, 'waiting')).toContain(idOf(visitor));
    expect(await listed(agent.client, 'mine')).not.toContain(idOf(visitor));
  }
});

test('who takes it has it: it is theirs and no longer waits for the others, who are told at once', async () => {
  const visitor = await newAsker();
  await lin.client.request('service.take', { conversationId: idOf(visitor) });
  const seen = await changed(omar, (one) => one.conversationId === idOf(visitor) && one.service.status === 'open');
  expect(seen.service.assigneeId).toBe(lin.userId);
  expect(await listed(lin.client, 'mine')).toContain(idOf(visitor));
  expect(await listed(omar.client, 'mine')).not.toContain(idOf(visitor));
  expect(await listed(omar.client, 'waiting')).not.toContain(idOf(visitor));
});

test('taking is no answer: the visitor goes on waiting until somebody writes', async () => {
  const visitor = await newAsker();
  await lin.client.request('service.take', { conversationId: idOf(visitor) });
  expect((await get(lin.client, idOf(visitor))).service.waitingSince).toBeDefined();
  await say(lin.client, idOf(visitor), 'Here I am.');
  expect((await get(lin.client, idOf(visitor))).service).toEqual({ status: 'open', assigneeId: lin.userId });
});

test('answering takes what nobody has, and leaves alone what a colleague has', async () => {
  const visitor = await newAsker();
  await say(lin.client, idOf(visitor), 'I am looking into it.');
  expect((await get(omar.client, idOf(visitor))).service).toEqual({ status: 'open', assigneeId: lin.userId });
  await say(omar.client, idOf(visitor), 'Let me add something.');
  expect((await get(omar.client, idOf(visitor))).service.assigneeId).toBe(lin.userId);
});

test('a colleague can take it over', async () => {
  const visitor = await newAsker();
  await lin.client.request('service.take', { conversationId: idOf(visitor) });
  await omar.client.request('service.take', { conversationId: idOf(visitor) });
  expect((await get(lin.client, idOf(visitor))).service.assigneeId).toBe(omar.userId);
});

test('two who take it at the same moment: one of them has it, and both see who', async () => {
  const visitor = await newAsker();
  const conversationId = idOf(visitor);
  await Promise.all([lin, omar].map((agent) => agent.client.request('service.take', { conversationId })));
  const [one, other] = await Promise.all([lin, omar].map((agent) => get(agent.client, conversationId)));
  expect(one?.service.assigneeId).toBeDefined();
  expect(one?.service).toEqual(other?.service);
});

test('what is closed waits no more, and reopening it makes it mine', async () => {
  const visitor = await newAsker();
  const conversationId = idOf(visitor);
  await lin.client.request('service.close', { conversationId });
  expect((await get(lin.client, conversationId)).service).toEqual({ status: 'closed', assigneeId: lin.userId });
  expect(await listed(lin.client, 'waiting')).not.toContain(conversationId);
  expect(await listed(lin.client, 'all')).toContain(conversationId);
  await omar.client.request('service.reopen', { conversationId });
  expect((await get(lin.client, conversationId)).service).toEqual({ status: 'open', assigneeId: omar.userId });
});

test('closing what is closed changes nothing', async () => {
  const visitor = await newAsker();
  const conversationId = idOf(visitor);
  await lin.client.request('service.close', { conversationId });
  const { revision } = await get(lin.client, conversationId);
  await lin.client.request('service.close', { conversationId });
  expect((await get(lin.client, conversationId)).revision).toBe(revision);
});

test('a visitor who writes after the end waits again', async () => {
  const visitor = await newAsker();
  const conversationId = idOf(visitor);
  await lin.client.request('service.close', { conversationId });
  const { sentAt } = await say(visitor.client, conversationId, 'One more thing.');
  const { service } = await get(lin.client, conversationId);
  expect([service.status, service.waitingSince]).toEqual(['waiting', sentAt]);
});

test('a visitor may do nothing of this, not even with their own conversation', async () => {
  const visitor = await newAsker();
  const conversationId = idOf(visitor);
  for (const type of ['service.take', 'service.close', 'service.reopen']) {
    expect([type, await visitor.client.refusal(type, { conversationId })]).toEqual([type, 'forbidden']);
    await lin.client.request(type, { conversationId });
  }
});

test('before a visitor says anything there is no session that could', async () => {
  const visitor = await newAsker();
  const anonymous = new RawClient(server.url, server.tenantId);
  await anonymous.opened;
  await anonymous.hello();
  expect(await anonymous.refusal('service.take', { conversationId: idOf(visitor) })).toBe('session-required');
});

test('an agent of another tenant sees nothing, can do nothing and hears nothing', async () => {
  const { tenantId, agent } = await server.createTenant('elsewhere');
  const stranger = await newAgent(server.url, tenantId, agent);
  const visitor = await newAsker();
  const conversationId = idOf(visitor);
  for (const type of ['conversation.get', 'message.list', 'service.take', 'service.close', 'service.reopen'])
    expect([type, await stranger.client.refusal(type, { conversationId })]).toEqual([type, 'not-found']);
  expect(await listed(stranger.client, 'all')).toEqual([]);
  await lin.client.request('service.take', { conversationId });
  await changed(lin, (one) => one.conversationId === conversationId && one.service.status === 'open');
  // Events and answers of one socket come in order: after this answer, none from before is still on its way.
  await stranger.client.request('ping');
  expect(JSON.stringify(stranger.client.frames)).not.toContain(conversationId);
});

test('the cookie of one tenant opens no socket of another', async () => {
  await server.createTenant('neighbour');
  const socket = new RawClient(server.url, 'neighbour', { cookie: lin.cookie });
  await socket.opened;
  expect(await socket.refusal('hello', { protocol: { major: 1, minor: 0 }, auth: { kind: 'agent' } })).toBe(
    'token-invalid',
  );
});

test('page, language, contact and form reach the agent, and not the visitor’s own copy', async () => {
  const context = {
    entry: 'link',
    page: { url: 'https://host.example/orders', title: 'Your order', referrer: 'https://search.example/' },
    locale: 'zh-CN',
    timeZone: 'Asia/Shanghai',
    name: 'Ana Pereira',
    contact: 'ana@example.com',
    fields: { order: '20418' },
  };
  const visitor = await newAsker(context);
  const seen = await get(lin.client, idOf(visitor));
  expect(seen.visitor).toMatchObject(context);
  expect(seen.members.find(({ user }) => user.kind === 'guest')?.user.name).toBe('Ana Pereira');
  expect((await get(visitor.client, idOf(visitor))).visitor).toBeUndefined();
});

test('where the visitor goes is seen while it happens, and what the form said stays', async () => {
  const visitor = await newAsker({ fields: { order: '20418' } });
  const page = { url: 'https://host.example/checkout', title: 'Checkout' };
  await visitor.client.request('context.update', { context: { page } });
  const seen = await changed(lin, ({ visitor: known }) => known?.page?.url === page.url);
  expect(seen.visitor).toMatchObject({ page, fields: { order: '20418' } });
  expect(await lin.client.refusal('context.update', { context: { page } })).toBe('forbidden');
});

test('what one agent has read is read for the desk, and makes that agent a member', async () => {
  const visitor = await newAsker();
  const conversationId = idOf(visitor);
  expect((await get(omar.client, conversationId)).unread).toBe(1);
  await lin.client.request('receipt.update', { conversationId, readSeq: 1 });
  const seen = await get(omar.client, conversationId);
  expect(seen.unread).toBe(0);
  expect(seen.members.some(({ user, readSeq }) => user.userId === lin.userId && readSeq === 1)).toBe(true);
});
