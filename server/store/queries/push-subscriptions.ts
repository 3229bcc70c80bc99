import { createHash } from 'node:crypto';
import type { Transaction } from 'kysely';
import type { TenantId, UserId } from '../../../protocol/ids.ts';
import type { Database } from '../schema.ts';
import { enqueuePushJob } from './push-jobs.ts';
import type { NewCode, NewSubscription, SubscriptionCount } from './push-store.ts';

interface Keys {
  readonly tenantKey: number;
  readonly userKey: number;
}

export async function saveSubscription(
  trx: Transaction<Database>,
  input: NewSubscription,
): Promise<readonly SubscriptionCount[]> {
  const { tenantKey, userKey } = await keysOf(trx, input.tenantId, input.userId);
  const endpointHash = hashOf(input.subscription.endpoint);
  const former = await trx
    .selectFrom('push_subscriptions')
    .select(['subscription_key', 'user_key'])
    .where('tenant_key', '=', tenantKey)
    .where('endpoint_hash', '=', endpointHash)
    .where('context', '=', input.context)
    .executeTakeFirst();
  const values = {
    user_key: userKey,
    endpoint: input.subscription.endpoint,
    p256dh: input.subscription.keys.p256dh,
    auth: input.subscription.keys.auth,
    page_url: input.pageUrl ?? null,
    public_key: input.publicKey,
    confirmed_at: input.now,
  };
  await trx
    .insertInto('push_subscriptions')
    .values({ tenant_key: tenantKey, endpoint_hash: endpointHash, context: input.context, last_ok_at: null, ...values })
    .onConflict((conflict) => conflict.columns(['tenant_key', 'endpoint_hash', 'context']).doUpdateSet(values))
    .execute();
  // What waits in the outbox was for the person who used the browser before.
  const moved = former && former.user_key !== userKey ? former : undefined;
  if (moved) await trx.deleteFrom('push_sends').where('subscription_key', '=', moved.subscription_key).execute();
  await removeOldest(trx, userKey, input.maxPerUser);
  await lookAtUnread(trx, userKey, input.lookAt);
  return Promise.all([userKey, ...(moved ? [moved.user_key] : [])].map((key) => countOf(trx, key)));
}

export async function removeSubscription(
  trx: Transaction<Database>,
  tenantId: TenantId,
  userId: UserId,
  endpoint: string,
): Promise<SubscriptionCount> {
  const { tenantKey, userKey } = await keysOf(trx, tenantId, userId);
  const rows = await trx
    .selectFrom('push_subscriptions')
    .select('subscription_key')
    .where('tenant_key', '=', tenantKey)
    .where('user_key', '=', userKey)
    .where('endpoint_hash', '=', hashOf(endpoint))
    .execute();
  for (const row of rows) await removeOne(trx, row.subscription_key);
  return countOf(trx, userKey);
}

export async function dropSubscription(
  trx: Transaction<Database>,
  subscriptionKey: number,
): Promise<SubscriptionCount | undefined> {
  const found = await trx
    .selectFrom('push_subscriptions')
    .select('user_key')
    .where('subscription_key', '=', subscriptionKey)
    .executeTakeFirst();
  if (!found) return undefined;
  await removeOne(trx, subscriptionKey);
  return countOf(trx, found.user_key);
}

export async function markSubscriptionOk(
  trx: Transaction<Database>,
  subscriptionKey: number,
  now: number,
): Promise<void> {
  await trx
    .updateTable('push_subscriptions')
    .set({ last_ok_at: now })
    .where('subscription_key', '=', subscriptionKey)
    .execute();
}

/** More than one may be under way: a window that opens with one, while a second tap has already asked for the next. */
const CODES_PER_USER = 5;

export async function createCode(trx: Transaction<Database>, code: NewCode): Promise<void> {
  const { tenantKey, userKey } = await keysOf(trx, code.tenantId, code.userId);
  await trx
    .insertInto('one_time_codes')
    .values({ code_hash: code.codeHash, tenant_key: tenantKey, user_key: userKey, expires_at: code.expiresAt })
    .execute();
  const newest = trx
    .selectFrom('one_time_codes')
    .select('code_hash')
    .where('user_key', '=', userKey)
    .orderBy('expires_at', 'desc')
    .limit(CODES_PER_USER);
  await trx.deleteFrom('one_time_codes').where('user_key', '=', userKey).where('code_hash', 'not in', newest).execute();
}

export async function takeCode(
  trx: Transaction<Database>,
  codeHash: string,
  now: number,
): Promise<{ tenantId: TenantId; userId: UserId } | undefined> {
  await trx.deleteFrom('one_time_codes').where('expires_at', '<=', now).execute();
  const taken = await trx
    .deleteFrom('one_time_codes')
    .where('code_hash', '=', codeHash)
    .returning('user_key')
    .executeTakeFirst();
  return taken && idsOf(trx, taken.user_key);
}

/** A guest became a known user: their browsers come along, and so does what they were told. */
export async function moveSubscriptions(
  trx: Transaction<Database>,
  fromUserKey: number,
  toUserKey: number,
): Promise<void> {
  await trx
    .updateTable('push_subscriptions')
    .set({ user_key: toUserKey })
    .where('user_key', '=', fromUserKey)
    .execute();
  await trx.deleteFrom('push_marks').where('user_key', '=', fromUserKey).execute();
}

/** A conversation was merged into another one, where its messages have other numbers. */
export async function forgetConversation(trx: Transaction<Database>, conversationKey: number): Promise<void> {
  await trx.deleteFrom('push_jobs').where('conversation_key', '=', conversationKey).execute();
  await trx.deleteFrom('push_marks').where('conversation_key', '=', conversationKey).execute();
  await trx.deleteFrom('push_sends').where('conversation_key', '=', conversationKey).execute();
}

/** A job of a conversation ends when nobody in it can be told; now somebody can. */
async function lookAtUnread(trx: Transaction<Database>, visitorKey: number, dueAt: number): Promise<void> {
  const conversations = await trx
    .selectFrom('conversations')
    .select(['conversation_key', 'tenant_key'])
    .where('visitor_key', '=', visitorKey)
    .where('merged_into', 'is', null)
    .where('last_seq', '>', 0)
    .execute();
  for (const { conversation_key, tenant_key } of conversations)
    await enqueuePushJob(trx, { conversationKey: conversation_key, tenantKey: tenant_key, dueAt });
}

async function removeOldest(trx: Transaction<Database>, userKey: number, maxPerUser: number): Promise<void> {
  const rows = await trx
    .selectFrom('push_subscriptions')
    .select('subscription_key')
    .where('user_key', '=', userKey)
    .orderBy('confirmed_at', 'desc')
    .orderBy('subscription_key', 'desc')
    .execute();
  for (const { subscription_key } of rows.slice(maxPerUser)) await removeOne(trx, subscription_key);
}

async function removeOne(trx: Transaction<Database>, subscriptionKey: number): Promise<void> {
  await trx.deleteFrom('push_sends').where('subscription_key', '=', subscriptionKey).execute();
  await trx.deleteFrom('push_subscriptions').where('subscription_key', '=', subscriptionKey).execute();
}

async function countOf(trx: Transaction<Database>, userKey: number): Promise<SubscriptionCount> {
  const { count } = await trx
    .selectFrom('push_subscriptions')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('user_key', '=', userKey)
    .executeTakeFirstOrThrow();
  return { ...(await idsOf(trx, userKey)), subscriptions: Number(count) };
}

async function idsOf(trx: Transaction<Database>, userKey: number): Promise<{ tenantId: TenantId; userId: UserId }> {
  const row = await trx
    .selectFrom('users')
    .innerJoin('tenants', 'tenants.tenant_key', 'users.tenant_key')
    .select(['tenants.public_id as tenant_id', 'users.public_id as user_id'])
    .where('users.user_key', '=', userKey)
    .executeTakeFirstOrThrow();
  return { tenantId: row.tenant_id as TenantId, userId: row.user_id as UserId };
}

async function keysOf(trx: Transaction<Database>, tenantId: TenantId, userId: UserId): Promise<Keys> {
  const row = await trx
    .selectFrom('users')
    .innerJoin('tenants', 'tenants.tenant_key', 'users.tenant_key')
    .select(['users.tenant_key', 'users.user_key'])
    .where('tenants.public_id', '=', tenantId)
    .where('users.public_id', '=', userId)
    .executeTakeFirstOrThrow();
  return { tenantKey: row.tenant_key, userKey: row.user_key };
}

const hashOf = (endpoint: string) => createHash('sha256').update(endpoint).digest('base64url');
