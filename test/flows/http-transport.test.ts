/**
 * Where a proxy lets no websocket through: the real client chooses HTTP by itself, holds whole conversations over it, and goes
 * back to the websocket when it can. What a stream promises to a stranger is asked with fetch alone.
 */
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { createFallbackTransport } from '../../client/fallback-transport.ts';
import { createWebSocketTransport } from '../../client/transport.ts';
import type { StreamPolled } from '../../protocol/stream.ts';
import { type HttpProxy, type Seen, startHttpProxy } from '../support/http-proxy.ts';
import { type Device, Devices, hasStored, isOpen, signIn, textsOf, timelineOf, write } from '../support/node-client.ts';
import { newClientMessageId, newVisitor, newVisitorKey } from '../support/raw-client.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';

/** Short enough for a test, and far longer than anything takes on one machine that works. */
const times = { open: 1_500, firstWord: 1_500, back: [1_500] };
const NEVER = [3_600_000];

let server: TestServer;
let proxy: HttpProxy;
let devices: Devices;
/** Behind the proxy. */
let inside: Devices;

beforeAll(async () => {
  server = await startServer({
    env: { HEARTBEAT_INTERVAL_MS: '500', HEARTBEAT_TIMEOUT_MS: '5000', HELLO_TIMEOUT_MS: '1500' },
  });
});
beforeEach(async () => {
  proxy = await startHttpProxy(server.url);
  devices = new Devices(server);
  inside = new Devices({ ...server, url: proxy.url });
});
afterEach(async () => {
  await Promise.all([devices.stop(), inside.stop()]);
  await proxy.stop();
});
afterAll(() => server.stop());

function transport(over: { headers?: Record<string, string>; back?: readonly number[] } = {}) {
  const { headers = {}, back = NEVER } = over;
  const dial = (url: string) => {
    const socket = new WebSocket(url, { headers });
    socket.on('error', () => 'a close follows');
    return socket as unknown as globalThis.WebSocket;
  };
  return createFallbackTransport({
    websocket: createWebSocketTransport(dial),
    fetch: (input, init) => fetch(input, { ...init, headers: { ...init?.headers, ...headers } }),
    times: { ...times, back },
  });
}

const onStream = ({ path, isUpgrade }: Seen) => path.endsWith('/stream') && !isUpgrade;
const isMessage = (seen: Seen) => onStream(seen) && seen.headers['inlay-number'] !== undefined;
const isPoll = (seen: Seen) => onStream(seen) && seen.method === 'GET' && seen.headers.accept === 'application/json';
const isEvents = (seen: Seen) => onStream(seen) && seen.headers.accept === 'text/event-stream';

async function talk(visitor: Device, agent: Device): Promise<void> {
  write(visitor, 'Is it in stock?');
  await hasStored(visitor, 1);
  const conversationId = visitor.client.ownConversationId();
  if (conversationId === 'new') throw new Error('there is no conversation');
  await agent.client.open(conversationId);
  const seenBy = (text: string) =>
    waitFor(`the agent sees ${text}`, () =>
      agent.client
        .timeline(conversationId)
        .value.entries.some(({ content }) => content.kind === 'text' && content.text === text),
    );
  await seenBy('Is it in stock?');
  visitor.client.setTyping(conversationId, true);
  await waitFor('the visitor types', () => agent.client.typing(conversationId).value.length > 0);
  agent.client.setTyping(conversationId, true);
  await waitFor('the agent types', () => visitor.client.typing(conversationId).value.length > 0);
  agent.client.send(conversationId, { kind: 'text', text: 'It is.' });
  await hasStored(visitor, 2);
  agent.client.markRead(conversationId, 1);
  await waitFor('a tick', () => timelineOf(visitor).entries[0]?.state === 'read');
  visitor.client.markRead(conversationId, 2);
  await waitFor('a tick for the agent', () =>
    agent.client.timeline(conversationId).value.entries.some(({ seq, state }) => seq === 2 && state === 'read'),
  );
}

test('a websocket that is refused: the whole conversation goes over HTTP, through cuts, once and in order', async () => {
  proxy.websockets = 'refuse';
  const agent = await devices.agent();
  const visitor = await inside.visitor({ transport: transport() });
  await isOpen(visitor);
  expect(proxy.count(isEvents)).toBe(1);
  await talk(visitor, agent);
  const texts = ['Is it in stock?', 'It is.'];
  for (const round of [1, 2, 3]) {
    proxy.cut();
    write(visitor, `cut ${round}`);
    write(visitor, `cut ${round}, again`);
    proxy.restore();
    texts.push(`cut ${round}`, `cut ${round}, again`);
    await hasStored(visitor, texts.length);
    expect(textsOf(visitor)).toEqual(texts);
  }
  expect(timelineOf(visitor).entries.map(({ seq }) => seq)).toEqual(texts.map((_, at) => at + 1));
  const conversationId = timelineOf(visitor).entries.length > 0 ? visitor.client.ownConversationId() : 'new';
  await waitFor(
    'the agent has it all',
    () => agent.client.timeline(conversationId).value.entries.length === texts.length,
  );
  expect(proxy.count(isPoll)).toBe(0);
});

test('an agent with a cookie is an agent over HTTP, too', async () => {
  proxy.websockets = 'refuse';
  const cookie = await signIn(server.url, server.agent);
  const agent = await inside.agent({ transport: transport({ headers: { cookie } }) });
  const visitor = await devices.visitor();
  await Promise.all([isOpen(agent), isOpen(visitor)]);
  await talk(visitor, agent);
  expect(proxy.count(isMessage)).toBeGreaterThan(2);
});

test('a websocket that opens and brings nothing counts as blocked', async () => {
  proxy.websockets = 'swallow';
  const visitor = await inside.visitor({ transport: transport() });
  await isOpen(visitor);
  write(visitor, 'Through the wall');
  await hasStored(visitor, 1);
  expect(proxy.count(isEvents)).toBe(1);
});

test('a proxy that holds streams back: long polls take over on the same stream, both ways', async () => {
  proxy.websockets = 'refuse';
  proxy.holdsBack = true;
  const agent = await devices.agent();
  const visitor = await inside.visitor({ transport: transport() });
  await isOpen(visitor);
  await talk(visitor, agent);
  expect(proxy.count(isEvents)).toBe(1);
  expect(proxy.count(isPoll)).toBeGreaterThan(1);
  expect(proxy.count((seen) => onStream(seen) && seen.method === 'POST' && !seen.headers['inlay-stream'])).toBe(1);
});

test('answers that are lost are given again, messages that are repeated are taken once', async () => {
  proxy.websockets = 'refuse';
  proxy.holdsBack = true;
  const visitor = await inside.visitor({ transport: transport() });
  await isOpen(visitor);
  // The first answer to each message and to each poll that asks for more than the one before.
  const lost = new Set<string>();
  proxy.losesAnswer = (seen) => {
    if (!isMessage(seen) && !isPoll(seen)) return false;
    const which = `${seen.method} ${seen.headers['inlay-number'] ?? seen.headers['inlay-after']}`;
    return !lost.has(which) && lost.add(which).size > 0;
  };
  const texts = Array.from({ length: 12 }, (_, at) => `line ${at}`);
  for (const text of texts) write(visitor, text);
  await hasStored(visitor, texts.length);
  expect(textsOf(visitor)).toEqual(texts);
  expect(lost.size).toBeGreaterThan(2 * texts.length);
  const numbers = proxy.seen.filter(isMessage).map(({ headers }) => headers['inlay-number']);
  expect(new Set(numbers).size).toBeLessThan(numbers.length);
  // All of it on one stream.
  expect(proxy.count((seen) => onStream(seen) && seen.method === 'POST' && !seen.headers['inlay-stream'])).toBe(1);
});

test('when websockets are let through again, it goes back to one and nothing is lost', async () => {
  proxy.websockets = 'refuse';
  const visitor = await inside.visitor({ transport: transport({ back: times.back }) });
  await isOpen(visitor);
  write(visitor, 'Over HTTP');
  await hasStored(visitor, 1);
  const isHttp = proxy.count(isEvents);
  expect(isHttp).toBe(1);
  proxy.websockets = 'pass';
  const before = proxy.count(({ isUpgrade }) => isUpgrade);
  await vi.waitFor(() => expect(proxy.count(({ isUpgrade }) => isUpgrade)).toBeGreaterThan(before + 1), 20_000);
  await isOpen(visitor);
  const posts = proxy.count(isMessage);
  write(visitor, 'Over the websocket');
  await hasStored(visitor, 2);
  expect(textsOf(visitor)).toEqual(['Over HTTP', 'Over the websocket']);
  expect(proxy.count(isMessage)).toBe(posts);
  // The stream was closed by its client, not left to die.
  expect(proxy.count((seen) => onStream(seen) && seen.method === 'DELETE')).toBe(1);
});

test('no network at all is no proxy: the choice stays with the websocket', async () => {
  proxy.cut();
  const visitor = await inside.visitor({ transport: transport() });
  write(visitor, 'Into the void');
  await waitFor('some tries', () => {
    const state = visitor.client.connection.value;
    return state.name === 'waiting' && state.attempt >= 4;
  });
  proxy.restore();
  visitor.client.wake();
  await hasStored(visitor, 1);
  expect(proxy.count((seen) => onStream(seen) && seen.method === 'POST')).toBe(0);
});

/** A client of streams from protocol/README.md alone. */
class RawStream {
  number = 0;
  after = 0;
  constructor(
    readonly url: string,
    readonly headers: Record<string, string>,
  ) {}

  static async open(origin: string, tenantId: string, headers: Record<string, string> = {}): Promise<RawStream> {
    const url = `${origin}/v1/tenants/${tenantId}/stream`;
    const answer = await fetch(url, { method: 'POST', headers });
    expect(answer.status).toBe(201);
    const { stream } = (await answer.json()) as { stream: string };
    return new RawStream(url, { ...headers, 'inlay-stream': stream });
  }

  post(body: string, number = ++this.number): Promise<Response> {
    const headers = { ...this.headers, 'content-type': 'application/json', 'inlay-number': String(number) };
    return fetch(this.url, { method: 'POST', body, headers });
  }

  frame(type: string, ref: number, fields: object = {}): Promise<Response> {
    return this.post(JSON.stringify({ type, ref, ...fields }));
  }

  async poll(after = this.after): Promise<StreamPolled> {
    const headers = { ...this.headers, 'accept': 'application/json', 'inlay-after': String(after) };
    const answer = await fetch(this.url, { headers });
    expect(answer.status).toBe(200);
    return (await answer.json()) as StreamPolled;
  }

  /** Polls until a frame of this ref came. */
  async answer(ref: number): Promise<{ type: string; result?: unknown; error?: { code: string } }> {
    for (;;) {
      const { messages, close } = await this.poll();
      if (close) throw new Error(`closed with ${close.code}`);
      for (const [number, message] of messages) {
        this.after = number;
        const found = [message].flat().find((frame) => (frame as { ref?: number }).ref === ref);
        if (found) return found as { type: string };
      }
    }
  }
}

const hello = { protocol: { major: 1, minor: 0 } };
const errorOf = async (answer: Response) => ((await answer.json()) as { error: { code: string } }).error.code;
const said = (text: string) => ({ clientMessageId: newClientMessageId(), content: { kind: 'text', text } });

async function talkingStream(origin: string, tenantId: string) {
  const stream = await RawStream.open(origin, tenantId);
  await stream.frame('hello', 1, hello);
  await stream.frame('session.create', 2, { visitorKey: newVisitorKey() });
  const { result } = await stream.answer(2);
  return {
    stream,
    conversationId: (result as { conversation: { conversationId: string } }).conversation.conversationId,
  };
}

test('a message that is posted twice is taken once, and one that came too early waits', async () => {
  const { stream, conversationId } = await talkingStream(server.url, server.tenantId);
  const frames = [3, 4, 5].map((ref) =>
    JSON.stringify({ type: 'message.send', ref, conversationId, ...said(`number ${ref}`) }),
  );
  const [third = '', fourth = '', fifth = ''] = frames;
  expect((await stream.post(fifth, 5)).status).toBe(204);
  expect((await stream.post(fourth, 4)).status).toBe(204);
  for (let count = 0; count < 3; count += 1) expect((await stream.post(third, 3)).status).toBe(204);
  expect((await stream.answer(5)).result).toMatchObject({ seq: 3 });
  stream.number = 5;
  await stream.frame('message.list', 6, { conversationId });
  const { result } = await stream.answer(6);
  const texts = (result as { messages: { content: { text: string } }[] }).messages.map(({ content }) => content.text);
  expect(texts).toEqual(['number 3', 'number 4', 'number 5']);
  expect(await errorOf(await stream.post(fifth, 100))).toBe('server-busy');
  // What the store would not find out: a request that changes nothing is carried out once, too.
  for (let count = 0; count < 3; count += 1) await stream.post(JSON.stringify({ type: 'ping', ref: 7 }), 7);
  stream.number = 7;
  await stream.frame('ping', 8);
  const { messages } = await stream.poll();
  const answered = messages.flatMap(([, message]) => [message].flat() as { ref?: number }[]).map(({ ref }) => ref);
  expect(answered.filter((ref) => ref === 7)).toEqual([7]);
});

test('what came down is given again until it is acknowledged, and then no more', async () => {
  const { stream } = await talkingStream(server.url, server.tenantId);
  await stream.frame('ping', 3);
  const first = await stream.poll();
  expect(first.messages.length).toBeGreaterThan(0);
  expect(await stream.poll()).toEqual(first);
  const before = stream.after;
  stream.after = first.messages.at(-1)?.[0] ?? 0;
  expect((await stream.poll()).messages).toEqual([]);
  const late = await fetch(stream.url, { headers: { ...stream.headers, 'inlay-after': String(before - 1) } });
  expect(await errorOf(late)).toBe('stream-unknown');
});

test('a stream nobody knows, of another tenant, or of another origin is refused', async () => {
  const { tenantId } = await server.createTenant('bank');
  const { stream } = await talkingStream(server.url, server.tenantId);
  const ping = (url: string, headers: Record<string, string>) => fetch(url, { method: 'POST', headers });
  expect(await errorOf(await ping(stream.url, { 'inlay-stream': 'x'.repeat(32) }))).toBe('stream-unknown');
  const elsewhere = stream.url.replace('/demo/', `/${tenantId}/`);
  expect(await errorOf(await ping(elsewhere, stream.headers))).toBe('stream-unknown');
  for (const origin of ['https://evil.example', server.allowedOrigin])
    expect(await errorOf(await ping(stream.url, { ...stream.headers, origin }))).toBe('origin-forbidden');
  expect((await ping(stream.url, stream.headers)).status).toBe(204);
});

test('tenants are apart: a token of one is nothing on a stream of the other', async () => {
  const { tenantId } = await server.createTenant('post');
  const { client, session } = await newVisitor(server.url, server.tenantId);
  const stream = await RawStream.open(server.url, tenantId);
  await stream.frame('hello', 1, { ...hello, auth: { kind: 'visitor', token: session.token } });
  const { messages, close } = await stream.poll();
  expect(messages[0]?.[1]).toMatchObject({ type: 'error', ref: 1, error: { code: 'token-invalid' } });
  expect(close).toEqual({ code: 4504, reason: 'token-invalid' });
  expect((await fetch(stream.url, { headers: stream.headers })).status).toBe(404);
  await client.close();
});

test('pages of allowed origins may read it without credentials and without the cookie, others may not open it', async () => {
  const url = `${server.url}/v1/tenants/${server.tenantId}/stream`;
  const foreign = { origin: 'https://evil.example' };
  for (const method of ['GET', 'POST', 'OPTIONS']) {
    const answer = await fetch(url, { method, headers: foreign });
    expect([method, answer.status, await errorOf(answer)]).toEqual([method, 403, 'origin-forbidden']);
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  }
  const origin = server.allowedOrigin;
  const preflight = await fetch(url, { method: 'OPTIONS', headers: { origin } });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get('access-control-allow-origin')).toBe(origin);
  expect(preflight.headers.get('access-control-allow-headers')).toContain('inlay-stream');
  expect(preflight.headers.get('access-control-allow-credentials')).toBeNull();
  const cookie = await signIn(server.url, server.agent);
  const stream = await RawStream.open(server.url, server.tenantId, { origin, cookie });
  await stream.frame('hello', 1, { ...hello, auth: { kind: 'agent' } });
  expect((await stream.answer(1)).error?.code).toBe('forbidden');
});

test('what is too large, no JSON or without a number is refused as on a websocket', async () => {
  const stream = await RawStream.open(server.url, server.tenantId);
  await stream.frame('hello', 1, hello);
  await stream.answer(1);
  expect((await stream.post('no JSON')).status).toBe(204);
  const { messages } = await stream.poll();
  expect(messages[0]?.[1]).toMatchObject({ type: 'error', error: { code: 'frame-malformed' } });
  stream.after = messages[0]?.[0] ?? 0;
  for (const number of ['0', '-1', '1.5', 'x'])
    expect(await errorOf(await stream.post('{}', number as unknown as number))).toBe('request-invalid');
  const huge = await stream.post('x'.repeat(1_100_000), 3);
  expect([huge.status, await errorOf(huge)]).toEqual([413, 'frame-too-large']);
  await stream.post('x'.repeat(400_000));
  const { close } = await stream.poll();
  expect(close).toEqual({ code: 4505, reason: 'frame-too-large' });
});

test('an answer that goes on is neither kept nor held back by proxies that listen', async () => {
  const stream = await RawStream.open(server.url, server.tenantId);
  const abort = new AbortController();
  const headers = { ...stream.headers, accept: 'text/event-stream', 'accept-encoding': 'gzip' };
  const answer = await fetch(stream.url, { headers, signal: abort.signal });
  expect(answer.headers.get('content-type')).toBe('text/event-stream');
  expect(answer.headers.get('x-accel-buffering')).toBe('no');
  expect(answer.headers.get('cache-control')).toBe('no-store, no-transform');
  expect(answer.headers.get('content-encoding')).toBeNull();
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  const reader = answer.body?.getReader();
  const word = await reader?.read();
  expect(new TextDecoder().decode(word?.value)).toBe(': open\n\n');
  abort.abort();
});

test('streams count as connections, and whoever stops asking gives its place back', async () => {
  const env = { CONNECTIONS_PER_ADDRESS: '2', HEARTBEAT_TIMEOUT_MS: '400' };
  const small = await startServer({ env });
  const url = `${small.url}/v1/tenants/${small.tenantId}/stream`;
  const open = () => fetch(url, { method: 'POST' });
  const first = await open();
  expect(first.status).toBe(201);
  const socket = new WebSocket(`${small.url.replace('http', 'ws')}/v1/tenants/${small.tenantId}/socket`);
  await once(socket, 'open');
  const refused = await open();
  expect([refused.status, await errorOf(refused)]).toEqual([429, 'too-many-connections']);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  await vi.waitFor(async () => expect((await open()).status).toBe(201), { timeout: 10_000, interval: 50 });
  socket.terminate();
  await small.stop();
});

/** All that comes as events until the answer ends. */
async function eventsOf(stream: RawStream): Promise<string> {
  const headers = { ...stream.headers, 'accept': 'text/event-stream', 'inlay-after': String(stream.after) };
  const answer = await fetch(stream.url, { headers });
  return answer.text();
}

/** 10,000 characters of three bytes. */
const longText = '长'.repeat(10_000);

async function sendLong(stream: RawStream, conversationId: string, count: number): Promise<void> {
  for (let ref = 100; ref < 100 + count; ref += 1)
    await stream.frame('message.send', ref, { conversationId, ...said(longText) });
}

test('whoever never says what has come is too slow after 1 MiB, and whoever says so is not', async () => {
  proxy.websockets = 'refuse';
  const visitor = await inside.visitor({ transport: transport() });
  await isOpen(visitor);
  const { stream, conversationId } = await talkingStream(server.url, server.tenantId);
  const [events] = await Promise.all([eventsOf(stream), sendLong(stream, conversationId, 50)]);
  expect(events).toContain('event: close\ndata: {"code":4001,"reason":"slow-consumer"}\n\n');
  const bytes = Buffer.byteLength(events);
  expect([bytes > 1_000_000, bytes < 1_400_000]).toEqual([true, true]);

  for (let count = 0; count < 50; count += 1) write(visitor, longText);
  await hasStored(visitor, 50);
  const isOpening = (seen: Seen) => onStream(seen) && seen.method === 'POST' && !seen.headers['inlay-stream'];
  expect(proxy.count(isOpening)).toBe(1);
});

test('a stream that is read and gives no sign of life is closed', async () => {
  const strict = await startServer({ env: { HEARTBEAT_INTERVAL_MS: '300', HEARTBEAT_TIMEOUT_MS: '300' } });
  const stream = await RawStream.open(strict.url, strict.tenantId);
  await stream.frame('hello', 1, hello);
  const events = await eventsOf(stream);
  expect(events).toContain('event: ping\ndata: {}\n\n');
  expect(events).toContain('event: close\ndata: {"code":4002,"reason":"heartbeat-timeout"}\n\n');
  await strict.stop();
});

test('our own client gives its signs of life while nobody says a word', async () => {
  const strict = await startServer({ env: { HEARTBEAT_INTERVAL_MS: '200', HEARTBEAT_TIMEOUT_MS: '2000' } });
  const wall = await startHttpProxy(strict.url);
  wall.websockets = 'refuse';
  const quiet = new Devices({ ...strict, url: wall.url });
  const visitor = await quiet.visitor({ transport: transport() });
  await isOpen(visitor);
  const signs = () => wall.count((seen) => onStream(seen) && seen.method === 'POST' && !isMessage(seen));
  await vi.waitFor(() => expect(signs()).toBeGreaterThan(15), { timeout: 20_000 });
  expect(wall.count(isEvents)).toBe(1);
  await quiet.stop();
  await wall.stop();
  await strict.stop();
});

test('a server that goes down says so on its streams, and ends though they are open', async () => {
  const going = await startServer();
  const stream = await RawStream.open(going.url, going.tenantId);
  await stream.frame('hello', 1, hello);
  const events = await fetch(stream.url, { headers: { ...stream.headers, accept: 'text/event-stream' } });
  const polled = await RawStream.open(going.url, going.tenantId);
  // The one that is answered was replaced by the other: that one is waiting at the server.
  const polls = [polled.poll(), polled.poll()] as const;
  await Promise.race(polls);
  const [text, one, other] = await Promise.all([events.text(), ...polls, going.stop()]);
  expect(text).toContain('event: close\ndata: {"code":4000,"reason":"server-shutdown"}\n\n');
  expect(one.close ?? other.close).toEqual({ code: 4000, reason: 'server-shutdown' });
});
