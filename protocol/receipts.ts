import { Type } from '@sinclair/typebox';
import { ConversationIdSchema, event, RevisionSchema, request, SeqSchema } from './schema.ts';
import { UserSchema } from './users.ts';

/**
 * "I have it up to here", "I have seen it up to here". Numbers only grow: a smaller one changes nothing; one beyond the last
 * message counts as the last. Reading implies having. Errors: session-required, not-found.
 */
export const ReceiptUpdate = request('receipt.update', {
  conversationId: ConversationIdSchema,
  deliveredSeq: Type.Optional(SeqSchema),
  readSeq: Type.Optional(SeqSchema),
});

export const ReceiptChanged = event('receipt.changed', {
  conversationId: ConversationIdSchema,
  revision: RevisionSchema,
  previousRevision: RevisionSchema,
  /** Whose receipt it is; whole, since it may be an agent's first sign in this conversation. */
  user: UserSchema,
  deliveredSeq: SeqSchema,
  readSeq: SeqSchema,
  /** What is unread after it, for the side (see Conversation.unread) of that user. */
  unread: Type.Integer({ minimum: 0 }),
});
