/**
 * What a careless or hostile client can send, and what it gets: a code of protocol/errors.ts, while the server goes on and
 * other visitors notice nothing. Each refusal stands beside the success that the same setup allows.
 */
import { createECDH } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { errorKinds } from '../../protocol/errors.ts';
import { FRAME_MAX_BYTES, TEXT_MAX_LENGTH } from '../../protocol/limits.ts';
import { newClientMessageId, newVisitor, newVisitorKey, RawClient, type Session } from '../support/raw-client.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
/** Somebody else, who must notice nothing of all this. */
let bystander: Awaited<ReturnType<typeof newVisitor>>;

beforeAll(async () => {
  server = await startServer({ env: { FILE_MAX_BYTES: '100000' } });
  bystander = await newVisitor(server.url, server.tenantId);
});

afterAll(async () => {
  await bystanderIsFine();
  await server.stop();
});

const text = (value: string) => ({ kind: 'text', text: value });

const say = (who: { client: RawClient; session: Session }, value: string) =>
  who.client.request<{ seq: number }>('message.send', {
    conversationId: who.session.conversation.conversationId,
    clientMessageId: newClientMessageId(),
    content: text(value),
  });

async function bystanderIsFine(): Promise<void> {
  await say(bystander, 'All quiet here.');
}

async function connect(tenantId: string = server.tenantId, headers: Record<string, string> = {}): Promise<RawClient> {
  const client = new RawClient(server.url, tenantId, headers);
  await client.opened;
  return client;
}

async function greeted(): Promise<RawClient> {
  const client = await connect();
  await client.hello();
  return client;
}

/** The socket is told the code and closed with the close code that belongs to it. */
async function expectClosedWith(client: RawClient, code: keyof typeof errorKinds): Promise<void> {
  const error = (await client.next((frame) => frame.type === 'error')).error as { code: string; retry: string };
  expect([error.code, error.retry]).toEqual([code, errorKinds[code].retry]);
  expect((await client.closed).code).toBe(errorKinds[code].close);
}

test('an unknown tenant: tenant-unknown on the socket, on the link page and for an upload', async () => {
  await expectClosedWith(await connect('nobody'), 'tenant-unknown');
  expect((await fetch(`${server.url}/im/nobody`)).status).toBe(404);
  const upload = await fetch(`${server.url}/v1/tenants/nobody/files`, { method: 'POST', body: new FormData() });
  expect(await upload.json()).toMatchObject({ error: { code: 'tenant-unknown' } });
  expect((await fetch(`${server.url}/im/${server.tenantId}`)).status).toBe(200);
});

test('a foreign origin: origin-forbidden; the own one and an allowed one are let in', async () => {
  await expectClosedWith(await connect(server.tenantId, { origin: 'https://evil.example' }), 'origin-forbidden');
  for (const origin of [new URL(server.url).origin, server.allowedOrigin]) {
    const client = await connect(server.tenantId, { origin });
    await client.hello();
    await client.close();
  }
  const page = await fetch(`${server.url}/embed/${server.tenantId}`);
  expect(page.headers.get('content-security-policy')).toContain(`frame-ancestors ${server.allowedOrigin}`);
});

test('an expired token: token-expired; a forged one, one of another tenant, and an ended one: token-invalid', async () => {
  const { client, session } = await newVisitor(server.url, server.tenantId);
  const resume = async (token: string, tenantId: string = server.tenantId) => {
    const next = await connect(tenantId);
    next.sendFrame('hello', { protocol: { major: 1, minor: 0 }, auth: { kind: 'visitor', token } });
    return next;
  };
  const good = await resume(session.token);
  await good.next((frame) => frame.type === 'ok');

  const [header, claims, signature] = session.token.split('.');
  const forged = [header, claims, Buffer.from('nonsense').toString('base64url') + signature?.slice(12)].join('.');
  await expectClosedWith(await resume(forged), 'token-invalid');
  const other = await server.createTenant('other');
  await expectClosedWith(await resume(session.token, other.tenantId), 'token-invalid');

  server.moveClock(91 * 86_400_000);
  await expectClosedWith(await resume(session.token), 'token-expired');
  server.moveClock(0);

  await client.request('session.end', { everywhere: true });
  await expectClosedWith(await resume(session.token), 'token-invalid');
});

test('a token that a host page keeps is good on that page only', async () => {
  const hostOrigin = 'https://host.example';
  const first = await connect();
  await first.hello(undefined, { hostOrigin });
  const { token } = await first.request<Session>('session.create', { visitorKey: newVisitorKey() });
  const again = await connect();
  await again.hello({ kind: 'visitor', token }, { hostOrigin });
  const elsewhere = await connect();
  elsewhere.sendFrame('hello', {
    protocol: { major: 1, minor: 0 },
    auth: { kind: 'visitor', token },
    hostOrigin: 'https://evil.example',
  });
  await expectClosedWith(elsewhere, 'token-invalid');
  expect((await upload(token, 'a.png', PNG)).body).toMatchObject({ error: { code: 'token-invalid' } });
  expect((await upload(token, 'a.png', PNG, { 'inlay-host-origin': hostOrigin })).status).toBe(201);
});

test('another major version: protocol-unsupported (OIM-13); another minor is welcome', async () => {
  const client = await connect();
  client.sendFrame('hello', { protocol: { major: 2, minor: 0 } });
  await expectClosedWith(client, 'protocol-unsupported');
  const newer = await connect();
  await newer.request('hello', { protocol: { major: 1, minor: 99 } });
  await newer.close();
});

test('something else before hello: hello-required; hello twice: hello-repeated; a ping is answered at any time', async () => {
  const client = await connect();
  expect(await client.refusal('session.create', { visitorKey: newVisitorKey() })).toBe('hello-required');
  await client.request('ping');
  await client.hello();
  expect(await client.refusal('hello', { protocol: { major: 1, minor: 0 } })).toBe('hello-repeated');
  await client.close();
});

test.each([
  ['no JSON', '{"type":'],
  ['a number', '42'],
  ['nothing', ''],
  ['null', 'null'],
  ['an array of texts', '["a"]'],
  ['an empty array', '[]'],
  [
    'an array of a thousand frames',
    JSON.stringify(Array.from({ length: 1000 }, (_, ref) => ({ type: 'ping', ref: ref + 1 }))),
  ],
  ['deep nesting', `${'['.repeat(50_000)}${']'.repeat(50_000)}`],
])('malformed, %s: frame-malformed, and the socket goes on', async (_, bytes) => {
  const client = await greeted();
  client.sendRaw(bytes);
  expect((await client.socketError()).code).toBe('frame-malformed');
  await client.request('ping');
  await client.close();
});

test('a binary message: frame-malformed', async () => {
  const client = await greeted();
  client.sendRaw(Buffer.from([0, 255, 1, 254]), true);
  expect((await client.socketError()).code).toBe('frame-malformed');
  await client.request('ping');
  await client.close();
});

test('fields of the wrong form: frame-invalid with the ref, and the socket goes on', async () => {
  const client = await greeted();
  expect(await client.refusal('session.create', { visitorKey: 'short' })).toBe('frame-invalid');
  expect(await client.refusal('session.create', {})).toBe('frame-invalid');
  expect(await client.refusal('message.send', { conversationId: { $ne: null }, clientMessageId: 1 })).toBe(
    'frame-invalid',
  );
  await client.request('ping');
  await client.close();
});

test('an unknown frame type: frame-unknown, also for names that objects have by birth', async () => {
  const client = await greeted();
  for (const type of ['message.teleport', 'constructor', '__proto__', 'toString'])
    expect(await client.refusal(type)).toBe('frame-unknown');
  await client.request('ping');
  await client.close();
});

test('one bad frame after another: too-many-bad-frames', async () => {
  const client = await greeted();
  for (let count = 0; count < 25; count++) client.sendRaw('nonsense');
  await client.next((frame) => (frame.error as { code?: string } | undefined)?.code === 'too-many-bad-frames');
  expect((await client.closed).code).toBe(4506);
});

test('an oversized frame: frame-too-large; beyond all measure: 1009', async () => {
  const large = await greeted();
  large.sendRaw(`{"type":"ping","ref":1,"padding":"${'x'.repeat(FRAME_MAX_BYTES)}"}`);
  await large.next((frame) => (frame.error as { code?: string } | undefined)?.code === 'frame-too-large');
  expect((await large.closed).code).toBe(4505);
  const huge = await greeted();
  huge.sendRaw('x'.repeat(5 * 1024 * 1024));
  expect((await huge.closed).code).toBe(1009);
});

test('a text of 100,000 characters: text-too-long; of exactly the limit: stored', async () => {
  const visitor = await newVisitor(server.url, server.tenantId);
  const send = (content: object) => ({
    conversationId: visitor.session.conversation.conversationId,
    clientMessageId: newClientMessageId(),
    content,
  });
  expect(await visitor.client.refusal('message.send', send(text('字'.repeat(100_000))))).toBe('text-too-long');
  expect(await visitor.client.refusal('message.send', send(text('x'.repeat(TEXT_MAX_LENGTH + 1))))).toBe(
    'text-too-long',
  );
  expect(await visitor.client.refusal('message.send', send(text(' \n\t ')))).toBe('text-empty');
  expect(await visitor.client.refusal('message.send', send(text('')))).toBe('text-empty');
  expect((await say(visitor, '字'.repeat(TEXT_MAX_LENGTH))).seq).toBe(1);
  await visitor.client.close();
});

test('HTML and script in every field come back letter by letter, as text', async () => {
  const evil = '<img src=x onerror=alert(1)><script>alert(2)</script>"\'`{{7*7}}';
  const visitor = await newVisitor(server.url, server.tenantId, {
    name: evil.slice(0, 60),
    contact: evil,
    locale: '<b>',
    page: { url: 'https://shop.example/?q=<script>', title: evil },
    fields: { [evil.slice(0, 64)]: evil },
  });
  await say(visitor, evil);
  const agent = await server.newAgent();
  const { conversation } = await agent.client.request<{ conversation: Record<string, unknown> }>('conversation.get', {
    conversationId: visitor.session.conversation.conversationId,
  });
  expect(conversation).toMatchObject({
    lastMessage: { content: text(evil) },
    visitor: { contact: evil, page: { title: evil }, fields: { [evil.slice(0, 64)]: evil } },
  });
  const { conversationId } = visitor.session.conversation;
  await visitor.client.request('context.update', {
    context: { page: { url: 'javascript:alert(3)', title: 'A trap' } },
  });
  const later = await agent.client.request<{ conversation: { visitor: object } }>('conversation.get', {
    conversationId,
  });
  expect(JSON.stringify(later.conversation.visitor)).not.toContain('javascript:');
  await visitor.client.close();
  await agent.client.close();
});

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

async function upload(
  token: string | undefined,
  name: string,
  bytes: Buffer,
  more: Record<string, string> = {},
): Promise<{ status: number; body: Record<string, unknown> }> {
  const form = new FormData();
  form.append('file', new Blob([new Uint8Array(bytes)]), name);
  const headers = { ...more, ...(token && { authorization: `Bearer ${token}` }) };
  const answer = await fetch(`${server.url}/v1/tenants/${server.tenantId}/files`, {
    method: 'POST',
    body: form,
    headers,
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

test.each([
  ['page.html', Buffer.from('<!doctype html><script>alert(1)</script>')],
  ['picture.png', Buffer.from('<html><script>alert(1)</script></html>')],
  ['picture.svg', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>')],
  ['notes.txt', Buffer.from([0x4d, 0x5a, 0x90, 0x00, 0x03, 0x00, 0x00, 0x00])],
  ['run.sh', Buffer.from('#!/bin/sh\nrm -rf /\n')],
  ['program.png', Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]), Buffer.alloc(200)])],
])('a file of a forbidden kind, %s: file-kind-forbidden', async (name, bytes) => {
  const { session } = bystander;
  expect(await upload(session.token, name, bytes)).toMatchObject({
    status: 415,
    body: { error: { code: 'file-kind-forbidden' } },
  });
});

test('an empty file, one too large, one without a session: each its code; a picture is taken', async () => {
  const { session } = bystander;
  expect((await upload(session.token, 'a.png', Buffer.alloc(0))).body).toMatchObject({ error: { code: 'file-empty' } });
  expect((await upload(session.token, 'a.png', Buffer.concat([PNG, Buffer.alloc(200_000)]))).body).toMatchObject({
    error: { code: 'file-too-large' },
  });
  expect((await upload(undefined, 'a.png', PNG)).body).toMatchObject({ error: { code: 'session-required' } });
  expect((await upload('nonsense', 'a.png', PNG)).body).toMatchObject({ error: { code: 'token-invalid' } });
  const taken = await upload(session.token, '../../a"<b>.png', PNG);
  expect(taken).toMatchObject({ status: 201, body: { mediaType: 'image/png', width: 1, height: 1 } });
  const served = await fetch(new URL(String(taken.body.url), server.url));
  expect(served.headers.get('content-type')).toBe('image/png');
  expect(served.headers.get('x-content-type-options')).toBe('nosniff');
  expect(served.headers.get('content-security-policy')).toContain('sandbox');
  expect(Buffer.from(await served.arrayBuffer()).equals(PNG)).toBe(true);
});

test('a file of somebody else cannot be sent: file-unknown', async () => {
  const taken = await upload(bystander.session.token, 'a.png', PNG);
  const stranger = await newVisitor(server.url, server.tenantId);
  const input = { clientMessageId: newClientMessageId(), content: { kind: 'image', fileId: taken.body.fileId } };
  expect(
    await stranger.client.refusal('message.send', {
      ...input,
      conversationId: stranger.session.conversation.conversationId,
    }),
  ).toBe('file-unknown');
  await bystander.client.request('message.send', {
    ...input,
    conversationId: bystander.session.conversation.conversationId,
  });
  await stranger.client.close();
});

test("somebody else's conversation does not exist, in the same tenant and in another", async () => {
  const stranger = await newVisitor(server.url, server.tenantId);
  const { conversationId } = bystander.session.conversation;
  const { client } = stranger;
  expect(await client.refusal('conversation.get', { conversationId })).toBe('not-found');
  expect(await client.refusal('message.list', { conversationId })).toBe('not-found');
  expect(await client.refusal('typing.set', { conversationId, typing: true })).toBe('not-found');
  expect(await client.refusal('receipt.update', { conversationId, readSeq: 1 })).toBe('not-found');
  expect(
    await client.refusal('message.send', {
      conversationId,
      clientMessageId: newClientMessageId(),
      content: text('Hello?'),
    }),
  ).toBe('not-found');
  expect(['forbidden', 'not-found']).toContain(await client.refusal('service.take', { conversationId }));
  await bystander.client.request('conversation.get', { conversationId });
  await client.close();
});

test('a thousand frames a second: rate-limited, then frame-flood, while others are served', async () => {
  const visitor = await newVisitor(server.url, server.tenantId);
  let open = true;
  const closed = visitor.client.closed.then((close) => {
    open = false;
    return close;
  });
  for (let round = 0; open && round < 200; round++) {
    for (let count = 0; count < 50; count++) visitor.client.sendFrame('ping');
    await new Promise(setImmediate);
  }
  const begun = Date.now();
  await bystanderIsFine();
  expect(Date.now() - begun).toBeLessThan(2_000);
  expect((await closed).code).toBe(4101);
  const codes = visitor.client.frames.map((frame) => (frame.error as { code?: string } | undefined)?.code);
  expect(codes).toContain('rate-limited');
  expect(codes).toContain('frame-flood');
});

test('too many messages of one visitor: rate-limited with a time to wait, and nothing of it is stored', async () => {
  const visitor = await newVisitor(server.url, server.tenantId);
  const errors: { code: string; retryAfterMs?: number }[] = [];
  let stored = 0;
  for (let count = 0; count < 90; count++) {
    await say(visitor, `message ${count}`).then(
      () => stored++,
      (problem: { error: { code: string; retryAfterMs?: number } }) => errors.push(problem.error),
    );
  }
  expect(errors.length).toBeGreaterThan(0);
  for (const error of errors) {
    expect(error.code).toBe('rate-limited');
    expect(error.retryAfterMs).toBeGreaterThan(0);
  }
  const { lastSeq } = await visitor.client.request<{ lastSeq: number }>('message.list', {
    conversationId: visitor.session.conversation.conversationId,
  });
  expect(lastSeq).toBe(stored);
  await visitor.client.close();
});

test('a clock that is wrong by years: the server stamps, and the order is that of arrival', async () => {
  const visitor = await newVisitor(server.url, server.tenantId);
  const before = Date.now();
  const future = `zzzzzzzz-${newClientMessageId()}`;
  const past = `00000000-${newClientMessageId()}`;
  const { conversationId } = visitor.session.conversation;
  for (const clientMessageId of [future, past]) {
    const sent = await visitor.client.request<{ sentAt: number }>('message.send', {
      conversationId,
      clientMessageId,
      content: text('When?'),
    });
    expect(Math.abs(sent.sentAt - before)).toBeLessThan(60_000);
  }
  const { messages } = await visitor.client.request<{ messages: { clientMessageId: string }[] }>('message.list', {
    conversationId,
  });
  expect(messages.map((message) => message.clientMessageId)).toEqual([future, past]);
  await visitor.client.close();
});

test("the host's identity: wrong secret, no expiry, too old, wrong algorithm are refused; a good one is taken", async () => {
  const sign = (secret: string, claims: Record<string, unknown>, alg = 'HS256') =>
    new SignJWT({ sub: 'user-1', name: 'Wang Fang', ...claims }).setProtectedHeader({ alg }).sign(Buffer.from(secret));
  const soon = Math.floor(Date.now() / 1000) + 600;
  const client = await greeted();
  const { tenantSecret } = server;
  expect(await client.refusal('session.identify', { jwt: 'not a token' })).toBe('identity-invalid');
  expect(await client.refusal('session.identify', { jwt: await sign('x'.repeat(40), { exp: soon }) })).toBe(
    'identity-invalid',
  );
  expect(await client.refusal('session.identify', { jwt: await sign(tenantSecret, {}) })).toBe('identity-invalid');
  expect(await client.refusal('session.identify', { jwt: await sign(tenantSecret, { exp: soon, sub: '' }) })).toBe(
    'identity-invalid',
  );
  expect(await client.refusal('session.identify', { jwt: await sign(tenantSecret, { exp: soon }, 'HS512') })).toBe(
    'identity-invalid',
  );
  expect(await client.refusal('session.identify', { jwt: await sign(tenantSecret, { exp: soon - 4_000 }) })).toBe(
    'identity-expired',
  );
  const session = await client.request<Session>('session.identify', { jwt: await sign(tenantSecret, { exp: soon }) });
  expect(session.user).toMatchObject({ kind: 'user', name: 'Wang Fang' });
  await client.close();
});

test('push endpoints that are no push service: push-endpoint-forbidden; keys of the wrong size: push-subscription-invalid', async () => {
  const browser = createECDH('prime256v1');
  const keys = {
    p256dh: browser.generateKeys().toString('base64url'),
    auth: Buffer.alloc(16, 1).toString('base64url'),
  };
  const subscribe = (endpoint: string, given = keys) => ({ context: 'page', subscription: { endpoint, keys: given } });
  const { client } = bystander;
  for (const endpoint of [
    'http://fcm.googleapis.com/fcm/send/x',
    'https://127.0.0.1/x',
    'https://169.254.169.254/latest/meta-data',
    'https://fcm.googleapis.com.evil.example/x',
    'https://user:pass@fcm.googleapis.com/x',
    'https://fcm.googleapis.com:8443/x',
    'file:///etc/passwd',
    'nonsense',
  ]) {
    expect(await client.refusal('push.subscribe', subscribe(endpoint)), endpoint).toBe('push-endpoint-forbidden');
  }
  const good = 'https://updates.push.services.mozilla.com/wpush/v2/abc';
  expect(await client.refusal('push.subscribe', subscribe(good, { ...keys, auth: 'AA' }))).toBe(
    'push-subscription-invalid',
  );
  await client.request('push.subscribe', subscribe(good));
  await client.request('push.unsubscribe', { endpoint: good });
});
