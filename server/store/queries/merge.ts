/**
 * A guest turns out to be a known user. If the user has no conversation yet, the guest's is handed over as it is. If they have
 * one, the guest's messages go to its end: they keep their order and their clientMessageIds, and get new numbers. One statement
 * moves them all, whatever their number; MERGE_MAX keeps even that short.
 */

import { type Kysely, sql, type Transaction } from 'kysely';
import type { UserId } from '../../../protocol/ids.ts';
import { shiftRemovals } from '../removals.ts';
import type { Database } from '../schema.ts';
import type { ConversationChange, Identified } from '../store.ts';
import { clearedSeqOf, setCleared } from './clear.ts';
import { type ConversationRow, conversationIdOf, countUnread, findMembers } from './conversation-rows.ts';
import { findReach, type Reach, setReach } from './members.ts';
import { isBetween, placeOf } from './place.ts';
import { enqueuePushJob } from './push-jobs.ts';
import { forgetConversation, moveSubscriptions } from './push-subscriptions.ts';
import { touchConversation } from './revisions.ts';
import { saveChange } from './service.ts';

/** A guest who wrote more keeps a conversation of their own: agents have it still, and nobody waits for the move. */
const MERGE_MAX = 20_000;

export interface Merge {
  readonly from: ConversationRow;
  readonly into: ConversationRow;
  readonly pushDueAt: number;
}

export async function handOver(
  db: Transaction<Database>,
  tenantKey: number,
  conversation: ConversationRow,
  userKey: number,
): Promise<{ change: ConversationChange }> {
  const key = conversation.conversation_key;
  await changeSender(db, key, conversation.visitor_key, userKey);
  await db
    .updateTable('members')
    .set({ user_key: userKey })
    .where('conversation_key', '=', key)
    .where('user_key', '=', conversation.visitor_key)
    .execute();
  return { change: await saveChange(db, tenantKey, conversation, { visitor_key: userKey }) };
}

export async function mergeConversations(
  db: Transaction<Database>,
  tenantKey: number,
  { from, into, pushDueAt }: Merge,
): Promise<Pick<Identified, 'change' | 'removed'>> {
  if (from.last_seq > MERGE_MAX) return {};
  if (from.last_seq === 0) {
    // Nobody but the guest has heard of it.
    await close(db, tenantKey, from, into);
    return {};
  }
  await moveReceipts(db, from, into);
  await moveCleared(db, from, into);
  await changeSender(db, from.conversation_key, from.visitor_key, into.visitor_key);
  await shiftRemovals(db, from.conversation_key, into.last_seq);
  await moveMessages(db, from, into);
  const removed = await close(db, tenantKey, from, into);
  await forgetConversation(db, from.conversation_key);
  await enqueuePushJob(db, { tenantKey, conversationKey: into.conversation_key, dueAt: pushDueAt });
  await db
    .updateTable('conversations')
    .set({ last_seq: into.last_seq + from.last_seq, visitor_count: into.visitor_count + from.visitor_count })
    .where('conversation_key', '=', into.conversation_key)
    .execute();
  return { change: await saveChange(db, tenantKey, into, stateOf(from, into)), removed };
}

/** The guest's tokens and key are dead; what belonged to them is the user's. */
export async function endGuest(db: Transaction<Database>, guestKey: number, userKey: number): Promise<UserId> {
  const { public_id } = await db
    .updateTable('users')
    .set((eb) => ({ merged_into: userKey, visitor_key_hash: null, token_version: eb('token_version', '+', 1) }))
    .where('user_key', '=', guestKey)
    .returning('public_id')
    .executeTakeFirstOrThrow();
  await db.updateTable('files').set({ uploader_key: userKey }).where('uploader_key', '=', guestKey).execute();
  await moveSubscriptions(db, guestKey, userKey);
  return public_id as UserId;
}

/**
 * The user sends again what the guest sent and heard no answer to: it must be found under the user. A clientMessageId that the
 * user has used as well (two devices that are not ours) stays the guest's.
 */
async function changeSender(db: Kysely<Database>, conversationKey: number, from: number, to: number): Promise<void> {
  await db
    .updateTable('messages')
    .set({ sender_key: to })
    .where(isBetween(conversationKey, 0))
    .where('sender_key', '=', from)
    .where((eb) => {
      const taken = eb
        .selectFrom('messages as theirs')
        .select('theirs.seq')
        .where('theirs.sender_key', '=', to)
        .whereRef('theirs.client_message_id', '=', 'messages.client_message_id');
      return eb.not(eb.exists(taken));
    })
    .execute();
}

async function moveMessages(db: Kysely<Database>, from: ConversationRow, into: ConversationRow): Promise<void> {
  await db
    .updateTable('messages')
    .set({
      place: placeOf(into.conversation_key, sql<number>`seq + ${into.last_seq}`),
      visitor_count: sql<number>`visitor_count + ${into.visitor_count}`,
    })
    .where(isBetween(from.conversation_key, 0))
    .execute();
}

/**
 * Reading up to a number means having read all before it. So who was reading the guest's conversation is so far in the joined one
 * only if nothing of the earlier part is unread for their side.
 */
async function moveReceipts(db: Kysely<Database>, from: ConversationRow, into: ConversationRow): Promise<void> {
  const members = await findMembers(db, into.conversation_key);
  const unread = {
    visitor: await countUnread(db, into, members, 'visitor'),
    desk: await countUnread(db, into, members, 'desk'),
  };
  for (const { user_key, delivered_seq, read_seq } of await reachesOf(db, from.conversation_key)) {
    const isVisitor = user_key === from.visitor_key;
    const key = isVisitor ? into.visitor_key : user_key;
    const before = (await findReach(db, into.conversation_key, key)) ?? { delivered_seq: 0, read_seq: 0 };
    const moved = movedReach(
      { delivered_seq, read_seq },
      before,
      into.last_seq,
      unread[isVisitor ? 'visitor' : 'desk'],
    );
    await setReach(db, into.conversation_key, key, moved);
  }
}

/** What is cleared has no gap: the guest's part stays so only where all before it is. */
async function moveCleared(db: Kysely<Database>, from: ConversationRow, into: ConversationRow): Promise<void> {
  const before = await clearedSeqOf(db, into.conversation_key, into.visitor_key);
  const cleared = await clearedSeqOf(db, from.conversation_key, from.visitor_key);
  if (cleared > 0 && before === into.last_seq)
    await setCleared(db, into.conversation_key, into.visitor_key, into.last_seq + cleared);
}

function movedReach(reach: Reach, before: Reach, offset: number, unread: number): Reach {
  const moved = (seq: number) => (seq > 0 && unread === 0 ? offset + seq : 0);
  return {
    delivered_seq: Math.max(before.delivered_seq, moved(reach.delivered_seq)),
    read_seq: Math.max(before.read_seq, moved(reach.read_seq)),
  };
}

function reachesOf(db: Kysely<Database>, conversationKey: number): Promise<(Reach & { user_key: number })[]> {
  return db
    .selectFrom('members')
    .select(['user_key', 'delivered_seq', 'read_seq'])
    .where('conversation_key', '=', conversationKey)
    .execute();
}

/** What somebody has stays theirs, what waits goes on waiting, and the longest wait counts. */
function stateOf(
  from: ConversationRow,
  into: ConversationRow,
): Pick<ConversationRow, 'status' | 'assignee_key' | 'waiting_since'> {
  const rank = { open: 2, waiting: 1, closed: 0 };
  const { status, assignee_key } = rank[from.status] > rank[into.status] ? from : into;
  const waits = [from.waiting_since, into.waiting_since].filter((since) => since !== null);
  return { status, assignee_key, waiting_since: waits.length > 0 ? Math.min(...waits) : null };
}

/** The row stays: a device that was away learns from it where the messages went. */
async function close(
  db: Kysely<Database>,
  tenantKey: number,
  from: ConversationRow,
  into: ConversationRow,
): Promise<{ conversationId: ReturnType<typeof conversationIdOf>; revision: number }> {
  await db
    .updateTable('conversations')
    .set({ merged_into: into.conversation_key, status: 'closed', waiting_since: null })
    .where('conversation_key', '=', from.conversation_key)
    .execute();
  await db.deleteFrom('members').where('conversation_key', '=', from.conversation_key).execute();
  return {
    conversationId: conversationIdOf(from),
    revision: await touchConversation(db, tenantKey, from.conversation_key),
  };
}
