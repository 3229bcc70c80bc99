import { expect, test } from 'vitest';
import type { Conversation } from '../../protocol/conversations.ts';
import type { DownEvent } from '../../protocol/down.ts';
import type { ClientMessageId, ConversationId, MessageId, UserId } from '../../protocol/ids.ts';
import type { Message } from '../../protocol/messages.ts';
import type { User } from '../../protocol/users.ts';
import { applyChanged, applyCreated, applyFetched, applyReceipt, type Viewer } from './conversations.ts';

const guest: User = { userId: 'guest' as UserId, kind: 'guest' };
const agent: User = { userId: 'agent' as UserId, kind: 'agent' };
const visitor: Viewer = { side: 'visitor', userId: guest.userId };
const desk: Viewer = { side: 'agent', userId: 'another-agent' as UserId };

const message = (seq: number, { userId }: User): Message => ({
  messageId: `m${seq}` as MessageId,
  conversationId: 'c' as ConversationId,
  seq,
  senderId: userId,
  clientMessageId: `client-${seq}` as ClientMessageId,
  content: { kind: 'text', text: String(seq) },
  sentAt: seq,
});

const known: Conversation = {
  conversationId: 'c' as ConversationId,
  kind: 'service',
  revision: 10,
  lastSeq: 3,
  lastMessage: message(3, guest),
  members: [{ user: guest, deliveredSeq: 3, readSeq: 3 }],
  service: { status: 'waiting' },
  unread: 0,
};

const created = (from: User, revision = 12, previousRevision = 10): DownEvent<'message.created'> => ({
  type: 'message.created',
  message: message(4, from),
  revision,
  previousRevision,
});

test('a message of the other side is unread, one of the own side is not', () => {
  expect(applyCreated(known, created(agent), visitor).conversation).toMatchObject({
    unread: 1,
    lastSeq: 4,
    revision: 12,
  });
  expect(applyCreated(known, created(guest), visitor).conversation.unread).toBe(0);
  expect(applyCreated(known, created(guest), desk).conversation.unread).toBe(1);
  expect(applyCreated(known, created(agent), desk).conversation.unread).toBe(0);
});

test('an event that follows another state than the held one says that the copy is behind', () => {
  expect(applyCreated(known, created(agent, 12, 11), visitor)).toEqual({ conversation: known, complete: false });
});

test('an event that is known already changes nothing', () => {
  expect(applyCreated(known, created(agent, 10, 9), visitor)).toEqual({ conversation: known, complete: true });
});

test('a receipt brings a member in, and the unread count of its own side only', () => {
  const event: DownEvent<'receipt.changed'> = {
    type: 'receipt.changed',
    conversationId: known.conversationId,
    revision: 11,
    previousRevision: 10,
    user: agent,
    deliveredSeq: 3,
    readSeq: 2,
    unread: 5,
  };
  const atVisitor = applyReceipt(known, event, visitor).conversation;
  expect(atVisitor.members).toEqual([{ user: agent, deliveredSeq: 3, readSeq: 2 }, ...known.members]);
  expect(atVisitor.unread).toBe(0);
  expect(applyReceipt(known, event, desk).conversation.unread).toBe(5);
});

test('a changed conversation takes the place of the copy and keeps its unread count', () => {
  const { unread: _, ...shared } = { ...known, revision: 11, service: { status: 'open' as const } };
  const applied = applyChanged({ ...known, unread: 2 }, shared, 10, visitor);
  expect(applied).toEqual({ conversation: { ...shared, unread: 2 }, complete: true });
});

test('a changed conversation with a message that was not heard of counts it', () => {
  const { unread: _, ...shared } = { ...known, revision: 11, lastSeq: 4, lastMessage: message(4, agent) };
  expect(applyChanged(known, shared, 10, visitor)).toMatchObject({ conversation: { unread: 1 }, complete: true });
  expect(applyChanged(known, { ...shared, lastSeq: 5 }, 10, visitor).complete).toBe(false);
  expect(applyChanged(known, { ...shared, revision: 9 }, 8, visitor).conversation).toBe(known);
});

test('a fetched copy never takes the place of a newer one', () => {
  const held = applyFetched(new Map(), [known]);
  expect(applyFetched(held, [{ ...known, revision: 9 }]).get(known.conversationId)).toEqual(known);
  expect(applyFetched(held, [{ ...known, unread: 7 }]).get(known.conversationId)?.unread).toBe(7);
});
