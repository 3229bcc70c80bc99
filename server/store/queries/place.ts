/**
 * Where a message lies: its conversation's key and its number in one integer, which is the key of the table. So the messages of a
 * conversation lie side by side, a page of them is one place on the disk however many were stored in between, and a message is
 * found without an index beside the table.
 *
 * A number from outside may be larger than there is room for, and would then be a place in another conversation: every condition
 * here therefore names the conversation as well.
 */
import { type ExpressionBuilder, type RawBuilder, sql } from 'kysely';
import type { Database } from '../schema.ts';

/** The largest number of a message. */
export const SEQ_MAX = 2 ** 32 - 1;

type Operand = number | RawBuilder<number>;
type Messages = ExpressionBuilder<Database, 'messages'>;

export function placeOf(conversationKey: Operand, seq: Operand): RawBuilder<number> {
  return sql<number>`(cast(${conversationKey} as bigint) << 32) + ${seq}`;
}

export const placeOfColumns = (conversationKey: string, seq: string): RawBuilder<number> =>
  placeOf(sql.ref<number>(conversationKey), sql.ref<number>(seq));

export function isAt(conversationKey: number, seq: number) {
  return (eb: Messages) =>
    eb.and([
      eb('messages.place', '=', placeOf(conversationKey, seq)),
      eb('messages.conversation_key', '=', conversationKey),
    ]);
}

/** Of the conversation, after the one and up to the other. */
export function isBetween(conversationKey: number, after: number, upTo: number = SEQ_MAX) {
  return (eb: Messages) =>
    eb.and([
      eb('messages.place', '>', placeOf(conversationKey, after)),
      eb('messages.place', '<=', placeOf(conversationKey, upTo)),
      eb('messages.conversation_key', '=', conversationKey),
    ]);
}
