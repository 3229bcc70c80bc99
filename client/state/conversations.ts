/**
 * This device's copies of conversations, and what an event makes of one.
 *
 * Each function answers with the copy after the event and with `complete`: false means that the copy is behind the server
 * (something was missed before this event, or the event does not say all) and has to be fetched.
 */
import type { Conversation, SharedConversation } from '../../protocol/conversations.ts';
import type { DownEvent } from '../../protocol/down.ts';
import type { ConversationId, UserId } from '../../protocol/ids.ts';
import type { Message } from '../../protocol/messages.ts';
import { applyReach, type Side, sideOf, sortedMembers } from './receipts.ts';

export type Conversations = ReadonlyMap<ConversationId, Conversation>;

/** Who looks at it: the same event means something else for the visitor and for an agent. */
export interface Viewer {
  readonly side: Side;
  readonly userId: UserId | undefined;
}

export interface Applied {
  readonly conversation: Conversation;
  readonly complete: boolean;
}

export function visitorIdOf({ members }: SharedConversation): UserId | undefined {
  return members.find(({ user }) => user.kind !== 'agent')?.user.userId;
}

/** A fetched copy takes the place of an older one. */
export function applyFetched(conversations: Conversations, fetched: readonly Conversation[]): Conversations {
  const next = new Map(conversations);
  for (const conversation of fetched) {
    const known = next.get(conversation.conversationId);
    const members = sortedMembers(conversation.members);
    if (!known || known.revision <= conversation.revision)
      next.set(conversation.conversationId, { ...conversation, members });
  }
  return next;
}

export function applyRemoved(conversations: Conversations, ids: readonly ConversationId[]): Conversations {
  const next = new Map(conversations);
  for (const id of ids) next.delete(id);
  return next;
}

function senderSide(conversation: Conversation, message: Message, viewer: Viewer): Side {
  if (message.senderId === viewer.userId) return viewer.side;
  const member = conversation.members.find(({ user }) => user.userId === message.senderId);
  if (member) return sideOf(member);
  // The visitor is a member from the first message on, so who is none yet is an agent.
  return 'agent';
}

const unreadAfter = (conversation: Conversation, message: Message, viewer: Viewer) =>
  conversation.unread + (senderSide(conversation, message, viewer) === viewer.side ? 0 : 1);

export function applyCreated(known: Conversation, event: DownEvent<'message.created'>, viewer: Viewer): Applied {
  const { message, revision, previousRevision } = event;
  if (revision <= known.revision) return { conversation: known, complete: true };
  if (previousRevision !== known.revision) return { conversation: known, complete: false };
  const unread = unreadAfter(known, message, viewer);
  const conversation = { ...known, revision, unread, lastSeq: message.seq, lastMessage: message };
  return { conversation, complete: true };
}

export function applyReceipt(known: Conversation, event: DownEvent<'receipt.changed'>, viewer: Viewer): Applied {
  const { revision, previousRevision, user, deliveredSeq, readSeq } = event;
  if (revision <= known.revision) return { conversation: known, complete: true };
  if (previousRevision !== known.revision) return { conversation: known, complete: false };
  const members = applyReach(known.members, { user, deliveredSeq, readSeq });
  const ofOwnSide = sideOf({ user, deliveredSeq, readSeq }) === viewer.side;
  const unread = ofOwnSide ? event.unread : known.unread;
  return { conversation: { ...known, revision, members, unread }, complete: true };
}

/**
 * The event carries everything but `unread`, which can be told as long as nothing was missed and at most one message is new.
 * Otherwise nothing is taken: with its revision the copy would look complete.
 */
export function applyChanged(
  known: Conversation,
  shared: SharedConversation,
  previousRevision: number,
  viewer: Viewer,
): Applied {
  if (shared.revision < known.revision) return { conversation: known, complete: true };
  const missed = shared.revision !== known.revision && previousRevision !== known.revision;
  const added = shared.lastSeq - known.lastSeq;
  if (missed || added > 1) return { conversation: known, complete: false };
  const next: Conversation = { ...shared, members: sortedMembers(shared.members), unread: known.unread };
  if (added <= 0 || !shared.lastMessage) return { conversation: next, complete: true };
  return { conversation: { ...next, unread: unreadAfter(next, shared.lastMessage, viewer) }, complete: true };
}
