import { expect, test } from 'vitest';
import type { Conversation } from '../protocol/conversations.ts';
import type { ConversationId, UserId } from '../protocol/ids.ts';
import { assigneeOf, belongsTo, concerns, inboxRows, neighbour, unreadForAgent, visitorOf } from './inbox.ts';

const me = 'agent-me' as UserId;
const colleague = 'agent-other' as UserId;

type Service = Conversation['service'];

function conversation(id: string, service: Service, extra: { sentAt?: number; unread?: number } = {}): Conversation {
  const { sentAt = 1_000, unread = 0 } = extra;
  const visitor = { userId: `visitor-${id}` as UserId, kind: 'guest' as const };
  return {
    conversationId: id as ConversationId,
    kind: 'service',
    revision: 1,
    lastSeq: 1,
    lastMessage: {
      messageId: `m-${id}`,
      conversationId: id,
      seq: 1,
      senderId: visitor.userId,
      clientMessageId: `c-${id}`,
      content: { kind: 'text', text: 'Hello' },
      sentAt,
    } as Conversation['lastMessage'] & object,
    members: [
      { user: { userId: colleague, kind: 'agent', name: 'Omar' }, deliveredSeq: 0, readSeq: 0 },
      { user: visitor, deliveredSeq: 1, readSeq: 1 },
    ],
    service,
    unread,
  };
}

const waiting = (id: string, since: number) => conversation(id, { status: 'waiting', waitingSince: since });
const ids = (rows: readonly Conversation[]) => rows.map((row) => row.conversationId);

test('who has waited longest is first among those who wait', () => {
  const all = [waiting('b', 200), waiting('a', 100), conversation('c', { status: 'closed' })];
  expect(ids(inboxRows(all, 'waiting', me))).toEqual(['a', 'b']);
});

test('elsewhere the latest message is first, and equal times keep their order', () => {
  const mine = { status: 'open', assigneeId: me } as const;
  const all = [
    conversation('old', mine, { sentAt: 1 }),
    conversation('y', mine, { sentAt: 5 }),
    conversation('x', mine, { sentAt: 5 }),
  ];
  expect(ids(inboxRows(all, 'mine', me))).toEqual(['x', 'y', 'old']);
  expect(ids(inboxRows([...all].reverse(), 'mine', me))).toEqual(['x', 'y', 'old']);
});

test('mine is what I have now: not what a colleague has, nor what I closed', () => {
  expect(belongsTo('mine', conversation('a', { status: 'open', assigneeId: me }), me)).toBe(true);
  expect(belongsTo('mine', conversation('a', { status: 'open', assigneeId: colleague }), me)).toBe(false);
  expect(belongsTo('mine', conversation('a', { status: 'closed', assigneeId: me }), me)).toBe(false);
});

test('all has everything that holds a message', () => {
  const empty = { ...conversation('a', { status: 'open' }), lastSeq: 0 };
  expect(belongsTo('all', empty, me)).toBe(false);
  expect(belongsTo('all', conversation('a', { status: 'closed' }), me)).toBe(true);
});

test("the title counts what waits for this agent and leaves out a colleague's", () => {
  const all = [
    conversation('a', { status: 'waiting' }, { unread: 3 }),
    conversation('b', { status: 'open', assigneeId: me }, { unread: 1 }),
    conversation('c', { status: 'open', assigneeId: colleague }, { unread: 9 }),
    conversation('d', { status: 'waiting' }),
  ];
  expect(unreadForAgent(all, me)).toBe(2);
  expect(concerns(conversation('c', { status: 'open', assigneeId: colleague }), me)).toBe(false);
});

test('the next row stops at the ends, and begins at the top for a conversation that left the list', () => {
  const rows = [waiting('a', 1), waiting('b', 2)];
  expect(neighbour(rows, 'a' as ConversationId, 1)?.conversationId).toBe('b');
  expect(neighbour(rows, 'b' as ConversationId, 1)?.conversationId).toBe('b');
  expect(neighbour(rows, 'a' as ConversationId, -1)?.conversationId).toBe('a');
  expect(neighbour(rows, 'gone' as ConversationId, 1)?.conversationId).toBe('a');
  expect(neighbour([], undefined, 1)).toBeUndefined();
});

test('the visitor and the one who has it are found among the members', () => {
  const one = conversation('a', { status: 'open', assigneeId: colleague });
  expect(visitorOf(one)?.userId).toBe('visitor-a');
  expect(assigneeOf(one)?.name).toBe('Omar');
});
