import type { Kysely } from 'kysely';
import type { Conversation, Held } from '../../../protocol/conversations.ts';
import { InlayError } from '../../../protocol/errors.ts';
import type { ConversationId, UserId } from '../../../protocol/ids.ts';
import { UNHEARD_MAX_COUNT } from '../../../protocol/limits.ts';
import { prepared, type Values } from '../prepared.ts';
import type { Database } from '../schema.ts';
import type { ConversationNews, ConversationPage, ConversationRef, ListInput, Side, Viewer } from '../store.ts';
import {
  type ConversationRow,
  conversationIdOf,
  findRow,
  hasStatus,
  holdsMessages,
  readConversation,
  readConversations,
  selectConversations,
  visitorIdOf,
} from './conversation-rows.ts';
import { missedOf } from './resume.ts';
import { newestRevision } from './revisions.ts';
import { userKeyOf } from './users.ts';

const byId = prepared((db, value: Values<{ tenantKey: number; conversationId: ConversationId }>) =>
  selectConversations(db)
    .where('conversations.tenant_key', '=', value('tenantKey'))
    .where('conversations.public_id', '=', value('conversationId')),
);

const mergedUser = prepared((db, value: Values<{ tenantKey: number; userId: UserId }>) =>
  db
    .selectFrom('users')
    .innerJoin('users as target', 'target.user_key', 'users.merged_into')
    .select('target.public_id')
    .where('users.tenant_key', '=', value('tenantKey'))
    .where('users.public_id', '=', value('userId')),
);

export async function findConversation(
  db: Kysely<Database>,
  tenantKey: number,
  viewer: Viewer,
  conversationId: ConversationId,
  followMerge: boolean,
): Promise<ConversationRef | undefined> {
  const [found] = await byId(db, { tenantKey, conversationId });
  const row = followMerge ? await followed(db, tenantKey, found) : found;
  if (!row || row.merged_into !== null) return undefined;
  if (viewer.side === 'visitor' && !(await isVisitor(db, tenantKey, viewer.userId, row, followMerge))) return undefined;
  return { conversationKey: row.conversation_key, conversationId: conversationIdOf(row), visitorId: visitorIdOf(row) };
}

/** A merge leads to a conversation that was merged in turn only when a guest wrote in between: a few steps are plenty. */
const MERGES_MAX = 8;

async function followed(
  db: Kysely<Database>,
  tenantKey: number,
  row: ConversationRow | undefined,
): Promise<ConversationRow | undefined> {
  let current = row;
  for (let steps = 0; current && current.merged_into !== null && steps < MERGES_MAX; steps++)
    current = await findRow(db, tenantKey, current.merged_into);
  return current;
}

/** The guest who became this visitor counts as well for what they sent just before they heard of it. */
async function isVisitor(
  db: Kysely<Database>,
  tenantKey: number,
  userId: UserId,
  row: ConversationRow,
  orMerged: boolean,
): Promise<boolean> {
  if (row.visitor_id === userId) return true;
  if (!orMerged) return false;
  const [target] = await mergedUser(db, { tenantKey, userId });
  return target?.public_id === row.visitor_id;
}

type Referred = Pick<ConversationRef, 'conversationKey'>;

/** The row behind a reference, in the transaction that uses it. Merged since: its numbers mean nothing any more. */
export async function currentRow(
  db: Kysely<Database>,
  tenantKey: number,
  { conversationKey }: Referred,
): Promise<ConversationRow> {
  return existing(await findRow(db, tenantKey, conversationKey));
}

function existing(row: ConversationRow | undefined): ConversationRow {
  if (!row || row.merged_into !== null) throw new InlayError('not-found', 'There is no such conversation.');
  return row;
}

export async function getConversation(
  db: Kysely<Database>,
  tenantKey: number,
  viewer: Viewer,
  ref: ConversationRef,
): Promise<Conversation> {
  return readConversation(db, await currentRow(db, tenantKey, ref), viewer.side);
}

export async function listConversations(
  db: Kysely<Database>,
  tenantKey: number,
  viewer: Viewer,
  { filter, before, limit }: ListInput,
): Promise<ConversationPage> {
  const userKey = await userKeyOf(db, tenantKey, viewer.userId);
  let query = visible(db, tenantKey, userKey, viewer.side).where('conversations.merged_into', 'is', null);
  if (viewer.side === 'desk' && filter === 'waiting') query = query.where(hasStatus('waiting'));
  if (viewer.side === 'desk' && filter === 'mine')
    query = query.where(hasStatus('open')).where('conversations.assignee_key', '=', userKey);
  if (before !== undefined) query = query.where('conversations.revision', '<', before);
  const rows = await query
    .orderBy('conversations.revision', 'desc')
    .limit(limit + 1)
    .execute();
  return {
    conversations: await readConversations(db, rows.slice(0, limit), viewer.side),
    revision: await newestRevision(db, tenantKey, viewer),
    more: rows.length > limit,
  };
}

export async function conversationChanges(
  db: Kysely<Database>,
  tenantKey: number,
  viewer: Viewer,
  { after, limit, held, unheard }: ChangesQuestion,
): Promise<ConversationNews> {
  const asker = { tenantKey, userKey: await userKeyOf(db, tenantKey, viewer.userId) };
  const revision = await newestRevision(db, tenantKey, viewer);
  const lost = await findUnheard(db, asker, viewer.side, unheard);
  const later = after === revision ? [] : await changesOf[viewer.side](db, { ...asker, after, limit: limit + 1 });
  const rows = [...lost.filter((row) => row.revision <= after), ...later];
  const messages = held && { messages: await missedOf(db, asker, viewer.side, held) };
  // A revision that is still to come was learned from another database, e.g. before a backup was restored.
  if (rows.length > limit || after > revision)
    return { conversations: [], removed: [], revision, reset: true, ...messages };
  const present = rows.filter((row) => row.merged_into === null);
  const removed = rows.filter((row) => row.merged_into !== null).map(conversationIdOf);
  return { conversations: await readFew(db, present, viewer.side), removed, revision, reset: false, ...messages };
}

interface ChangesQuestion {
  readonly after: number;
  readonly limit: number;
  readonly held: readonly Held[] | undefined;
  readonly unheard: readonly number[];
}

interface Asker {
  readonly tenantKey: number;
  readonly userKey: number;
}

type UnheardInput = Asker & { readonly [Name in `revision${number}`]: number };
const places = Array.from({ length: UNHEARD_MAX_COUNT }, (_, index) => `revision${index}` as const);
const unheardOf = {
  desk: prepared((db, value: Values<UnheardInput>) => withRevisions(db, value, 'desk')),
  visitor: prepared((db, value: Values<UnheardInput>) => withRevisions(db, value, 'visitor')),
};

function withRevisions(db: Kysely<Database>, value: Values<UnheardInput>, side: Side) {
  return visible(db, value('tenantKey'), value('userKey'), side)
    .where('conversations.revision', 'in', places.map(value))
    .orderBy('conversations.revision');
}

/** Always as many values, so that the query is one; no conversation has the revision 0. */
async function findUnheard(
  db: Kysely<Database>,
  asker: Asker,
  side: Side,
  revisions: readonly number[],
): Promise<ConversationRow[]> {
  if (revisions.length === 0) return [];
  const values = Object.fromEntries(places.map((place, index) => [place, revisions[index] ?? 0]));
  return unheardOf[side](db, { ...asker, ...values });
}

interface ChangesInput {
  readonly tenantKey: number;
  readonly userKey: number;
  readonly after: number;
  readonly limit: number;
}
const changesOf = {
  desk: prepared((db, value: Values<ChangesInput>) => changes(db, value, 'desk')),
  visitor: prepared((db, value: Values<ChangesInput>) => changes(db, value, 'visitor')),
};

function changes(db: Kysely<Database>, value: Values<ChangesInput>, side: Side) {
  return visible(db, value('tenantKey'), value('userKey'), side)
    .where('conversations.revision', '>', value('after'))
    .orderBy('conversations.revision')
    .limit(value('limit'));
}

/** Mostly it is one: a visitor's own, and the queries for one are prepared. */
async function readFew(db: Kysely<Database>, rows: readonly ConversationRow[], side: Side): Promise<Conversation[]> {
  const [first] = rows;
  return first && rows.length === 1 ? [await readConversation(db, first, side)] : readConversations(db, rows, side);
}

function visible(db: Kysely<Database>, tenantKey: number, userKey: number, side: Side) {
  const query = selectConversations(db).where('conversations.tenant_key', '=', tenantKey);
  return side === 'desk' ? query.where(holdsMessages) : query.where('conversations.visitor_key', '=', userKey);
}
