/**
 * Who a visitor is. A guest is known by the hash of a key that only their device has; a user by the id that the host gave
 * them. Each has one conversation with the desk.
 */
import type { Kysely, Selectable, Transaction } from 'kysely';
import type { VisitorContext } from '../../../protocol/service.ts';
import type { UserKind } from '../../../protocol/users.ts';
import type { Database, UserTable } from '../schema.ts';
import type { ConversationChange, Identified, NewGuest, NewIdentity, VisitorSession } from '../store.ts';
import { type ConversationRow, readConversation, selectConversations } from './conversation-rows.ts';
import { currentRow } from './conversations.ts';
import { addMember } from './members.ts';
import { endGuest, handOver, mergeConversations } from './merge.ts';
import { takeRevisions } from './revisions.ts';
import { toUser } from './rows.ts';
import { nameGuest, saveChange, updateContext } from './service.ts';

type StoredUserRow = Selectable<UserTable>;

/** The same key again is the same guest: a lost answer makes no second one. */
export async function createGuest(db: Kysely<Database>, tenantKey: number, input: NewGuest): Promise<VisitorSession> {
  const known = await db
    .selectFrom('users')
    .selectAll()
    .where('tenant_key', '=', tenantKey)
    .where('visitor_key_hash', '=', input.visitorKeyHash)
    .executeTakeFirst();
  const user = known ?? (await insertUser(db, tenantKey, 'guest', input, { visitor_key_hash: input.visitorKeyHash }));
  const conversation = (await ownConversation(db, user.user_key)) ?? (await createOwn(db, tenantKey, user, input));
  return session(db, user.user_key, conversation);
}

export async function identify(db: Transaction<Database>, tenantKey: number, input: NewIdentity): Promise<Identified> {
  const { user, renamed } = await findOrCreateUser(db, tenantKey, input);
  const guest = await findGuest(db, tenantKey, input);
  const moved = guest ? await moveGuest(db, tenantKey, guest, user, input) : {};
  const own = (await ownConversation(db, user.user_key)) ?? (await createOwn(db, tenantKey, user, input));
  const change = await lastChange(db, tenantKey, own, input, renamed, moved.change);
  const row = await currentRow(db, tenantKey, { conversationKey: own.conversation_key });
  return { ...(await session(db, user.user_key, row)), ...moved, ...(change && { change }) };
}

type Moved = Pick<Identified, 'change' | 'endedGuestId' | 'removed'>;

async function moveGuest(
  db: Transaction<Database>,
  tenantKey: number,
  guest: StoredUserRow,
  user: StoredUserRow,
  input: NewIdentity,
): Promise<Moved> {
  const theirs = await ownConversation(db, guest.user_key);
  const own = await ownConversation(db, user.user_key);
  const moved = theirs
    ? own
      ? await mergeConversations(db, tenantKey, { from: theirs, into: own, pushDueAt: input.pushDueAt })
      : await handOver(db, tenantKey, theirs, user.user_key)
    : {};
  return { ...moved, endedGuestId: await endGuest(db, guest.user_key, user.user_key) };
}

/** One event tells everything that changed: its conversation is the last state, its `previousRevision` the first. */
async function lastChange(
  db: Kysely<Database>,
  tenantKey: number,
  own: ConversationRow,
  { context, device }: NewIdentity,
  renamed: boolean,
  moved: ConversationChange | undefined,
): Promise<ConversationChange | undefined> {
  const ref = { conversationKey: own.conversation_key };
  const current = await currentRow(db, tenantKey, ref);
  const last =
    (await updateContext(db, tenantKey, { ...ref, context: context ?? {}, device })) ??
    (renamed ? await saveChange(db, tenantKey, current, {}) : undefined);
  if (!last) return moved;
  return { ...last, previousRevision: moved?.previousRevision ?? last.previousRevision };
}

async function session(db: Kysely<Database>, userKey: number, row: ConversationRow): Promise<VisitorSession> {
  const user = await db.selectFrom('users').selectAll().where('user_key', '=', userKey).executeTakeFirstOrThrow();
  return {
    user: toUser(user),
    tokenVersion: user.token_version,
    conversation: await readConversation(db, row, 'visitor'),
  };
}

function ownConversation(db: Kysely<Database>, userKey: number): Promise<ConversationRow | undefined> {
  return selectConversations(db)
    .where('conversations.visitor_key', '=', userKey)
    .where('conversations.merged_into', 'is', null)
    .orderBy('conversations.conversation_key')
    .limit(1)
    .executeTakeFirst();
}

async function findGuest(
  db: Kysely<Database>,
  tenantKey: number,
  { guestId }: NewIdentity,
): Promise<StoredUserRow | undefined> {
  if (guestId === undefined) return undefined;
  return db
    .selectFrom('users')
    .selectAll()
    .where('tenant_key', '=', tenantKey)
    .where('public_id', '=', guestId)
    .where('kind', '=', 'guest')
    .where('merged_into', 'is', null)
    .executeTakeFirst();
}

async function findOrCreateUser(
  db: Kysely<Database>,
  tenantKey: number,
  input: NewIdentity,
): Promise<{ user: StoredUserRow; renamed: boolean }> {
  const known = await db
    .selectFrom('users')
    .selectAll()
    .where('tenant_key', '=', tenantKey)
    .where('external_id', '=', input.externalId)
    .executeTakeFirst();
  const name = input.name ?? known?.name ?? null;
  const avatar = input.avatar ?? known?.avatar ?? null;
  if (!known) {
    const columns = { external_id: input.externalId, name, avatar };
    return { user: await insertUser(db, tenantKey, 'user', input, columns), renamed: false };
  }
  const renamed = name !== known.name || avatar !== known.avatar;
  if (renamed) await db.updateTable('users').set({ name, avatar }).where('user_key', '=', known.user_key).execute();
  return { user: known, renamed };
}

function insertUser(
  db: Kysely<Database>,
  tenantKey: number,
  kind: UserKind,
  { userId, now }: NewGuest | NewIdentity,
  columns: Partial<Pick<StoredUserRow, 'name' | 'avatar' | 'external_id' | 'visitor_key_hash'>>,
): Promise<StoredUserRow> {
  const none = { name: null, avatar: null, external_id: null, visitor_key_hash: null, merged_into: null };
  return db
    .insertInto('users')
    .values({
      ...none,
      ...columns,
      tenant_key: tenantKey,
      public_id: userId,
      kind,
      token_version: 0,
      created_at: now,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

async function createOwn(
  db: Kysely<Database>,
  tenantKey: number,
  user: StoredUserRow,
  { conversationId, context, device, now }: NewGuest | NewIdentity,
): Promise<ConversationRow> {
  if (context) await nameGuest(db, user.user_key, context);
  const { conversation_key } = await db
    .insertInto('conversations')
    .values({
      tenant_key: tenantKey,
      public_id: conversationId,
      visitor_key: user.user_key,
      last_seq: 0,
      visitor_count: 0,
      revision: await takeRevisions(db, tenantKey),
      status: 'waiting',
      assignee_key: null,
      waiting_since: null,
      context: contextJson(context),
      device: device ?? null,
      merged_into: null,
      created_at: now,
    })
    .returning('conversation_key')
    .executeTakeFirstOrThrow();
  await addMember(db, conversation_key, user.user_key);
  return currentRow(db, tenantKey, { conversationKey: conversation_key });
}

function contextJson(context: VisitorContext | undefined): string {
  return JSON.stringify(context ?? {});
}
