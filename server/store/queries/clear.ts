import type { Kysely } from 'kysely';
import { InlayError } from '../../../protocol/errors.ts';
import { prepared, type Values } from '../prepared.ts';
import type { Database } from '../schema.ts';
import type { ConversationChange, NewClear } from '../store.ts';
import { visitorIdOf } from './conversation-rows.ts';
import { currentRow } from './conversations.ts';
import { saveChange } from './service.ts';

const clearedBy = prepared((db, value: Values<{ conversationKey: number; userKey: number }>) =>
  db
    .selectFrom('members')
    .select('cleared_seq')
    .where('conversation_key', '=', value('conversationKey'))
    .where('user_key', '=', value('userKey')),
);

/** Up to where the member cleared it; 0: nothing. */
export async function clearedSeqOf(db: Kysely<Database>, conversationKey: number, userKey: number): Promise<number> {
  const [member] = await clearedBy(db, { conversationKey, userKey });
  return member?.cleared_seq ?? 0;
}

export async function setCleared(
  db: Kysely<Database>,
  conversationKey: number,
  userKey: number,
  seq: number,
): Promise<void> {
  await db
    .insertInto('members')
    .values({ conversation_key: conversationKey, user_key: userKey, delivered_seq: 0, read_seq: 0, cleared_seq: seq })
    .onConflict((conflict) => conflict.columns(['conversation_key', 'user_key']).doUpdateSet({ cleared_seq: seq }))
    .execute();
}

/** For its visitor. What was cleared stays so; `undefined`: all of it was already. */
export async function clearMessages(
  db: Kysely<Database>,
  tenantKey: number,
  { conversation, visitorId, upTo }: NewClear,
): Promise<ConversationChange | undefined> {
  const row = await currentRow(db, tenantKey, conversation);
  // Handed over since.
  if (visitorIdOf(row) !== visitorId) throw new InlayError('not-found', 'There is no such conversation.');
  const seq = Math.min(upTo, row.last_seq);
  if (seq <= (await clearedSeqOf(db, row.conversation_key, row.visitor_key))) return undefined;
  await setCleared(db, row.conversation_key, row.visitor_key, seq);
  return saveChange(db, tenantKey, row, {});
}
