import { type Static, Type } from '@sinclair/typebox';
import { ContentSchema, SentContentSchema } from './content.ts';
import { PAGE_MAX_COUNT } from './limits.ts';
import {
  ClientMessageIdSchema,
  ConversationIdSchema,
  event,
  MessageIdSchema,
  RevisionSchema,
  request,
  SeqSchema,
  TimeSchema,
  UserIdSchema,
} from './schema.ts';

export const MessageSchema = Type.Object({
  messageId: MessageIdSchema,
  conversationId: ConversationIdSchema,
  /** Position in the conversation: 1, 2, 3 … The order of messages is this, never a time. */
  seq: SeqSchema,
  senderId: UserIdSchema,
  clientMessageId: ClientMessageIdSchema,
  content: ContentSchema,
  sentAt: TimeSchema,
});
export type Message = Static<typeof MessageSchema>;

/**
 * Sends a message. The `ok` comes after it is committed. Sending the same clientMessageId again, at any time, returns the
 * first result and stores nothing; with other content it is `client-message-id-reused` (of a message that was taken back since,
 * the content is not known any more, and any is right).
 * Errors: session-required, not-found, text-too-long, text-empty, file-unknown, client-message-id-reused, recall-too-late,
 * forbidden, rate-limited.
 */
export const MessageSend = request('message.send', {
  conversationId: ConversationIdSchema,
  clientMessageId: ClientMessageIdSchema,
  content: SentContentSchema,
});
export const MessageSendResult = Type.Object({
  messageId: MessageIdSchema,
  /** The conversation it now stands in: another one than asked for, when that was merged into it. */
  conversationId: ConversationIdSchema,
  seq: SeqSchema,
  sentAt: TimeSchema,
});

/**
 * Messages of a conversation in ascending order of seq: the `limit` ones right after `after`, or the `limit` ones right
 * before `before`; without either, the newest. Fewer where more would be over PAGE_MAX_BYTES: whether there are more is told by the
 * numbers, never by the count. Errors: session-required, not-found.
 */
export const MessageList = request('message.list', {
  conversationId: ConversationIdSchema,
  after: Type.Optional(SeqSchema),
  before: Type.Optional(SeqSchema),
  /** Default 50. */
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: PAGE_MAX_COUNT })),
});
export const MessageListResult = Type.Object({
  messages: Type.Array(MessageSchema),
  /** The newest seq of the conversation when the list was read. */
  lastSeq: SeqSchema,
});

/** A message was stored. Everybody who may see the conversation gets it, the sender's own devices too. */
export const MessageCreated = event('message.created', {
  message: MessageSchema,
  /** See conversations.ts. */
  revision: RevisionSchema,
  previousRevision: RevisionSchema,
});

/**
 * A visitor clears their copy of a conversation, on all their devices and for good: the content of what stands at or below `upTo`
 * is `cleared` to them from now on. Agents keep theirs. Their devices hear of it by `conversation.changed` (`clearedSeq`).
 * Errors: session-required, forbidden, not-found.
 */
export const MessageClear = request('message.clear', {
  conversationId: ConversationIdSchema,
  upTo: SeqSchema,
});
