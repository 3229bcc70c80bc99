/**
 * One conversation or a page of them, put together from its row, its members, its last message and what is unread. The number
 * of queries does not depend on the number of conversations, and none of them reads more than a row for each.
 */
import { type ExpressionBuilder, type Kysely, sql } from 'kysely';
import type { Conversation, Member, SharedConversation } from '../../../protocol/conversations.ts';
import type { ConversationId, UserId } from '../../../protocol/ids.ts';
import type { Message } from '../../../protocol/messages.ts';
import type { Visitor } from '../../../protocol/service.ts';
import { prepared, type Values } from '../prepared.ts';
import type { Database } from '../schema.ts';
import type { Side } from '../store.ts';
import { forDesk, forVisitor } from '../viewing.ts';
import { isAt, placeOfColumns } from './place.ts';
import { type MessageRow, toMessage, toUser, type UserRow } from './rows.ts';

export function selectConversations(db: Kysely<Database>) {
  return db
    .selectFrom('conversations')
    .innerJoin('users as visitor', 'visitor.user_key', 'conversations.visitor_key')
    .leftJoin('users as assignee', 'assignee.user_key', 'conversations.assignee_key')
    .selectAll('conversations')
    .select(['visitor.public_id as visitor_id', 'assignee.public_id as assignee_id']);
}
export type ConversationRow = Awaited<ReturnType<ReturnType<typeof selectConversations>['executeTakeFirstOrThrow']>>;

export interface MemberRow extends UserRow {
  readonly conversation_key: number;
  readonly delivered_seq: number;
  readonly read_seq: number;
  readonly cleared_seq: number;
}

export function conversationIdOf(row: { readonly public_id: string }): ConversationId {
  return row.public_id as ConversationId;
}

export function visitorIdOf(row: { readonly visitor_id: string }): UserId {
  return row.visitor_id as UserId;
}

/** With what either side may see; viewing.ts takes out what the other may not. */
export function toShared(
  row: ConversationRow,
  members: readonly MemberRow[],
  lastMessage: Message | undefined,
): SharedConversation {
  const clearedSeq = members.find(({ public_id }) => public_id === row.visitor_id)?.cleared_seq;
  return {
    conversationId: conversationIdOf(row),
    kind: 'service',
    revision: row.revision,
    lastSeq: row.last_seq,
    ...(lastMessage && { lastMessage }),
    members: members.map(toMember),
    service: {
      status: row.status,
      ...(row.assignee_id !== null && { assigneeId: row.assignee_id as UserId }),
      ...(row.waiting_since !== null && { waitingSince: row.waiting_since }),
    },
    visitor: toVisitor(row),
    ...(clearedSeq && { clearedSeq }),
  };
}

function toMember(row: MemberRow): Member {
  return { user: toUser(row), deliveredSeq: row.delivered_seq, readSeq: row.read_seq };
}

function toVisitor({ context, device }: Pick<ConversationRow, 'context' | 'device'>): Visitor {
  return { ...(context !== null && (JSON.parse(context) as Visitor)), ...(device !== null && { device }) };
}

/** `countAtRead`: how many of the visitor's messages there are up to `readSeq`. */
export function unreadOf(
  { last_seq, visitor_count }: Pick<ConversationRow, 'last_seq' | 'visitor_count'>,
  side: Side,
  readSeq: number,
  countAtRead: number,
): number {
  if (side === 'desk') return visitor_count - countAtRead;
  return last_seq - visitor_count - (readSeq - countAtRead);
}

/** Up to where the side has read. */
export function readSeqOf(members: readonly MemberRow[], side: Side): number {
  const ofSide = members.filter((member) => (member.kind === 'agent') === (side === 'desk'));
  return Math.max(0, ...ofSide.map((member) => member.read_seq));
}

function selectMembers(db: Kysely<Database>) {
  return db
    .selectFrom('members')
    .innerJoin('users', 'users.user_key', 'members.user_key')
    .select([
      'members.conversation_key',
      'members.delivered_seq',
      'members.read_seq',
      'members.cleared_seq',
      'users.public_id',
      'users.kind',
      'users.name',
      'users.avatar',
    ])
    .orderBy('members.user_key');
}

/** The columns that toMessage wants. */
export function selectMessages(db: Kysely<Database>) {
  return db
    .selectFrom('messages')
    .innerJoin('users as sender', 'sender.user_key', 'messages.sender_key')
    .select([
      'messages.seq',
      'messages.client_message_id',
      'messages.content',
      'messages.sent_at',
      'sender.public_id as sender_id',
    ]);
}

const rowByKey = prepared((db, value: Values<{ tenantKey: number; conversationKey: number }>) =>
  selectConversations(db)
    .where('conversations.conversation_key', '=', value('conversationKey'))
    .where('conversations.tenant_key', '=', value('tenantKey')),
);
export const membersByKey = prepared((db, value: Values<{ conversationKey: number }>) =>
  selectMembers(db).where('members.conversation_key', '=', value('conversationKey')),
);
const messageBySeq = prepared((db, value: Values<{ conversationKey: number; seq: number }>) =>
  selectMessages(db).where(isAt(value('conversationKey'), value('seq'))),
);
const countAt = prepared((db, value: Values<{ conversationKey: number; seq: number }>) =>
  db
    .selectFrom('messages')
    .select('visitor_count')
    .where(isAt(value('conversationKey'), value('seq'))),
);

export async function findRow(
  db: Kysely<Database>,
  tenantKey: number,
  conversationKey: number,
): Promise<ConversationRow | undefined> {
  const [row] = await rowByKey(db, { tenantKey, conversationKey });
  return row;
}

export function findMembers(db: Kysely<Database>, conversationKey: number): Promise<MemberRow[]> {
  return membersByKey(db, { conversationKey });
}

/** As it is now, in the transaction. */
export async function readShared(
  db: Kysely<Database>,
  row: ConversationRow,
  known?: Message,
): Promise<SharedConversation> {
  const members = await findMembers(db, row.conversation_key);
  return toShared(row, members, known ?? (await lastMessageOf(db, row)));
}

async function lastMessageOf(db: Kysely<Database>, row: ConversationRow): Promise<Message | undefined> {
  if (row.last_seq === 0) return undefined;
  const [found] = await messageBySeq(db, { conversationKey: row.conversation_key, seq: row.last_seq });
  return found && toMessage(conversationIdOf(row), found);
}

export async function countUnread(
  db: Kysely<Database>,
  row: ConversationRow,
  members: readonly MemberRow[],
  side: Side,
): Promise<number> {
  const seq = readSeqOf(members, side);
  const [at] = seq === 0 ? [] : await countAt(db, { conversationKey: row.conversation_key, seq });
  return unreadOf(row, side, seq, at?.visitor_count ?? 0);
}

export async function readConversation(db: Kysely<Database>, row: ConversationRow, side: Side): Promise<Conversation> {
  const members = await findMembers(db, row.conversation_key);
  const shared = toShared(row, members, await lastMessageOf(db, row));
  const unread = await countUnread(db, row, members, side);
  return { ...(side === 'desk' ? forDesk(shared) : forVisitor(shared)), unread };
}

/** In the order of `rows`. */
export async function readConversations(
  db: Kysely<Database>,
  rows: readonly ConversationRow[],
  side: Side,
): Promise<Conversation[]> {
  if (rows.length === 0) return [];
  const keys = rows.map((row) => row.conversation_key);
  const members = grouped(await selectMembers(db).where('members.conversation_key', 'in', keys).execute());
  const lastMessages = byConversation(await lastMessagesOf(db, keys));
  const counts = byConversation(await countsAtRead(db, keys, side));
  return rows.map((row) => {
    const own = members.get(row.conversation_key) ?? [];
    const last = lastMessages.get(row.conversation_key);
    const shared = toShared(row, own, last && toMessage(conversationIdOf(row), last));
    const countAtRead = counts.get(row.conversation_key)?.visitor_count ?? 0;
    const unread = unreadOf(row, side, readSeqOf(own, side), countAtRead);
    return { ...(side === 'desk' ? forDesk(shared) : forVisitor(shared)), unread };
  });
}

function lastMessagesOf(
  db: Kysely<Database>,
  keys: readonly number[],
): Promise<(MessageRow & { conversation_key: number })[]> {
  return selectMessages(db)
    .innerJoin('conversations', (join) =>
      join.on('messages.place', '=', placeOfColumns('conversations.conversation_key', 'conversations.last_seq')),
    )
    .select('messages.conversation_key')
    .where('conversations.conversation_key', 'in', keys)
    .execute();
}

function countsAtRead(
  db: Kysely<Database>,
  keys: readonly number[],
  side: Side,
): Promise<{ conversation_key: number; visitor_count: number }[]> {
  const read = db
    .selectFrom('members')
    .innerJoin('users', 'users.user_key', 'members.user_key')
    .select((eb) => ['members.conversation_key', eb.fn.max('members.read_seq').as('seq')])
    .where('members.conversation_key', 'in', keys)
    .where('users.kind', side === 'desk' ? '=' : '!=', 'agent')
    .groupBy('members.conversation_key')
    .as('read');
  return db
    .selectFrom(read)
    .innerJoin('messages', (join) =>
      join.on('messages.place', '=', placeOfColumns('read.conversation_key', 'read.seq')),
    )
    .select(['messages.conversation_key', 'messages.visitor_count'])
    .execute();
}

function byConversation<Row extends { readonly conversation_key: number }>(rows: readonly Row[]): Map<number, Row> {
  return new Map(rows.map((row) => [row.conversation_key, row]));
}

function grouped(rows: readonly MemberRow[]): Map<number, MemberRow[]> {
  const groups = new Map<number, MemberRow[]>();
  for (const row of rows) groups.set(row.conversation_key, [...(groups.get(row.conversation_key) ?? []), row]);
  return groups;
}

/**
 * For agents a conversation begins with its first message. What the indexes of agents' lists were made for stands in the text of
 * the query, not among its values: only then are they taken.
 */
export function holdsMessages(eb: ExpressionBuilder<Database, 'conversations'>) {
  return eb('conversations.last_seq', '>', sql.lit(0));
}

export function hasStatus(status: 'waiting' | 'open') {
  return (eb: ExpressionBuilder<Database, 'conversations'>) => eb('conversations.status', '=', sql.lit(status));
}
