/** Who is told of a message, through the whole server and a push service that decrypts. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp } from '../../server/app.ts';
import { createLog } from '../../server/log.ts';
import { readSettings } from '../../server/settings.ts';
import { type FakePush, payloadOf, startFakePush } from '../support/fake-push.ts';
import { newAgent, newClientMessageId, newVisitor, type RawClient, type Session } from '../support/raw-client.ts';
import { startServer, type TestServer } from '../support/server.ts';

const DELAY_MS = 300;

let push: FakePush;
let server: TestServer;
let agent: RawClient;

const environment = () => ({
  LOG_LEVEL: 'error',
  PUSH_DELAY_MS: String(DELAY_MS),
  PUSH_ENDPOINT_ALLOW: push.host,
  PUSH_EXTRA_CA: push.caPath,
});

beforeAll(async () => {
  push = await startFakePush();
  server = await startServer({ env: environment() });
  agent = (await server.newAgent()).client;
});
afterAll(async () => {
  await agent?.close();
  await server?.stop();
  await push?.close();
});

interface Visitor {
  readonly client: RawClient;
  readonly session: Session;
  readonly conversationId: string;
  readonly endpoint: string;
}

/** A visitor who wrote once and wants to be told. */
async function visitorWithPush(fields: object = { context: 'page' }): Promise<Visitor> {
  const { client, session } = await newVisitor(server.url, server.tenantId, { locale: 'en-GB' });
  const { conversationId } = session.conversation;
  const subscription = push.subscribe(server.domain.push.publicKey).toJson();
  await client.request('push.subscribe', { subscription, ...fields });
  await write(client, conversationId, 'Hello');
  return { client, session, conversationId, endpoint: subscription.endpoint };
}

function write(client: RawClient, conversationId: string, text: string): Promise<{ seq: number }> {
  const content = { kind: 'text', text };
  return client.request('message.send', { conversationId, clientMessageId: newClientMessageId(), content });
}

const pushesTo = (endpoint: string) => push.received.filter((message) => message.endpoint === endpoint);

/** Another visitor is told of a message that was sent after this moment: whatever was due before has had its turn. */
async function untilLaterPushes(): Promise<void> {
  const witness = await visitorWithPush();
  await witness.client.close();
  const arrived = nextTo(witness.endpoint);
  await write(agent, witness.conversationId, 'for the witness');
  await arrived;
}

async function nextTo(endpoint: string) {
  for (;;) {
    const message = pushesTo(endpoint).at(-1) ?? (await push.next('push'));
    if (message.endpoint === endpoint) return message;
  }
}

test('a visitor who left is told of the answer: by whom, what, and where to read it', async () => {
  const visitor = await visitorWithPush();
  await visitor.client.close();
  const { seq } = await write(agent, visitor.conversationId, '有货，今天发出');
  const message = await nextTo(visitor.endpoint);
  expect(message).toMatchObject({ urgency: 'high' });
  expect(message.ttl).toBeGreaterThan(86_000);
  expect(payloadOf(message)).toEqual({
    web_push: 8030,
    notification: {
      title: 'Lin Yue',
      body: '有货，今天发出',
      navigate: `${server.url}/im/demo#c=${visitor.conversationId}`,
      tag: `inlay:${visitor.conversationId}`,
      lang: 'en',
      data: { conversationId: visitor.conversationId, seq },
    },
  });
});

test('what was read within the delay is not told', async () => {
  const visitor = await visitorWithPush();
  const { seq } = await write(agent, visitor.conversationId, 'Still there?');
  await visitor.client.event('message.created');
  await visitor.client.request('receipt.update', { conversationId: visitor.conversationId, readSeq: seq });
  await visitor.client.close();
  await untilLaterPushes();
  expect(pushesTo(visitor.endpoint)).toEqual([]);
});

test('a visitor who is connected is not told, until they are gone without having read', async () => {
  const visitor = await visitorWithPush();
  await write(agent, visitor.conversationId, 'I am here');
  await untilLaterPushes();
  expect(pushesTo(visitor.endpoint)).toEqual([]);
  await visitor.client.close();
  expect(payloadOf(await nextTo(visitor.endpoint)).notification.body).toBe('I am here');
});

test('where the host has its own worker, a click leads back to the host’s page, but only to one of the tenant', async () => {
  const told = async (pageUrl: string) => {
    const visitor = await visitorWithPush({ context: 'host', pageUrl });
    await visitor.client.close();
    await write(agent, visitor.conversationId, 'Hi');
    return payloadOf(await nextTo(visitor.endpoint)).notification.navigate;
  };
  expect(await told(`${server.allowedOrigin}/cart?item=7`)).toBe(`${server.allowedOrigin}/cart?item=7#inlay=open`);
  expect(await told('https://evil.example/cart')).toMatch(`${server.url}/im/demo#c=`);
});

test('a subscription that is gone is deleted', async () => {
  const visitor = await visitorWithPush();
  push.forget(visitor.endpoint);
  await visitor.client.close();
  const refused = push.next('refused');
  await write(agent, visitor.conversationId, 'Hi');
  expect(await refused).toBe(404);
  await write(agent, visitor.conversationId, 'Hi again');
  await untilLaterPushes();
  expect(pushesTo(visitor.endpoint)).toEqual([]);
});

test('a push service that asks to wait is asked again after that time', async () => {
  const visitor = await visitorWithPush();
  push.fail(visitor.endpoint, 429, { 'retry-after': '1' });
  await visitor.client.close();
  const refused = push.next('refused');
  await write(agent, visitor.conversationId, 'Hi');
  expect(await refused).toBe(429);
  const refusedAt = Date.now();
  push.fail(visitor.endpoint, undefined);
  await nextTo(visitor.endpoint);
  expect(Date.now() - refusedAt).toBeGreaterThanOrEqual(900);
});

test('an agent who is away is told of a visitor’s message, and is led to the console', async () => {
  const { agent: credentials, tenantId } = await server.createTenant('away');
  const { client } = await newAgent(server.url, tenantId, credentials);
  const subscription = push.subscribe(server.domain.push.publicKey).toJson();
  await client.request('push.subscribe', { context: 'page', subscription });
  await client.close();
  const { client: visitor, session } = await newVisitor(server.url, tenantId, { locale: 'zh-CN' });
  const { conversationId } = session.conversation;
  await write(visitor, conversationId, '在吗？');
  expect(payloadOf(await nextTo(subscription.endpoint)).notification).toMatchObject({
    title: '访客',
    body: '在吗？',
    navigate: `${server.url}/console/#c=${conversationId}`,
  });
  await visitor.close();
});

test('a job that waits when the server stops is done after the next start', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'inlay-push-'));
  const first = await startServer({ dataDir, env: { ...environment(), PUSH_DELAY_MS: '1000' } });
  const { client, session } = await newVisitor(first.url, first.tenantId);
  const subscription = push.subscribe(first.domain.push.publicKey).toJson();
  await client.request('push.subscribe', { context: 'page', subscription });
  await write(client, session.conversation.conversationId, 'Hello');
  const desk = await first.newAgent();
  await client.close();
  await write(desk.client, session.conversation.conversationId, 'See you later');
  await first.stop();
  expect(pushesTo(subscription.endpoint)).toEqual([]);
  const settings = readSettings({ PORT: '0', DATA_DIR: dataDir, ...environment() });
  const second = createApp(settings, { log: createLog('warn') });
  await second.start();
  expect(payloadOf(await nextTo(subscription.endpoint)).notification.body).toBe('See you later');
  await second.stop();
  await rm(dataDir, { recursive: true });
});

test('the popup: a code becomes a ticket once, the ticket a subscription, and the visitor’s socket hears of it', async () => {
  const { client, session } = await newVisitor(server.url, server.tenantId);
  const { code } = await client.request<{ code: string }>('push.code.create');
  const post = (path: string, body: object) =>
    fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const redeemed = await post('/v1/push/redeem', { code });
  expect(redeemed.status).toBe(200);
  const { ticket, publicKey, tenant } = (await redeemed.json()) as Record<string, string>;
  expect(tenant).toMatchObject({ tenantId: 'demo', name: 'Shop demo', accent: '#0a7d55' });
  expect((await post('/v1/push/redeem', { code })).status).toBe(410);

  const subscription = push.subscribe(publicKey).toJson();
  const changed = client.event('push.changed');
  expect((await post('/v1/push/subscriptions', { ticket, subscription })).status).toBe(201);
  expect(await changed).toMatchObject({ subscriptions: 1 });
  expect((await post('/v1/push/subscriptions', { ticket: 'forged', subscription })).status).toBe(410);
  expect((await post('/v1/push/subscriptions', { ticket })).status).toBe(400);

  await client.request('push.unsubscribe', { endpoint: subscription.endpoint });
  const counts = () =>
    client.frames.filter((frame) => frame.type === 'push.changed').map((frame) => frame.subscriptions);
  await client.request('ping');
  expect(counts()).toEqual([1, 0]);
  expect(session.user.kind).toBe('guest');
  await client.close();
});

test('an endpoint inside the server’s own network, or keys that are none, are refused', async () => {
  const { client } = await newVisitor(server.url, server.tenantId);
  const good = push.subscribe(server.domain.push.publicKey).toJson();
  const refusal = (change: object) =>
    client.refusal('push.subscribe', { context: 'page', subscription: { ...good, ...change } });
  expect(await refusal({ endpoint: 'https://169.254.169.254/latest/meta-data' })).toBe('push-endpoint-forbidden');
  expect(await refusal({ endpoint: 'http://fcm.googleapis.com/fcm/send/1' })).toBe('push-endpoint-forbidden');
  expect(await refusal({ keys: { ...good.keys, auth: 'AAAA' } })).toBe('push-subscription-invalid');
  await client.request('push.subscribe', { context: 'page', subscription: good });
  await client.close();
});
