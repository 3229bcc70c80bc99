import { Type } from '@sinclair/typebox';
import { ConversationIdSchema, event, request, UserIdSchema } from './schema.ts';

/**
 * Somebody is writing. Sent at most every 3 s while it goes on, and once with `false` when it ends; never stored. A receiver
 * forgets it TYPING_EXPIRES_MS after the last one. Errors: session-required, not-found.
 */
export const TypingSet = request('typing.set', { conversationId: ConversationIdSchema, typing: Type.Boolean() });
export const TypingChanged = event('typing.changed', {
  conversationId: ConversationIdSchema,
  userId: UserIdSchema,
  typing: Type.Boolean(),
});
