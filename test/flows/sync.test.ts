/** Every device ends with the same conversation, whatever was lost on the way, at a cost that follows what changed. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { ConversationId } from '../../protocol/ids.ts';
import {
  type Device,
  Devices,
  hasStored,
  isOpen,
  Network,
  textsOf,
  timelineOf,
  write,
} from '../support/node-client.ts';
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

async function talking() {
  const visitor = await devices.visitor();
  const agent = await devices.agent();
  await agent.client.listConversations('all');
  write(visitor, 'Hello');
  await hasStored(visitor, 1);
  await agent.client.open(id(visitor));
  const answer = (text: string) => agent.client.send(id(visitor), { kind: 'text', text });
  const stored = (count: number) =>
    waitFor(`${count} at the agent`, () => {
      const { entries } = agent.client.timeline(id(visitor)).value;
      return entries.length === count && entries.every(({ seq }) => seq !== undefined);
    });
  return { visitor, agent, answer, stored };
}

test('a reconnect fetches only what is new', async () => {
  const { visitor, answer, stored } = await talking();
  visitor.network.cut();
  answer('while you were away');
  await stored(2);
  visitor.network.asked.length = 0;
  visitor.network.restore();
  visitor.client.wake();
  await hasStored(visitor, 2);
  const fetched = visitor.network.asked.filter((type) => type.startsWith('conversation.') || type === 'message.list');
  expect(fetched).toEqual(['conversation.changes']);
});

test('a lost event is healed by the next one', async () => {
  const { visitor, answer, stored } = await talking();
  visitor.network.loses = (frame) => frame.type === 'message.created';
  answer('lost');
  await stored(2);
  visitor.network.loses = () => false;
  answer('heard');
  await hasStored(visitor, 3);
  expect(textsOf(visitor)).toEqual(['Hello', 'lost', 'heard']);
});

test('a lost last event is healed by the heartbeat', async () => {
  const { visitor, answer, stored } = await talking();
  visitor.network.loses = (frame) => frame.type !== 'ok' && frame.type !== 'error';
  answer('lost');
  await stored(2);
  visitor.client.wake();
  await hasStored(visitor, 2);
});

test('with half of all events lost, everybody ends with the same conversation', async () => {
  const { visitor, agent, answer, stored } = await talking();
  let count = 0;
  for (const { network } of [visitor, agent]) network.loses = (frame) => frame.type.includes('.') && count++ % 2 === 0;
  for (let index = 0; index < 10; index++) {
    answer(`answer ${index}`);
    write(visitor, `question ${index}`);
  }
  await waitFor('an empty outbox', () => timelineOf(visitor).entries.every(({ state }) => state !== 'queued'));
  for (const { network } of [visitor, agent]) network.loses = () => false;
  for (const { client } of [visitor, agent]) client.wake();
  await Promise.all([hasStored(visitor, 21), stored(21)]);
  const seen = ({ client }: Device) =>
    client.timeline(id(visitor)).value.entries.map(({ seq, messageId }) => [seq, messageId]);
  expect(seen(visitor)).toEqual(seen(agent));
});

test('live equals reload: the state after events is the state of a fresh fetch, on both sides', async () => {
  const { visitor, agent, answer, stored } = await talking();
  answer('one');
  await hasStored(visitor, 2);
  visitor.client.markRead(id(visitor), 2);
  write(visitor, 'two');
  await stored(3);
  agent.client.markRead(id(visitor), 3);
  await agent.client.request('service.close', { conversationId: id(visitor) });
  write(visitor, 'three');
  await stored(4);
  await waitFor('waiting', () => visitor.client.conversations.value.get(id(visitor))?.service.status === 'waiting');
  const session = visitor.client.session.value ?? '';
  const freshVisitor = await devices.visitor({ session });
  const freshAgent = await devices.agent();
  await hasStored(freshVisitor, 4);
  await freshAgent.client.listConversations('all');
  await freshAgent.client.open(id(visitor));
  const all = [visitor, freshVisitor, agent, freshAgent];
  const revision = ({ client }: Device) => client.conversations.value.get(id(visitor))?.revision;
  await waitFor('the same revision everywhere', () => new Set(all.map(revision)).size === 1);
  for (const [live, fresh] of [
    [visitor, freshVisitor],
    [agent, freshAgent],
  ] as const) {
    const state = ({ client }: Device) => ({
      conversation: client.conversations.value.get(id(visitor)),
      timeline: client.timeline(id(visitor)).value,
    });
    expect(state(live)).toEqual(state(fresh));
  }
});

test('earlier messages come page by page, each once', async () => {
  const { visitor, answer, stored } = await talking();
  for (let index = 0; index < 70; index++) answer(`message ${index}`);
  await stored(71);
  const session = visitor.client.session.value ?? '';
  const fresh = await devices.visitor({ session });
  await waitFor('the newest page', () => timelineOf(fresh).loaded);
  expect(timelineOf(fresh).entries).toHaveLength(50);
  await Promise.all([fresh.client.loadEarlier(id(fresh)), fresh.client.loadEarlier(id(fresh))]);
  expect(timelineOf(fresh).entries.map(({ seq }) => seq)).toEqual(Array.from({ length: 71 }, (_, index) => index + 1));
  expect(timelineOf(fresh).hasEarlier).toBe(false);
});

test('a device whose clock is wrong by years shows the times of the server', async () => {
  const ahead = 3 * 365 * 86_400_000;
  server.moveClock(ahead);
  try {
    const { visitor } = await talking();
    const at = timelineOf(visitor).entries[0]?.at ?? 0;
    expect(Math.abs(at - (Date.now() + ahead))).toBeLessThan(60_000);
    expect(Math.abs(visitor.client.now() - (Date.now() + ahead))).toBeLessThan(60_000);
  } finally {
    server.moveClock(0);
  }
});

test('the desk is online while an agent is there', async () => {
  const visitor = await devices.visitor();
  await isOpen(visitor);
  await waitFor('nobody', () => !visitor.client.deskOnline.value);
  const agent = await devices.agent({ network: new Network() });
  await isOpen(agent);
  write(visitor, 'Hello');
  await hasStored(visitor, 1);
  await waitFor('somebody', () => visitor.client.deskOnline.value);
  await agent.client.stop();
  await waitFor('nobody again', () => !visitor.client.deskOnline.value);
});
