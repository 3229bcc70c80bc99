/** Taking a message back or away: live, after a reload, after an absence, and on every device alike. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createMemoryCache } from '../../client/cache.ts';
import { recallableFor, removeMessage } from '../../client/recall.ts';
import type { Removal } from '../../protocol/content.ts';
import type { ConversationId } from '../../protocol/ids.ts';
import { type Device, Devices, hasStored, Network, textsOf, write } from '../support/node-client.ts';
import { newClientMessageId, newVisitor } from '../support/raw-client.ts';
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

const id = ({ client }: Device) => client.ownConversationId() as ConversationId;
const copy = ({ client }: Device, conversationId: ConversationId) => client.conversations.value.get(conversationId);
const recall = (seq: number): Removal => ({ kind: 'recall', seq });
const erase = (seq: number): Removal => ({ kind: 'delete', seq });

async function talking(cache = createMemoryCache(), network = new Network()) {
  const visitor = await devices.visitor({ cache, network });
  const agent = await devices.agent();
  await agent.client.listConversations('all');
  write(visitor, 'one');
  await hasStored(visitor, 1);
  const conversationId = id(visitor);
  await waitFor('the conversation', () => copy(agent, conversationId));
  await agent.client.open(conversationId);
  agent.client.send(conversationId, { kind: 'text', text: 'two' });
  await hasStored(visitor, 2);
  write(visitor, 'three');
  await hasStored(visitor, 3);
  const onDesk = () =>
    agent.client
      .timeline(conversationId)
      .value.entries.map(({ content }) => (content.kind === 'text' ? content.text : content.kind));
  const knows = (device: Device, seq: number) =>
    waitFor(`seq ${seq}`, () => copy(device, conversationId)?.lastSeq === seq);
  return { visitor, agent, conversationId, cache, onDesk, knows };
}

test('a visitor takes a message back, and all see the same, live and after a reload', async () => {
  const { visitor, agent, conversationId, cache, onDesk, knows } = await talking();
  expect(recallableFor(visitor.client, lastOf(visitor))).toBeGreaterThan(0);
  await removeMessage(visitor.client, conversationId, recall(1));
  await Promise.all([knows(visitor, 4), knows(agent, 4)]);
  const after = ['recalled', 'two', 'three'];
  expect([textsOf(visitor), onDesk()]).toEqual([after, after]);
  await visitor.client.stop();
  const again = await devices.visitor({ cache });
  await waitFor('an open connection', () => again.client.connection.value.name === 'open');
  expect(textsOf(again)).toEqual(after);
  const fresh = await devices.visitor({ session: again.client.session.value ?? '' });
  await waitFor('the page', () => textsOf(fresh).length === 3);
  expect(textsOf(fresh)).toEqual(after);
});

const lastOf = ({ client }: Device) => {
  const last = client.timeline(client.ownConversationId()).value.entries.at(-1);
  if (!last) throw new Error('there is no message');
  return last;
};

test('who was away finds it gone when they come back, also in what their device kept', async () => {
  const network = new Network();
  const { visitor, agent, conversationId, cache, knows } = await talking(createMemoryCache(), network);
  network.cut();
  await waitFor('the loss', () => visitor.client.connection.value.name !== 'open');
  await removeMessage(agent.client, conversationId, recall(2));
  await removeMessage(agent.client, conversationId, erase(3));
  expect(textsOf(visitor)).toEqual(['one', 'two', 'three']);
  network.restore();
  visitor.client.wake();
  await knows(visitor, 5);
  const after = ['one', 'recalled', 'deleted'];
  await waitFor('the removals', () => textsOf(visitor).join() === after.join());
  await visitor.client.stop();
  const offline = new Network();
  offline.cut();
  const kept = await devices.visitor({ cache, network: offline });
  expect(textsOf(kept)).toEqual(after);
});

test('what was taken back counts as nothing new, and is read with what stands before it', async () => {
  const { visitor, agent, conversationId, knows } = await talking();
  visitor.client.markRead(conversationId, 2);
  agent.client.send(conversationId, { kind: 'text', text: 'a slip' });
  await hasStored(visitor, 4);
  await waitFor('unread', () => copy(visitor, conversationId)?.unread === 1);
  await removeMessage(agent.client, conversationId, recall(4));
  await knows(visitor, 5);
  await waitFor('nothing unread', () => copy(visitor, conversationId)?.unread === 0);
  // Its line comes in sight; the recall itself never can.
  visitor.client.markRead(conversationId, 4);
  const readBy = (device: Device) =>
    copy(agent, conversationId)?.members.find(({ user }) => user.userId === device.client.user.value?.userId)?.readSeq;
  await waitFor('all read', () => readBy(visitor) === 5);
  // While it is looked at.
  await removeMessage(agent.client, conversationId, erase(1));
  await waitFor('all read again', () => readBy(visitor) === 6);
  expect(copy(visitor, conversationId)?.unread).toBe(0);
});

test('others’ messages, old ones and those that are gone are not taken back, and only agents delete', async () => {
  const { visitor, agent, conversationId } = await talking();
  const refused = (device: Device, content: Removal) =>
    removeMessage(device.client, conversationId, content).then(
      () => 'done',
      (error: { code: string }) => error.code,
    );
  expect(await refused(visitor, recall(2))).toBe('not-found');
  expect(await refused(visitor, erase(1))).toBe('forbidden');
  expect(await refused(agent, erase(9))).toBe('not-found');
  expect(await refused(visitor, recall(1))).toBe('done');
  expect(await refused(visitor, recall(1))).toBe('not-found');
  const stranger = await devices.visitor();
  write(stranger, 'somebody else');
  await hasStored(stranger, 1);
  expect(await refused(stranger, recall(3))).toBe('not-found');
});

test.each([
  ['after its time', '120', 121_000],
  ['where the setting says never', '0', 0],
])('%s a message is not taken back', async (_, RECALL_SECONDS, passed) => {
  const strict = await startServer({ env: { RECALL_SECONDS } });
  try {
    const { client, session } = await newVisitor(strict.url, strict.tenantId);
    const { conversationId } = session.conversation;
    const send = (content: object) => ({ conversationId, clientMessageId: newClientMessageId(), content });
    await client.request('message.send', send({ kind: 'text', text: 'forever' }));
    strict.moveClock(passed);
    expect(await client.refusal('message.send', send(recall(1)))).toBe('recall-too-late');
    await client.close();
  } finally {
    await strict.stop();
  }
});

test('no answer of the server holds what was said, and the same recall again is the first one', async () => {
  const { client, session } = await newVisitor(server.url, server.tenantId);
  const { conversationId } = session.conversation;
  const send = (content: object, clientMessageId = newClientMessageId()) =>
    client.request<{ seq: number }>('message.send', { conversationId, clientMessageId, content });
  await send({ kind: 'text', text: 'my secret' });
  const [once, secret] = [newClientMessageId(), newClientMessageId()];
  await send({ kind: 'text', text: 'another secret' }, secret);
  expect((await send(recall(1), once)).seq).toBe(3);
  expect((await send(recall(1), once)).seq).toBe(3);
  expect((await send(recall(2))).seq).toBe(4);
  expect((await send({ kind: 'text', text: 'another secret' }, secret)).seq).toBe(2);
  const answers = [
    await client.request('message.list', { conversationId }),
    await client.request('conversation.list'),
    await client.request('conversation.changes', { after: 0, held: [{ conversationId, seq: 0 }] }),
  ];
  expect(JSON.stringify(answers)).not.toContain('secret');
  expect(JSON.stringify(answers[0])).toContain('"recalled"');
  await client.close();
});

test('what a visitor cleared is gone from all their devices, those that are away included, and the desk keeps it', async () => {
  const away = new Network();
  const { visitor, agent, conversationId, onDesk } = await talking(createMemoryCache(), away);
  const other = await devices.visitor({ session: visitor.client.session.value ?? '' });
  await waitFor('the other device', () => textsOf(other).length === 3);
  away.cut();
  await waitFor('the loss', () => visitor.client.connection.value.name !== 'open');
  await other.client.request('message.clear', { conversationId, upTo: 3 });
  await waitFor('an empty screen', () => textsOf(other).length === 0);
  expect(other.client.timeline(conversationId).value).toMatchObject({ hasEarlier: false, loaded: true });
  away.restore();
  visitor.client.wake();
  await waitFor('an empty screen', () => textsOf(visitor).length === 0);
  agent.client.send(conversationId, { kind: 'text', text: 'still here' });
  for (const device of [visitor, other]) await waitFor('the answer', () => textsOf(device).join() === 'still here');
  expect(onDesk()).toEqual(['one', 'two', 'three', 'still here']);
  await waitFor('unread', () => copy(other, conversationId)?.unread === 1);
  await other.client.stop();
  await visitor.client.stop();
  const fresh = await devices.visitor({ session: other.client.session.value ?? '' });
  await waitFor('the page', () => textsOf(fresh).join() === 'still here');
  const held = JSON.stringify([...fresh.client.conversations.value.values()]);
  expect(held).not.toContain('three');
  const refusal = agent.client.request('message.clear', { conversationId, upTo: 1 });
  await expect(refusal).rejects.toMatchObject({ code: 'forbidden' });
});
