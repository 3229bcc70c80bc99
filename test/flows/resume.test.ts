/** Coming back: cut at every step while others write, and several devices of everybody that end with the same. */
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { DownFrame } from '../../protocol/down.ts';
import type { ConversationId } from '../../protocol/ids.ts';
import {
  type Device,
  Devices,
  hasStored,
  isOpen,
  type Network,
  textsOf,
  timelineOf,
  write,
} from '../support/node-client.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';

const RESUMES = 200;

let server: TestServer;
let devices: Devices;

beforeAll(async () => {
  server = await startServer();
  devices = new Devices(server);
});
afterEach(() => devices.stop());
afterAll(() => server.stop());

const id = ({ client }: Device) => client.ownConversationId() as ConversationId;
const results = (frame: DownFrame) => (frame.type === 'ok' ? (frame.result as Record<string, unknown>) : {});
const isWelcome = (frame: DownFrame) => 'pushPublicKey' in results(frame);
const isAnswer = (frame: DownFrame) => 'removed' in results(frame);
const isEvent = (frame: DownFrame) => frame.type === 'message.created';

/** The line breaks at the first frame that fits; the frame is lost with it. */
function cutAt(network: Network, fits: (frame: DownFrame) => boolean): Promise<void> {
  return new Promise((resolve) => {
    network.loses = (frame) => {
      if (!fits(frame)) return false;
      network.loses = () => true;
      network.cut();
      resolve();
      return true;
    };
  });
}

const isDown = ({ client }: Device) =>
  waitFor(
    'a broken connection',
    () => client.connection.value.name !== 'open' && client.connection.value.name !== 'connecting',
  );

function comeBack({ client, network }: Device): void {
  network.loses = () => false;
  network.restore();
  client.wake();
}

test('cut at each step of a resume while somebody writes, nothing is lost, doubled or out of order', async () => {
  const visitor = await devices.visitor();
  const agent = await devices.agent();
  write(visitor, 'Hello');
  await hasStored(visitor, 1);
  // Full jitter begins at nothing: each try comes at once.
  vi.spyOn(Math, 'random').mockReturnValue(0);
  const told: number[] = [];
  visitor.client.onMessage(({ seq }) => told.push(seq));
  await agent.client.open(id(visitor));
  const expected = ['Hello'];
  const say = () => {
    expected.push(`answer ${expected.length}`);
    agent.client.send(id(visitor), { kind: 'text', text: expected.at(-1) as string });
  };
  const steps = [
    isWelcome,
    isAnswer,
    (frame: DownFrame) => isEvent(frame) || isAnswer(frame),
    (frame: DownFrame) => frame.type === 'ok' && !isWelcome(frame),
  ];
  visitor.network.cut();
  await isDown(visitor);
  for (let count = 0; count < RESUMES; count++) {
    if (count % 3 === 0) say();
    const cut = cutAt(visitor.network, steps[count % steps.length] as (frame: DownFrame) => boolean);
    visitor.network.restore();
    visitor.client.wake();
    if (count % 3 === 1) say();
    await cut;
    await isDown(visitor);
  }
  comeBack(visitor);
  await hasStored(visitor, expected.length);
  expect(textsOf(visitor)).toEqual(expected);
  expect(told).toEqual(expected.slice(1).map((_, index) => index + 2));
});

test('what a desk lost in one conversation is found although others went on', async () => {
  const [one, other] = [await devices.visitor(), await devices.visitor()];
  const agent = await devices.agent();
  await agent.client.listConversations('all');
  for (const visitor of [one, other]) {
    write(visitor, 'Hello');
    await hasStored(visitor, 1);
    await agent.client.open(id(visitor));
  }
  const lastAt = (visitor: Device) => agent.client.timeline(id(visitor)).value.entries.at(-1)?.seq;
  agent.network.loses = (frame) => frame.type.includes('.') && JSON.stringify(frame).includes(id(one));
  write(one, 'lost');
  await hasStored(one, 2);
  write(other, 'heard');
  await waitFor('the other one', () => lastAt(other) === 2);
  expect(lastAt(one)).toBe(1);
  // Nobody writes any more, and the newest revision was heard. A pong, or some seconds, and it is asked for.
  agent.client.wake();
  await waitFor('the lost one', () => lastAt(one) === 2);
});

test('two devices of a visitor and two agents end equal, and equal to fresh ones', async () => {
  const phone = await devices.visitor();
  write(phone, 'from the phone');
  await hasStored(phone, 1);
  const session = phone.client.session.value ?? '';
  const laptop = await devices.visitor({ session });
  await hasStored(laptop, 1);
  const desks = [await devices.agent(), await devices.agent()] as const;
  for (const { client } of desks) {
    await client.listConversations('all');
    await client.open(id(phone));
  }
  const [ada, ben] = desks;
  write(laptop, 'from the laptop');
  await hasStored(phone, 2);
  await ada.client.request('service.take', { conversationId: id(phone) });
  ada.client.send(id(phone), { kind: 'text', text: 'answer' });
  await Promise.all([hasStored(phone, 3), hasStored(laptop, 3)]);
  laptop.client.markRead(id(phone), 3);
  await waitFor('read on the phone, too', () => phone.client.conversations.value.get(id(phone))?.unread === 0);
  laptop.network.cut();
  ben.network.cut();
  write(phone, 'while others are away');
  await hasStored(phone, 4);
  ada.client.markRead(id(phone), 4);
  await ada.client.request('service.close', { conversationId: id(phone) });
  comeBack(laptop);
  comeBack(ben);
  await Promise.all([hasStored(laptop, 4), isOpen(ben)]);
  const revision = ({ client }: Device) => client.conversations.value.get(id(phone))?.revision;
  const fresh = [await devices.visitor({ session }), await devices.agent()] as const;
  await hasStored(fresh[0], 4);
  await fresh[1].client.listConversations('all');
  await fresh[1].client.open(id(phone));
  const all = [phone, laptop, ...desks, ...fresh];
  await waitFor('the end of all receipts', () => {
    const members = phone.client.conversations.value.get(id(phone))?.members ?? [];
    return members.length === 2 && members.every(({ deliveredSeq }) => deliveredSeq >= 3);
  });
  await waitFor('the same revision everywhere', () => new Set(all.map(revision)).size === 1);
  const state = ({ client }: Device) => ({
    conversation: client.conversations.value.get(id(phone)),
    entries: client.timeline(id(phone)).value.entries.map(({ seq, messageId, mine, state, content }) => ({
      seq,
      messageId,
      mine,
      state,
      content,
    })),
  });
  for (const visitor of [phone, laptop]) expect(state(visitor)).toEqual(state(fresh[0]));
  for (const agent of desks) expect(state(agent)).toEqual(state(fresh[1]));
  expect(timelineOf(phone).entries).toHaveLength(4);
  expect(state(phone).conversation).toMatchObject({ service: { status: 'closed' }, unread: 0, lastSeq: 4 });
});
