/** What an operator sees of a message on its way: what is counted at each stage, and the trace of this one. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FRAME_MAX_BYTES } from '../../protocol/limits.ts';
import { newClientMessageId, newVisitor, RawClient, type Visitor } from '../support/raw-client.ts';
import { startServer, type TestServer } from '../support/server.ts';

const TEXT = 'Is the blue one in stock?';

interface Sent {
  readonly messageId: string;
  readonly conversationId: string;
  readonly seq: number;
}
interface Stage {
  readonly stage: string;
  readonly at: number;
  readonly tookMs?: number;
  readonly sockets?: number;
  readonly groupSize?: number;
  readonly side?: string;
}

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const get = (path: string) => fetch(server.url + path);
const tracePath = (messageId: string) => `/v1/operator/messages/${messageId}/trace`;

/** By name and labels. */
async function metrics(): Promise<(name: string) => number> {
  const answer = await get('/metrics');
  expect(answer.status).toBe(200);
  const lines = (await answer.text()).split('\n');
  return (name) => Number(lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1) ?? 0);
}

/** By how much it grew since. */
async function growth(before: (name: string) => number): Promise<(name: string) => number> {
  const after = await metrics();
  return (name) => after(name) - before(name);
}

function send({ client, session }: Visitor, clientMessageId = newClientMessageId()): Promise<Sent> {
  const content = { kind: 'text', text: TEXT };
  return client.request<Sent>('message.send', {
    conversationId: session.conversation.conversationId,
    clientMessageId,
    content,
  });
}

async function traceOf(messageId: string): Promise<{ text: string; stages: readonly Stage[] }> {
  const answer = await get(tracePath(messageId));
  expect(answer.status).toBe(200);
  const text = await answer.text();
  return { text, stages: (JSON.parse(text) as { stages: Stage[] }).stages };
}

test('a message is counted where it passes', async () => {
  const agent = await server.newAgent();
  const visitor = await newVisitor(server.url, server.tenantId);
  const before = await metrics();
  await send(visitor);
  await agent.client.event('message.created');
  const by = await growth(before);
  expect(by('inlay_frames_received_total{type="message.send"}')).toBe(1);
  expect(by('inlay_request_duration_seconds_count{type="message.send"}')).toBe(1);
  expect(by('inlay_request_duration_seconds_bucket{type="message.send",le="10"}')).toBe(1);
  expect(by('inlay_messages_committed_total')).toBe(1);
  expect(by('inlay_commit_group_size_sum')).toBeGreaterThanOrEqual(1);
  expect(by('inlay_commit_duration_seconds_count')).toBeGreaterThanOrEqual(1);
  expect(by('inlay_commit_queue_wait_seconds_count')).toBe(by('inlay_commit_duration_seconds_count'));
  expect(by('inlay_events_published_total')).toBeGreaterThanOrEqual(1);
  expect(by('inlay_deliveries_total')).toBeGreaterThanOrEqual(2);
  await Promise.all([visitor.client.close(), agent.client.close()]);
});

test('a repeat and a refusal are no new messages', async () => {
  const visitor = await newVisitor(server.url, server.tenantId);
  const clientMessageId = newClientMessageId();
  await send(visitor, clientMessageId);
  const before = await metrics();
  await send(visitor, clientMessageId);
  expect(await visitor.client.refusal('message.send', { conversationId: 'x' })).toBe('frame-invalid');
  expect(await visitor.client.refusal('conversation.get', { conversationId: 'nowhere' })).toBe('not-found');
  const by = await growth(before);
  expect(by('inlay_messages_committed_total')).toBe(0);
  expect(by('inlay_messages_repeated_total')).toBe(1);
  expect(by('inlay_frames_refused_total{code="frame-invalid"}')).toBe(1);
  expect(by('inlay_frames_refused_total{code="not-found"}')).toBe(1);
  await visitor.client.close();
});

test('sockets are counted while they are open, and by how they ended', async () => {
  const before = await metrics();
  const visitor = await newVisitor(server.url, server.tenantId);
  expect((await growth(before))('inlay_sockets_open{kind="websocket"}')).toBe(1);
  await visitor.client.close();
  // The client knows of the end a little before the server does; the test's own deadline ends a wait in vain.
  let by = await growth(before);
  while (by('inlay_sockets_closed_total{code="1000"}') === 0) by = await growth(before);
  expect(by('inlay_sockets_open{kind="websocket"}')).toBe(0);
});

test('why the server ends or refuses a connection is counted', async () => {
  const before = await metrics();
  expect((await new RawClient(server.url, 'nobody').closed).code).toBe(4501);
  const { client } = await newVisitor(server.url, server.tenantId);
  client.sendRaw('x'.repeat(FRAME_MAX_BYTES + 1));
  expect((await client.closed).code).toBe(4505);
  const by = await growth(before);
  expect(by('inlay_accepts_refused_total{code="tenant-unknown"}')).toBe(1);
  expect(by('inlay_sockets_ended_total{reason="frame-too-large"}')).toBe(1);
});

test('a message can be followed through its stages, without a word of it', async () => {
  const agent = await server.newAgent();
  const visitor = await newVisitor(server.url, server.tenantId);
  const { messageId, conversationId, seq } = await send(visitor);
  await agent.client.event('message.created');
  const { text, stages } = await traceOf(messageId);
  expect(JSON.parse(text)).toMatchObject({ messageId, conversationId, seq });
  expect(stages.map(({ stage }) => stage).sort()).toEqual(
    ['received', 'queued', 'commit-begun', 'committed', 'published', 'delivered', 'acknowledged'].sort(),
  );
  const order = ['received', 'queued', 'commit-begun', 'committed', 'published'];
  expect(stages.slice(0, order.length).map(({ stage }) => stage)).toEqual(order);
  for (const { tookMs } of stages.slice(1)) expect(tookMs).toBeGreaterThanOrEqual(0);
  expect(Math.abs((stages[0]?.at ?? 0) - Date.now())).toBeLessThan(60_000);
  expect(stages.find(({ stage }) => stage === 'delivered')?.sockets).toBeGreaterThanOrEqual(2);
  expect(text).not.toContain(TEXT);
  await agent.client.request('receipt.update', { conversationId, deliveredSeq: seq, readSeq: seq });
  const later = (await traceOf(messageId)).stages.slice(7);
  expect(later.map(({ stage, side }) => `${stage} by ${side}`).sort()).toEqual([
    'receipt-delivered by desk',
    'receipt-read by desk',
  ]);
  await Promise.all([visitor.client.close(), agent.client.close()]);
});
