/**
 * Which conversations stand in which list, and in what order.
 *
 * Waiting is a queue: who has waited longest is first. Mine and All are for finding things again: the latest message is first.
 * The order is by the message and not by the revision, since a mere receipt takes a new revision too, and a row that
 * jumps to the top because somebody looked at it is lost to the eye.
 */
import type { Conversation } from '../protocol/conversations.ts';
import type { ConversationId, UserId } from '../protocol/ids.ts';
import type { User } from '../protocol/users.ts';

export type Tab = 'waiting' | 'mine' | 'all';
export const tabs: readonly Tab[] = ['waiting', 'mine', 'all'];

export function belongsTo(tab: Tab, { service, lastSeq }: Conversation, agentId: UserId | undefined): boolean {
  switch (tab) {
    case 'waiting':
      return service.status === 'waiting';
    case 'mine':
      return service.status === 'open' && service.assigneeId === agentId;
    case 'all':
      return lastSeq > 0;
  }
}

const lastAt = ({ lastMessage }: Conversation) => lastMessage?.sentAt ?? 0;
const waitingAt = (conversation: Conversation) => conversation.service.waitingSince ?? lastAt(conversation);

function compare(tab: Tab, one: Conversation, other: Conversation): number {
  const byTime = tab === 'waiting' ? waitingAt(one) - waitingAt(other) : lastAt(other) - lastAt(one);
  // Equal times must not make rows change places from one drawing to the next.
  return byTime || (one.conversationId < other.conversationId ? -1 : 1);
}

export function inboxRows(
  conversations: Iterable<Conversation>,
  tab: Tab,
  agentId: UserId | undefined,
): readonly Conversation[] {
  return [...conversations]
    .filter((conversation) => belongsTo(tab, conversation, agentId))
    .sort((one, other) => compare(tab, one, other));
}

/** Conversations in which something unread waits for this agent: nobody's, or their own. */
export function unreadForAgent(conversations: Iterable<Conversation>, agentId: UserId | undefined): number {
  let count = 0;
  for (const conversation of conversations) {
    if (conversation.unread > 0 && concerns(conversation, agentId)) count++;
  }
  return count;
}

/** A message there is news for this agent: it is theirs, or nobody has it yet. */
export function concerns({ service }: Conversation, agentId: UserId | undefined): boolean {
  return service.status === 'waiting' || service.assigneeId === agentId;
}

/** The row to go to with "next" (1) and "previous" (-1); from a conversation that left the list, the nearest end. */
export function neighbour(
  rows: readonly Conversation[],
  from: ConversationId | undefined,
  step: 1 | -1,
): Conversation | undefined {
  const at = rows.findIndex((row) => row.conversationId === from);
  if (at < 0) return rows[0];
  return rows[Math.min(Math.max(at + step, 0), rows.length - 1)];
}

/** The visitor of a conversation; absent only in a copy that is not complete. */
export function visitorOf({ members }: Conversation): User | undefined {
  return members.find(({ user }) => user.kind !== 'agent')?.user;
}

/** The agent who has it, or had it last. */
export function assigneeOf({ members, service }: Conversation): User | undefined {
  return members.find(({ user }) => user.userId === service.assigneeId)?.user;
}
