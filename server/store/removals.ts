/**
 * Recalls and deletes: messages that take an earlier one away.
 *
 * What was said must be gone from wherever it could be read again, so the row itself is overwritten, in the transaction that
 * stores the removal; the removal with its own number is what tells the devices that hold the old words. The row keeps its number,
 * sender and clientMessageId: numbers have no gaps, and a repeat of the original must still be known for one.
 *
 * Content is stored as JSON with `kind` first, so that what is a removal, or was removed, can be told by how it begins.
 */
import type { Kysely } from 'kysely';
import type { Content, Removal } from '../../protocol/content.ts';
import { InlayError } from '../../protocol/errors.ts';
import { prepared, type Values } from './prepared.ts';
import { isAt, isBetween } from './queries/place.ts';
import type { Database } from './schema.ts';

const left = { recall: '{"kind":"recalled"}', delete: '{"kind":"deleted"}' } as const;

/** Patterns of SQL: removals and what they left. */
export const REMOVAL_PATTERNS = ['{"kind":"recall%', '{"kind":"delete%'] as const;

export function isRemoval(content: Content): content is Removal {
  return content.kind === 'recall' || content.kind === 'delete';
}

/** Its words are gone, so whatever is sent again under its clientMessageId is taken for them. */
export function isRemoved(storedContent: string): boolean {
  return storedContent === left.recall || storedContent === left.delete;
}

type Place = { conversationKey: number; seq: number };

const targetAt = prepared((db, value: Values<Place>) =>
  db
    .selectFrom('messages')
    .select(['sender_key', 'sent_at', 'content'])
    .where(isAt(value('conversationKey'), value('seq'))),
);

const overwrite = prepared((db, value: Values<Place & { content: string }>) =>
  db
    .updateTable('messages')
    .set({ content: value('content') })
    .where(isAt(value('conversationKey'), value('seq'))),
);

export interface Remover {
  readonly conversationKey: number;
  readonly senderKey: number;
  /** Own messages from before this time are not taken back any more. */
  readonly recallableSince: number;
}

/** Takes the target away, or says why not and changes nothing. */
export async function removeTarget(
  db: Kysely<Database>,
  { kind, seq }: Removal,
  { conversationKey, senderKey, recallableSince }: Remover,
): Promise<void> {
  const [target] = await targetAt(db, { conversationKey, seq });
  const isOwn = target?.sender_key === senderKey;
  if (!target || isTakenAway(target.content) || (kind === 'recall' && !isOwn))
    throw new InlayError('not-found', 'There is no such message, or it is gone already.');
  if (kind === 'recall' && target.sent_at < recallableSince)
    throw new InlayError('recall-too-late', 'The message was sent too long ago to be taken back.');
  await overwrite.write(db, [{ conversationKey, seq, content: left[kind] }]);
}

/** A removal, or what one left: nothing that could be removed. */
function isTakenAway(content: string): boolean {
  return REMOVAL_PATTERNS.some((pattern) => content.startsWith(pattern.slice(0, -1)));
}

/** The conversation's messages are about to get numbers that are `by` higher: what its removals name moves along. */
export async function shiftRemovals(db: Kysely<Database>, conversationKey: number, by: number): Promise<void> {
  const removals = await db
    .selectFrom('messages')
    .select(['seq', 'content'])
    .where(isBetween(conversationKey, 0))
    .where((eb) => eb.or(REMOVAL_PATTERNS.map((pattern) => eb('content', 'like', pattern))))
    .execute();
  for (const { seq, content } of removals) {
    const parsed = JSON.parse(content) as Content;
    if (!isRemoval(parsed)) continue;
    const moved: Removal = { ...parsed, seq: parsed.seq + by };
    await overwrite.write(db, [{ conversationKey, seq, content: JSON.stringify(moved) }]);
  }
}
