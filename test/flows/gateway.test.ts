/** What a socket goes through: hello, requests in order, events, and the ways in which it ends. */
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { PROTOCOL_MAJOR, PROTOCOL_MINOR } from '../../protocol/version.ts';
import {
  type Frame,
  newAgent,
  newClientMessageId,
  newVisitor,
  newVisitorKey,
  RawClient,
  type Session,
} from '../support/raw-client.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

async function connect(to = server, headers: Record<string, string> = {}): Promise<RawClient> {
  const client = new RawClient(to.url, to.tenantId, headers);
  await client.opened;
  return client;
}

const codeOf = (frame: Frame) => (frame.error as { code?: string } | undefined)?.code;
const said = (text: string) => ({ clientMessageId: newClientMessageId(), content: { kind: 'text', text } });
const textOf = (frame: Frame) => (frame.message as { content: { text: string } }).content.text;

test('the welcome tells what a client needs, and a page view has created nobody', async () => {
  const client = await connect();
  const welcome = await client.hello();
  expect(welcome).toMatchObject({
    protocol: { major: PROTOCOL_MAJOR, minor: PROTOCOL_MINOR },
    tenant: { tenantId: 'demo', name: 'Shop demo', accent: '#0a7d55', greeting: { 'en': 'Welcome!' } },
    desk: { online: false },
    revision: 0,
    limits: { fileMaxBytes: 20 * 1024 * 1024 },
  });
  expect(welcome).not.toHaveProperty('user');
  expect(welcome).not.toHaveProperty('token');
  expect(Buffer.from(String(welcome.pushPublicKey), 'base64url')).toHaveLength(65);
  expect(await client.refusal('conversation.list')).toBe('session-required');
  expect(await client.request('ping')).toMatchObject({ revision: 0 });
  await client.close();
});

test('what follows a hello at once is done after its welcome, and not at all when it is refused', async () => {
  const { client: before, session } = await newVisitor(server.url, server.tenantId);
  const { conversationId } = session.conversation;
  await before.request('message.send', { conversationId, ...said('Still there?') });
  await before.close();
  const hello = (token: string) => ({
    type: 'hello',
    ref: 1,
    protocol: { major: PROTOCOL_MAJOR, minor: PROTOCOL_MINOR },
    auth: { kind: 'visitor', token },
  });
  const changes = { type: 'conversation.changes', ref: 2, after: 0, held: [{ conversationId, seq: 0 }] };

  const client = await connect();
  client.sendRaw(JSON.stringify([hello(session.token), changes]));
  const answer = await client.next(({ ref }) => ref === 2);
  expect(client.frames.filter(({ ref }) => ref !== undefined).map(({ ref }) => ref)).toEqual([1, 2]);
  expect(answer).toMatchObject({ type: 'ok', result: { messages: [{ messages: [{ seq: 1 }] }] } });
  await client.close();

  const refused = await connect();
  refused.sendRaw(JSON.stringify([hello('no token'), changes]));
  expect((await refused.closed).code).toBe(4504);
  expect(refused.frames.map(({ ref }) => ref)).not.toContain(2);
});

test('a visitor and an agent talk, and each sees the other', async () => {
  const watching = await connect();
  await watching.hello();
  const agent = await server.newAgent();
  expect(await watching.event('desk.changed')).toMatchObject({ desk: { online: true } });

  const { client: visitor, session } = await newVisitor(server.url, server.tenantId, { name: 'Ann' });
  const { conversationId } = session.conversation;
  const sent = await visitor.request<{ seq: number }>('message.send', { conversationId, ...said('Is it in stock?') });
  expect(sent.seq).toBe(1);
  expect(textOf(await agent.client.event('message.created'))).toBe('Is it in stock?');
  expect(textOf(await visitor.event('message.created'))).toBe('Is it in stock?');

  await agent.client.request('message.send', { conversationId, ...said('It is.') });
  const answer = await visitor.next((frame) => frame.type === 'message.created' && textOf(frame) === 'It is.');
  expect(answer.message).toMatchObject({ seq: 2, senderId: agent.userId });
  await visitor.request('receipt.update', { conversationId, readSeq: 2 });
  expect(await agent.client.event('receipt.changed')).toMatchObject({
    readSeq: 2,
    user: { userId: session.user.userId },
  });
  await agent.client.request('typing.set', { conversationId, typing: true });
  expect(await visitor.event('typing.changed')).toMatchObject({ conversationId, typing: true });
  await Promise.all([watching.close(), visitor.close(), agent.client.close()]);
});

test('a second device with the token is the same visitor and hears the same', async () => {
  const { client, session } = await newVisitor(server.url, server.tenantId);
  const second = await connect();
  const welcome = await second.hello<{ user: { userId: string } }>({ kind: 'visitor', token: session.token });
  expect(welcome.user.userId).toBe(session.user.userId);
  await client.request('message.send', { conversationId: session.conversation.conversationId, ...said('Hello') });
  expect(textOf(await second.event('message.created'))).toBe('Hello');
  await Promise.all([client.close(), second.close()]);
});

test('what one socket sends without waiting is stored in that order', async () => {
  const { client, session } = await newVisitor(server.url, server.tenantId);
  const { conversationId } = session.conversation;
  const texts = Array.from({ length: 30 }, (_, at) => `line ${at}`);
  const answers = await Promise.all(
    texts.map((text) => client.request<{ seq: number }>('message.send', { conversationId, ...said(text) })),
  );
  expect(answers.map(({ seq }) => seq)).toEqual(texts.map((_, at) => at + 1));
  await client.close();
});

test('several frames in one message are answered one by one, also when the first of them is the hello', async () => {
  const client = await connect();
  client.sendRaw(
    JSON.stringify([
      { type: 'hello', ref: 101, protocol: { major: PROTOCOL_MAJOR, minor: PROTOCOL_MINOR } },
      { type: 'session.create', ref: 102, visitorKey: newVisitorKey() },
      { type: 'conversation.list', ref: 103 },
      { type: 'nonsense', ref: 104 },
    ]),
  );
  const answer = (ref: number) => client.next((frame) => frame.ref === ref);
  expect((await answer(101)).type).toBe('ok');
  expect(((await answer(102)).result as Session).user.kind).toBe('guest');
  expect((await answer(103)).result).toMatchObject({ conversations: [{ lastSeq: 0 }] });
  expect(codeOf(await answer(104))).toBe('frame-unknown');
  await client.close();
});

test('signing out leaves the socket open without a session; everywhere ends the other devices', async () => {
  const { client, session } = await newVisitor(server.url, server.tenantId);
  const second = await connect();
  await second.hello({ kind: 'visitor', token: session.token });
  await client.request('session.end', { everywhere: true });
  expect(await client.refusal('conversation.list')).toBe('session-required');
  expect(await second.event('session.ended')).toMatchObject({ reason: 'signed-out' });
  expect((await second.closed).code).toBe(4504);
  await client.close();
});

test('an agent comes in by cookie from our own pages only', async () => {
  const { client, cookie } = await newAgent(server.url, server.tenantId, server.agent);
  await client.request('conversation.list', { filter: 'all' });
  const own = await connect(server, { cookie, origin: server.url });
  await own.hello({ kind: 'agent' });
  const host = await connect(server, { cookie, origin: server.allowedOrigin });
  const hello = { protocol: { major: PROTOCOL_MAJOR, minor: PROTOCOL_MINOR }, auth: { kind: 'agent' } };
  expect(await host.refusal('hello', hello)).toBe('forbidden');
  const nobody = await connect();
  expect(await nobody.refusal('hello', hello)).toBe('session-required');
  const bank = await server.createTenant('bank');
  const foreign = new RawClient(server.url, bank.tenantId, { cookie });
  await foreign.opened;
  expect(await foreign.refusal('hello', hello)).toBe('token-invalid');
  await Promise.all([client.close(), own.close(), host.close(), nobody.close(), foreign.closed]);
});

test('an address that is no socket is answered by HTTP', async () => {
  const wrong = new RawClient(server.url, 'demo/else');
  await expect(wrong.opened).rejects.toThrow('404');
});

test('a silent socket, a deaf one and one too many are closed with their codes', async () => {
  const strict = await startServer({
    env: {
      HELLO_TIMEOUT_MS: '300',
      HEARTBEAT_INTERVAL_MS: '100',
      HEARTBEAT_TIMEOUT_MS: '100',
      CONNECTIONS_PER_ADDRESS: '2',
    },
  });
  const silent = await connect(strict);
  const address = `${strict.url.replace('http', 'ws')}/v1/tenants/demo/socket`;
  const deaf = new WebSocket(address, { autoPong: false });
  const deafClosed = once(deaf, 'close');
  await once(deaf, 'open');
  deaf.send('{"type":"hello","ref":1,"protocol":{"major":1,"minor":0}}');
  const third = await connect(strict);
  expect(await third.socketError()).toMatchObject({ code: 'too-many-connections', retry: 'later' });
  expect((await third.closed).code).toBe(4100);
  expect((await deafClosed)[0]).toBe(4002);
  expect((await silent.closed).code).toBe(4003);
  const next = await connect(strict);
  await next.hello();
  await strict.stop();
});

test('beside another tenant, what one sends at once waits for its turn: nothing of it is refused, and its order stays', async () => {
  const open = { RATE_MESSAGES_PER_USER: '0', RATE_MESSAGES_PER_TENANT: '0', RATE_FRAMES_PER_SOCKET: '0' };
  const busy = await startServer({ env: open });
  const bank = await busy.createTenant('bank');
  const { client: quiet } = await newVisitor(busy.url, bank.tenantId);
  const { client: loud, session } = await newVisitor(busy.url, busy.tenantId);
  const { conversationId } = session.conversation;
  await quiet.request('ping');
  // More than one socket may have under way.
  const count = 400;
  const refs = Array.from({ length: count }, (_, at) =>
    loud.sendFrame('message.send', { conversationId, ...said(String(at)) }),
  );
  const answers = refs.map((ref) => loud.next((frame) => frame.ref === ref && frame.type !== 'event'));
  let done = false;
  const all = Promise.all(answers).finally(() => {
    done = true;
  });
  while (!done) await quiet.request('ping');
  expect((await all).map(({ result }) => (result as { seq?: number } | undefined)?.seq)).toEqual(
    refs.map((_, at) => at + 1),
  );

  // Who goes while something of theirs waits harms nobody.
  for (let at = 0; at < count; at++) loud.sendFrame('message.send', { conversationId, ...said('and away') });
  await loud.close();
  expect(await quiet.request('ping')).toBeDefined();
  await quiet.close();
  await busy.stop();
});

test('a client that stops reading is cut off, while another device of the same visitor gets everything', async () => {
  const open = { RATE_MESSAGES_PER_USER: '0', RATE_MESSAGES_PER_TENANT: '0', RATE_FRAMES_PER_SOCKET: '0' };
  const busy = await startServer({ env: open });
  const { client, session } = await newVisitor(busy.url, busy.tenantId);
  const stuck = new WebSocket(`${busy.url.replace('http', 'ws')}/v1/tenants/demo/socket`);
  await once(stuck, 'open');
  const auth = { kind: 'visitor', token: session.token };
  stuck.send(
    JSON.stringify({ type: 'hello', ref: 1, protocol: { major: PROTOCOL_MAJOR, minor: PROTOCOL_MINOR }, auth }),
  );
  await once(stuck, 'message');
  const { conversationId } = session.conversation;
  stuck.pause();
  // What the operating system keeps for a reader that does not read is some megabytes; the server keeps one more.
  const long = '字'.repeat(10_000);
  const count = 600;
  for (let at = 0; at < count; at += 1) await client.request('message.send', { conversationId, ...said(long) });
  expect(client.frames.filter((frame) => frame.type === 'message.created')).toHaveLength(count);
  const closed = once(stuck, 'close');
  stuck.resume();
  expect([4001, 1006]).toContain((await closed)[0]);
  await client.close();
  await busy.stop();
});

test('a server that goes down answers what is under way, then says come back', async () => {
  const going = await startServer();
  const { client, session } = await newVisitor(going.url, going.tenantId);
  const { conversationId } = session.conversation;
  const sends = Array.from({ length: 20 }, (_, at) =>
    client.request<{ seq: number }>('message.send', { conversationId, ...said(`last words ${at}`) }),
  );
  await client.request('ping');
  const stopped = going.stop();
  expect((await Promise.all(sends)).map(({ seq }) => seq)).toEqual(sends.map((_, at) => at + 1));
  expect(await client.socketError()).toMatchObject({ code: 'server-shutdown', retry: 'now' });
  expect((await client.closed).code).toBe(4000);
  await stopped;
  await expect(fetch(`${going.url}/healthz`)).rejects.toThrow();
});
