import type { Transaction } from 'kysely';
import type { Content } from '../../../protocol/content.ts';
import type { ConversationId, TenantId, UserId } from '../../../protocol/ids.ts';
import type { VisitorContext } from '../../../protocol/service.ts';
import { prepared, type Values } from '../prepared.ts';
import { isRemoved } from '../removals.ts';
import type { Database } from '../schema.ts';
import { placeOfColumns } from './place.ts';
import { enqueuePushJob } from './push-jobs.ts';
import { readSeqOf } from './push-readers.ts';
import type { PushDecision, PushJob, PushSendFacts } from './push-store.ts';

export async function nextDueAt(trx: Transaction<Database>): Promise<number | undefined> {
  const job = await trx.selectFrom('push_jobs').select('due_at').orderBy('due_at').limit(1).executeTakeFirst();
  const send = await trx.selectFrom('push_sends').select('due_at').orderBy('due_at').limit(1).executeTakeFirst();
  const times = [job, send].flatMap((row) => (row ? [Number(row.due_at)] : []));
  return times.length > 0 ? Math.min(...times) : undefined;
}

/** Where nobody has a subscription there is nobody to tell: a site without notifications pays one statement for all its jobs. */
const unheardJobs = prepared((db, value: Values<{ now: number }>) =>
  db
    .deleteFrom('push_jobs')
    .where('due_at', '<=', value('now'))
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('push_subscriptions')
            .select('subscription_key')
            .whereRef('push_subscriptions.tenant_key', '=', 'push_jobs.tenant_key'),
        ),
      ),
    ),
);

export async function dropUnheardJobs(trx: Transaction<Database>, now: number): Promise<void> {
  await unheardJobs.write(trx, [{ now }]);
}

export async function dueJobs(trx: Transaction<Database>, now: number, limit: number): Promise<readonly PushJob[]> {
  const rows = await trx
    .selectFrom('push_jobs')
    .select(['conversation_key', 'due_at'])
    .where('due_at', '<=', now)
    .orderBy('due_at')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ conversationKey: row.conversation_key, dueAt: Number(row.due_at) }));
}

export async function finishJob(trx: Transaction<Database>, job: PushJob, decision: PushDecision): Promise<void> {
  for (const told of decision.tell) await tell(trx, job.conversationKey, told, decision.now);
  const newer = await isNewer(trx, job, decision.lastSeq);
  const times = [decision.againAt, newer ? decision.ifNewerAt : undefined].filter((time) => time !== undefined);
  const key = job.conversationKey;
  if (times.length === 0) await trx.deleteFrom('push_jobs').where('conversation_key', '=', key).execute();
  else
    await trx
      .updateTable('push_jobs')
      .set({ due_at: Math.min(...times) })
      .where('conversation_key', '=', key)
      .execute();
}

export async function postponeJob(
  trx: Transaction<Database>,
  { conversationKey }: PushJob,
  dueAt: number,
): Promise<void> {
  await trx.updateTable('push_jobs').set({ due_at: dueAt }).where('conversation_key', '=', conversationKey).execute();
}

/** A message that came after the decision found the job there and relied on it. */
async function isNewer(trx: Transaction<Database>, { conversationKey }: PushJob, lastSeq: number): Promise<boolean> {
  const conversation = await trx
    .selectFrom('conversations')
    .select('last_seq')
    .where('conversation_key', '=', conversationKey)
    .where('merged_into', 'is', null)
    .executeTakeFirst();
  return (conversation?.last_seq ?? 0) > lastSeq;
}

async function tell(
  trx: Transaction<Database>,
  conversationKey: number,
  { userKey, seq, expiresAt }: PushDecision['tell'][number],
  now: number,
): Promise<void> {
  const marked = await trx
    .insertInto('push_marks')
    .values({ conversation_key: conversationKey, user_key: userKey, seq })
    .onConflict((conflict) =>
      conflict.columns(['conversation_key', 'user_key']).doUpdateSet({ seq }).where('push_marks.seq', '<', seq),
    )
    .returning('seq')
    .executeTakeFirst();
  // Another process was faster.
  if (!marked) return;
  const subscriptions = await trx
    .selectFrom('push_subscriptions')
    .select('subscription_key')
    .where('user_key', '=', userKey)
    .execute();
  const values = { conversation_key: conversationKey, seq, due_at: now, expires_at: expiresAt, attempts: 0 };
  for (const { subscription_key } of subscriptions)
    await trx
      .insertInto('push_sends')
      .values({ subscription_key, ...values })
      // A failing one keeps its pause: a new message is no reason to hurry a push service that asked for time.
      .onConflict((conflict) =>
        conflict
          .columns(['subscription_key', 'conversation_key'])
          .doUpdateSet({ seq, expires_at: expiresAt })
          .where('push_sends.seq', '<', seq),
      )
      .execute();
}

export async function claimSends(
  trx: Transaction<Database>,
  now: number,
  leaseMs: number,
  limit: number,
): Promise<readonly number[]> {
  await trx.deleteFrom('push_sends').where('expires_at', '<=', now).execute();
  const due = trx.selectFrom('push_sends').select('send_key').where('due_at', '<=', now).orderBy('due_at').limit(limit);
  const rows = await trx
    .updateTable('push_sends')
    .set({ due_at: now + leaseMs })
    .where('send_key', 'in', due)
    .returning('send_key')
    .execute();
  return rows.map((row) => row.send_key);
}

export async function sendFacts(trx: Transaction<Database>, sendKey: number): Promise<PushSendFacts | undefined> {
  const row = await trx
    .selectFrom('push_sends as s')
    .innerJoin('push_subscriptions as p', 'p.subscription_key', 's.subscription_key')
    .innerJoin('users as reader', 'reader.user_key', 'p.user_key')
    .innerJoin('tenants as t', 't.tenant_key', 'p.tenant_key')
    .innerJoin('conversations as c', 'c.conversation_key', 's.conversation_key')
    .innerJoin('messages as m', (join) => join.on('m.place', '=', placeOfColumns('s.conversation_key', 's.seq')))
    .innerJoin('users as sender', 'sender.user_key', 'm.sender_key')
    .select([
      's.send_key',
      's.subscription_key',
      's.conversation_key',
      's.seq',
      's.attempts',
      's.expires_at',
      'p.user_key',
      'p.endpoint',
      'p.p256dh',
      'p.auth',
      'p.public_key',
      'p.context',
      'p.page_url',
      'reader.public_id as user_id',
      't.public_id as tenant_id',
      'c.public_id as conversation_id',
      'c.visitor_key',
      'c.context as visitor_context',
      'm.content',
      'sender.name as sender_name',
    ])
    .where('s.send_key', '=', sendKey)
    .executeTakeFirst();
  if (!row) return undefined;
  // Of agents no language is known: the visitor's is the best guess for those who serve them.
  const visitor = JSON.parse(row.visitor_context ?? '{}') as VisitorContext;
  const recipient = row.user_key === row.visitor_key ? 'visitor' : 'agent';
  return {
    sendKey: row.send_key,
    subscriptionKey: row.subscription_key,
    conversationKey: row.conversation_key,
    userKey: row.user_key,
    tenantId: row.tenant_id as TenantId,
    userId: row.user_id as UserId,
    conversationId: row.conversation_id as ConversationId,
    seq: row.seq,
    attempts: row.attempts,
    expiresAt: Number(row.expires_at),
    recipient,
    unread: row.seq > (await readSeqOf(trx, row, recipient === 'visitor' ? 'visitor' : 'desk')),
    content: JSON.parse(row.content) as Content,
    removed: isRemoved(row.content),
    senderName: row.sender_name ?? undefined,
    locale: visitor.locale,
    subscription: { endpoint: row.endpoint, keys: { p256dh: row.p256dh, auth: row.auth } },
    publicKey: row.public_key,
    context: row.context,
    pageUrl: row.page_url ?? visitor.page?.url,
  };
}

export async function removeSend(trx: Transaction<Database>, sendKey: number, seq: number): Promise<void> {
  await trx.deleteFrom('push_sends').where('send_key', '=', sendKey).where('seq', '<=', seq).execute();
}

export async function retrySend(
  trx: Transaction<Database>,
  sendKey: number,
  dueAt: number,
  failed: boolean,
): Promise<void> {
  await trx
    .updateTable('push_sends')
    .set((eb) => ({ due_at: dueAt, attempts: eb('attempts', '+', failed ? 1 : 0) }))
    .where('send_key', '=', sendKey)
    .execute();
}

export async function returnSend(
  trx: Transaction<Database>,
  { sendKey, seq, conversationKey, userKey, tenantId }: PushSendFacts,
  dueAt: number,
): Promise<void> {
  const { tenant_key } = await trx
    .selectFrom('tenants')
    .select('tenant_key')
    .where('public_id', '=', tenantId)
    .executeTakeFirstOrThrow();
  await trx.deleteFrom('push_sends').where('send_key', '=', sendKey).where('seq', '<=', seq).execute();
  await trx
    .deleteFrom('push_marks')
    .where('conversation_key', '=', conversationKey)
    .where('user_key', '=', userKey)
    .execute();
  await enqueuePushJob(trx, { tenantKey: tenant_key, conversationKey, dueAt });
}
