import type { Kysely } from 'kysely';
import { InlayError } from '../../../protocol/errors.ts';
import type { ConversationId, UserId } from '../../../protocol/ids.ts';
import { prepared, type Values } from '../prepared.ts';
import type { Database } from '../schema.ts';
import type { StoredUser } from '../store.ts';
import { toUser } from './rows.ts';

const byId = prepared((db, value: Values<{ tenantKey: number; userId: UserId }>) =>
  db
    .selectFrom('users')
    .leftJoin('conversations', (join) =>
      join.onRef('conversations.visitor_key', '=', 'users.user_key').on('conversations.merged_into', 'is', null),
    )
    .select([
      'users.user_key',
      'users.public_id',
      'users.kind',
      'users.name',
      'users.avatar',
      'users.token_version',
      'users.merged_into',
      'conversations.public_id as conversation_id',
    ])
    .where('users.tenant_key', '=', value('tenantKey'))
    .where('users.public_id', '=', value('userId'))
    .orderBy('conversations.conversation_key')
    .limit(1),
);

export async function findUser(
  db: Kysely<Database>,
  tenantKey: number,
  userId: UserId,
): Promise<StoredUser | undefined> {
  const [row] = await byId(db, { tenantKey, userId });
  if (!row) return undefined;
  const { token_version, merged_into, conversation_id } = row;
  return {
    user: toUser(row),
    tokenVersion: token_version,
    ended: merged_into !== null,
    ...(conversation_id !== null && { conversationId: conversation_id as ConversationId }),
  };
}

const keyById = prepared((db, value: Values<{ tenantKey: number; userId: UserId }>) =>
  db
    .selectFrom('users')
    .select('user_key')
    .where('tenant_key', '=', value('tenantKey'))
    .where('public_id', '=', value('userId')),
);

export async function userKeyOf(db: Kysely<Database>, tenantKey: number, userId: UserId): Promise<number> {
  const [row] = await keyById(db, { tenantKey, userId });
  if (!row) throw new InlayError('session-required', 'There is no such user.');
  return row.user_key;
}

export async function endTokens(db: Kysely<Database>, tenantKey: number, userId: UserId): Promise<void> {
  await db
    .updateTable('users')
    .set((eb) => ({ token_version: eb('token_version', '+', 1), visitor_key_hash: null }))
    .where('tenant_key', '=', tenantKey)
    .where('public_id', '=', userId)
    .execute();
}
