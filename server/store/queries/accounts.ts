import type { Kysely } from 'kysely';
import { InlayError } from '../../../protocol/errors.ts';
import type { TenantId } from '../../../protocol/ids.ts';
import type { User } from '../../../protocol/users.ts';
import type { Connections } from '../connections.ts';
import type { Database } from '../schema.ts';
import type { Accounts, NewAccount, StoredAccount } from '../store.ts';
import { toUser } from './rows.ts';
import { findTenantKey } from './tenants.ts';

export function createAccounts({ read, write }: Connections): Accounts {
  return {
    find: (account) => read((db) => findAccount(db, account)),
    create: (account) => write((db) => createAccount(db, account)),
    setPassword: (account, passwordHash) => write((db) => setPassword(db, account, passwordHash)),
  };
}

async function findAccount(db: Kysely<Database>, account: string): Promise<StoredAccount | undefined> {
  const row = await db
    .selectFrom('accounts')
    .innerJoin('users', 'users.user_key', 'accounts.user_key')
    .innerJoin('tenants', 'tenants.tenant_key', 'accounts.tenant_key')
    .select([
      'accounts.password_hash',
      'tenants.public_id as tenant_id',
      'users.public_id',
      'users.kind',
      'users.name',
      'users.avatar',
      'users.token_version',
    ])
    .where('accounts.account', '=', account)
    .executeTakeFirst();
  if (!row) return undefined;
  return {
    tenantId: row.tenant_id as TenantId,
    user: toUser(row),
    passwordHash: row.password_hash,
    tokenVersion: row.token_version,
  };
}

async function createAccount(db: Kysely<Database>, input: NewAccount): Promise<User> {
  const tenantKey = await findTenantKey(db, input.tenantId);
  if (tenantKey === undefined) throw new InlayError('tenant-unknown');
  const taken = await db
    .selectFrom('accounts')
    .select('account')
    .where('account', '=', input.account)
    .executeTakeFirst();
  if (taken) throw new InlayError('forbidden', 'There is an account of this name already.');
  const user = await db
    .insertInto('users')
    .values({
      tenant_key: tenantKey,
      public_id: input.userId,
      kind: 'agent',
      name: input.name,
      avatar: input.avatar ?? null,
      external_id: null,
      visitor_key_hash: null,
      token_version: 0,
      merged_into: null,
      created_at: input.now,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  await db
    .insertInto('accounts')
    .values({
      account: input.account,
      user_key: user.user_key,
      tenant_key: tenantKey,
      password_hash: input.passwordHash,
    })
    .execute();
  return toUser(user);
}

/** Sessions that were made with the old password end with it. False: there is no such account. */
async function setPassword(db: Kysely<Database>, account: string, passwordHash: string): Promise<boolean> {
  const row = await db
    .updateTable('accounts')
    .set({ password_hash: passwordHash })
    .where('account', '=', account)
    .returning('user_key')
    .executeTakeFirst();
  if (!row) return false;
  await db
    .updateTable('users')
    .set((eb) => ({ token_version: eb('token_version', '+', 1) }))
    .where('user_key', '=', row.user_key)
    .execute();
  return true;
}
