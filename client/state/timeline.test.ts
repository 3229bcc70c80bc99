import { expect, test } from 'vitest';
import type { Conversation } from '../../protocol/conversations.ts';
import type { ClientMessageId, ConversationId, MessageId, UserId } from '../../protocol/ids.ts';
import type { Message } from '../../protocol/messages.ts';
import type { User } from '../../protocol/users.ts';
import type { Viewer } from './conversations.ts';
import type { OutboxEntry } from './outbox.ts';
import { TimelineRows } from './timeline.ts';

const guest: User = { userId: 'guest' as UserId, kind: 'guest' };
const agent: User = { userId: 'agent' as UserId, kind: 'agent' };
const second: User = { userId: 'agent-2' as UserId, kind: 'agent' };
const visitor: Viewer = { side: 'visitor', userId: guest.userId };

const message = (seq: number, { userId }: User, key = `client-${seq}`): Message => ({
  messageId: `m${seq}` as MessageId,
  conversationId: 'c' as ConversationId,
  seq,
  senderId: userId,
  clientMessageId: key as ClientMessageId,
  content: { kind: 'text', text: String(seq) },
  sentAt: seq,
});

const entry = (key: string, order: number): OutboxEntry => ({
  key: key as ClientMessageId,
  order,
  target: 'c' as ConversationId,
  content: { kind: 'text', text: key },
  at: order,
  state: 'queued',
  restored: false,
});

const conversation = (...members: Conversation['members']): Conversation => ({
  conversationId: 'c' as ConversationId,
  kind: 'service',
  revision: 1,
  lastSeq: 3,
  members,
  service: { status: 'open' },
  unread: 0,
});

test('what is stored comes first, what is pending after it, and no message twice', () => {
  const rows = new TimelineRows().rows([message(1, guest, 'a')], [entry('a', 1), entry('b', 2)], undefined, visitor);
  expect(rows.map(({ key, state }) => [key, state])).toEqual([
    ['a', 'sent'],
    ['b', 'queued'],
  ]);
});

test('the key of a pending row is the key of the stored one', () => {
  const timeline = new TimelineRows();
  const pending = timeline.rows([], [entry('a', 1)], undefined, visitor);
  const stored = timeline.rows([message(1, guest, 'a')], [], undefined, visitor);
  expect(stored[0]?.key).toBe(pending[0]?.key);
});

test('nobody else can take the key of a row of one’s own', () => {
  const rows = new TimelineRows().rows([message(1, guest, 'a'), message(2, agent, 'a')], [], undefined, visitor);
  expect(new Set(rows.map(({ key }) => key)).size).toBe(2);
});

test('for the visitor, the agent who is furthest says how far a message got', () => {
  const here = conversation(
    { user: guest, deliveredSeq: 3, readSeq: 3 },
    { user: agent, deliveredSeq: 2, readSeq: 1 },
    { user: second, deliveredSeq: 1, readSeq: 0 },
  );
  const messages = [message(1, guest), message(2, guest), message(3, guest)];
  const rows = new TimelineRows().rows(messages, [], here, visitor);
  expect(rows.map(({ state }) => state)).toEqual(['read', 'delivered', 'sent']);
});

test('for an agent, the visitor says how far a message got, and not another agent', () => {
  const here = conversation(
    { user: guest, deliveredSeq: 1, readSeq: 0 },
    { user: agent, deliveredSeq: 2, readSeq: 2 },
    { user: second, deliveredSeq: 2, readSeq: 2 },
  );
  const viewer: Viewer = { side: 'agent', userId: agent.userId };
  const rows = new TimelineRows().rows([message(1, agent), message(2, agent)], [], here, viewer);
  expect(rows.map(({ state }) => state)).toEqual(['delivered', 'sent']);
});

test('a row that has not changed is the same object', () => {
  const timeline = new TimelineRows();
  const [first, last] = [message(1, guest), message(2, guest)];
  const waiting = entry('b', 2);
  const before = timeline.rows([first], [waiting], undefined, visitor);
  const after = timeline.rows([first, last], [waiting], undefined, visitor);
  expect([after[0] === before[0], after[2] === before[1]]).toEqual([true, true]);
});

test('what is on its way when nothing can leave waits like the rest, and goes on as the same row', () => {
  const timeline = new TimelineRows();
  const outbox = [{ ...entry('a', 1), state: 'sending' as const }];
  const rows = (stalled: boolean) => timeline.rows([], outbox, undefined, visitor, stalled)[0];
  expect(rows(false)?.state).toBe('sending');
  const waiting = rows(true);
  expect(waiting?.state).toBe('queued');
  expect(rows(true)).toBe(waiting);
  expect(rows(false)?.state).toBe('sending');
});

test('a recall is no row, and what it took back stays the row that it was', () => {
  const timeline = new TimelineRows();
  const [first, second] = [message(1, guest), message(2, guest)];
  const before = timeline.rows([first, second], [], undefined, visitor);
  const recalled: Message = { ...second, content: { kind: 'recalled' } };
  const recall: Message = { ...message(3, guest), content: { kind: 'recall', seq: 2 } };
  const after = timeline.rows([first, recalled, recall], [], undefined, visitor);
  expect(after.map(({ key, content }) => [key, content.kind])).toEqual([
    [before[0]?.key, 'text'],
    [before[1]?.key, 'recalled'],
  ]);
  expect(after[0]).toBe(before[0]);
});
