import type { Kysely } from 'kysely';
import { InlayError } from '../../../protocol/errors.ts';
import { prepared, type Values } from '../prepared.ts';
import type { Database } from '../schema.ts';
import type { NewReceipt, ReceiptChange } from '../store.ts';
import { conversationIdOf, countUnread, findMembers, visitorIdOf } from './conversation-rows.ts';
import { currentRow } from './conversations.ts';
import { findReach, type Reach, setReach } from './members.ts';
import { touchConversation } from './revisions.ts';
import { toUser } from './rows.ts';

const readerById = prepared((db, value: Values<{ tenantKey: number; userId: string }>) =>
  db
    .selectFrom('users')
    .select(['user_key', 'public_id', 'kind', 'name', 'avatar'])
    .where('tenant_key', '=', value('tenantKey'))
    .where('public_id', '=', value('userId')),
);

/** Numbers only grow, nobody has read what was not written, and what was read was delivered. `undefined`: nothing changed. */
export async function updateReceipt(
  db: Kysely<Database>,
  tenantKey: number,
  input: NewReceipt,
): Promise<ReceiptChange | undefined> {
  const row = await currentRow(db, tenantKey, input.conversation);
  // Handed over since: a guest who has ended must not become a member of what is the user's now.
  if (input.reader.side === 'visitor' && visitorIdOf(row) !== input.reader.userId)
    throw new InlayError('not-found', 'There is no such conversation.');
  const [reader] = await readerById(db, { tenantKey, userId: input.reader.userId });
  if (!reader) throw new InlayError('session-required', 'There is no such user.');
  const before = (await findReach(db, row.conversation_key, reader.user_key)) ?? { delivered_seq: 0, read_seq: 0 };
  const after = grown(before, input, row.last_seq);
  if (after.delivered_seq === before.delivered_seq && after.read_seq === before.read_seq) return undefined;
  await setReach(db, row.conversation_key, reader.user_key, after);
  const revision = await touchConversation(db, tenantKey, row.conversation_key);
  const members = await findMembers(db, row.conversation_key);
  return {
    conversationId: conversationIdOf(row),
    visitorId: visitorIdOf(row),
    revision,
    previousRevision: row.revision,
    user: toUser(reader),
    deliveredSeq: after.delivered_seq,
    readSeq: after.read_seq,
    unread: await countUnread(db, row, members, input.reader.side),
  };
}

function grown(before: Reach, { deliveredSeq, readSeq }: NewReceipt, lastSeq: number): Reach {
  const read_seq = Math.max(before.read_seq, Math.min(readSeq, lastSeq));
  return { read_seq, delivered_seq: Math.max(before.delivered_seq, Math.min(deliveredSeq, lastSeq), read_seq) };
}
