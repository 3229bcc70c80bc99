/**
 * Conversations, and how a client keeps its copy true.
 *
 * A tenant's conversations share one counter, the `revision`. Every change of a conversation (a message, a receipt, a new
 * state) takes the next number, in the transaction that stores the change, and leaves it on the conversation.
 * A message that also changes the state or the members takes two: its own, then that of `conversation.changed`.
 *
 * - Live: every event of a conversation carries its new `revision` and the `previousRevision` that the conversation had. A
 *   client whose copy has another one missed something: it asks `conversation.get`, and `message.list` for missing seqs.
 * - After a reconnect: `conversation.changes` with the highest revision up to which the copy is known to be complete, and with
 *   the positions up to which messages are held (`held`), gives what changed since and the messages that are missing, and only
 *   that: one round trip. Events that come meanwhile are merged by seq and revision, so nothing falls between.
 * - In between: the `pong` (hello.ts) carries the newest revision that the asker may see, so that a lost last event is
 *   found within one heartbeat.
 *
 * Revisions that were heard live prove nothing by themselves. They do when they leave no gap after one that is known to be
 * complete: a visitor's own conversation by its chain of `previousRevision`; an agent's desk because it hears of each revision
 * of the tenant but for conversations without a message. A jump at the desk is therefore a doubt and no loss yet: the revisions
 * that were not heard are asked for by `conversation.changes` (`unheard`) some seconds later, at the cost of what was lost.
 */
import { type Static, Type } from '@sinclair/typebox';
import { HELD_MAX_COUNT, PAGE_MAX_COUNT, UNHEARD_MAX_COUNT } from './limits.ts';
import { MessageSchema } from './messages.ts';
import { ConversationIdSchema, event, RevisionSchema, request, SeqSchema } from './schema.ts';
import { ServiceStateSchema, VisitorSchema } from './service.ts';
import { UserSchema } from './users.ts';

export const MemberSchema = Type.Object({
  user: UserSchema,
  /** Up to here a device of this member has it. */
  deliveredSeq: SeqSchema,
  /** Up to here this member has seen it. */
  readSeq: SeqSchema,
});
export type Member = Static<typeof MemberSchema>;

const shared = {
  conversationId: ConversationIdSchema,
  kind: Type.Literal('service'),
  revision: RevisionSchema,
  lastSeq: SeqSchema,
  /** The message with seq `lastSeq`; absent while there is none. */
  lastMessage: Type.Optional(MessageSchema),
  /** The visitor, and each agent who read or wrote here. */
  members: Type.Array(MemberSchema),
  service: ServiceStateSchema,
  /** Agents only. */
  visitor: Type.Optional(VisitorSchema),
  /** Visitors only: up to here they cleared it, on whatever device. Absent: nothing. */
  clearedSeq: Type.Optional(SeqSchema),
};

/** A conversation as all who may see it see it (`visitor` is taken out of a visitor's copy). */
export const SharedConversationSchema = Type.Object(shared);
/** A conversation as one person sees it. */
export const ConversationSchema = Type.Object({
  ...shared,
  /**
   * Messages of the other side that this side has not read. A visitor is a side; all agents together are the other: what one
   * agent read is read.
   */
  unread: Type.Integer({ minimum: 0 }),
});
export type SharedConversation = Static<typeof SharedConversationSchema>;
export type Conversation = Static<typeof ConversationSchema>;

/**
 * The conversations that the asker may see and that hold a message (a visitor's own one also without), newest change
 * first. `filter` is for agents: `waiting`, `mine` (open and taken by the asker) or `all`; a visitor gets their own.
 * Errors: session-required.
 */
export const ConversationList = request('conversation.list', {
  filter: Type.Optional(Type.Union([Type.Literal('waiting'), Type.Literal('mine'), Type.Literal('all')])),
  /** Only conversations with a revision below this: the next page. */
  before: Type.Optional(RevisionSchema),
  /** Default 50. */
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: PAGE_MAX_COUNT })),
});
export const ConversationListResult = Type.Object({
  conversations: Type.Array(ConversationSchema),
  /** The newest revision when the list was read: go on from here with `conversation.changes`. */
  revision: RevisionSchema,
  /** There are older ones: ask again with `before` the last one's revision. */
  more: Type.Boolean(),
});

/** Up to `seq` the asker has the messages of the conversation, without a gap at the end of what it has. 0: it has none. */
export const HeldSchema = Type.Object({ conversationId: ConversationIdSchema, seq: SeqSchema });
export type Held = Static<typeof HeldSchema>;

/** What the asker lacks of a held conversation. */
export const MissedSchema = Type.Object({
  conversationId: ConversationIdSchema,
  /** Ascending from `seq` + 1 without a gap; not all of them, also none, when there are many or when they are large. */
  messages: Type.Array(MessageSchema),
  /** The newest seq of the conversation: what is not here up to there is fetched by `message.list`. */
  lastSeq: SeqSchema,
  /**
   * What is held cannot be continued from here: more than RESUME_FAR_COUNT are missing, or `seq` is one that was never given
   * (a backup was restored). Let go of it and show the newest page; what is earlier is fetched when somebody scrolls there.
   */
  tooFar: Type.Boolean(),
});
export type Missed = Static<typeof MissedSchema>;

/**
 * What changed after a revision, oldest change first. `reset` is true when too much changed to be worth it: `conversations` and
 * `removed` are empty then, ask `conversation.list` anew.
 *
 * All of `held` are compared with the conversations as they are, whatever `after` is and also on a `reset`: what was lost in
 * between is found, too. One that is merged or that the asker may not see is passed over (`removed` tells). Those that matter
 * most come first: the room of an answer (RESUME_MAX_TOTAL, RESUME_MAX_BYTES) is given away in this order.
 * Errors: session-required.
 */
export const ConversationChanges = request('conversation.changes', {
  after: RevisionSchema,
  held: Type.Optional(Type.Array(HeldSchema, { maxItems: HELD_MAX_COUNT })),
  /**
   * Revisions up to `after` that the asker has not heard of: conversations whose revision is one of them are told as well. One that
   * went on since is not; the event that says so shows the gap by its `previousRevision`.
   */
  unheard: Type.Optional(Type.Array(RevisionSchema, { maxItems: UNHEARD_MAX_COUNT })),
});
export const ConversationChangesResult = Type.Object({
  conversations: Type.Array(ConversationSchema),
  /** Conversations that were merged into another one since. */
  removed: Type.Array(ConversationIdSchema),
  revision: RevisionSchema,
  reset: Type.Boolean(),
  /** Of the held conversations only those that lack something, in the order of `held`. Absent without `held`. */
  messages: Type.Optional(Type.Array(MissedSchema)),
});

/** One conversation. Errors: session-required, not-found. */
export const ConversationGet = request('conversation.get', { conversationId: ConversationIdSchema });
export const ConversationGetResult = Type.Object({ conversation: ConversationSchema });

/** Anything but its messages and receipts changed, or it is new to the receiver: the whole conversation anew. */
export const ConversationChanged = event('conversation.changed', {
  conversation: SharedConversationSchema,
  previousRevision: RevisionSchema,
});
/** It was merged into `mergedInto`; its messages stand there under new numbers. */
export const ConversationRemoved = event('conversation.removed', {
  conversationId: ConversationIdSchema,
  mergedInto: ConversationIdSchema,
  revision: RevisionSchema,
});
