/**
 * Who has not read what. A visitor is a side; all agents together are the other: what one agent read is read
 * (protocol/conversations.ts). Everybody in a service conversation who is not its visitor is an agent.
 */

import type { Transaction } from 'kysely';
import type { ConversationId, TenantId, UserId } from '../../../protocol/ids.ts';
import { REMOVAL_PATTERNS } from '../removals.ts';
import type { Database } from '../schema.ts';
import { isBetween } from './place.ts';
import type { PushJob, PushJobFacts, PushReader } from './push-store.ts';

interface ConversationRow {
  readonly conversation_key: number;
  readonly tenant_key: number;
  readonly visitor_key: number;
  readonly status: 'waiting' | 'open' | 'closed';
  readonly assignee_key: number | null;
}

type Side = 'visitor' | 'desk';

export async function jobFacts(
  trx: Transaction<Database>,
  { conversationKey }: PushJob,
): Promise<PushJobFacts | undefined> {
  const conversation = await trx
    .selectFrom('conversations')
    .innerJoin('tenants', 'tenants.tenant_key', 'conversations.tenant_key')
    .selectAll('conversations')
    .select('tenants.public_id as tenant_id')
    .where('conversation_key', '=', conversationKey)
    .where('merged_into', 'is', null)
    .executeTakeFirst();
  if (!conversation) return undefined;
  const readers = [...(await readersOf(trx, conversation, 'visitor')), ...(await readersOf(trx, conversation, 'desk'))];
  return {
    tenantId: conversation.tenant_id as TenantId,
    conversationId: conversation.public_id as ConversationId,
    lastSeq: conversation.last_seq,
    readers,
  };
}

/** Up to where the side has read. */
export async function readSeqOf(
  trx: Transaction<Database>,
  { conversation_key, visitor_key }: Pick<ConversationRow, 'conversation_key' | 'visitor_key'>,
  side: Side,
): Promise<number> {
  const { seq } = await trx
    .selectFrom('members')
    .select((eb) => eb.fn.max('read_seq').as('seq'))
    .where('conversation_key', '=', conversation_key)
    .where('user_key', side === 'visitor' ? '=' : '!=', visitor_key)
    .executeTakeFirstOrThrow();
  return Number(seq ?? 0);
}

async function readersOf(trx: Transaction<Database>, conversation: ConversationRow, side: Side): Promise<PushReader[]> {
  const newest = await trx
    .selectFrom('messages')
    .select(['seq', 'sent_at'])
    .where(isBetween(conversation.conversation_key, await readSeqOf(trx, conversation, side)))
    .where('sender_key', side === 'visitor' ? '!=' : '=', conversation.visitor_key)
    // What was taken away is nothing to tell of, nor is that it was.
    .where((eb) => eb.and(REMOVAL_PATTERNS.map((pattern) => eb('content', 'not like', pattern))))
    .orderBy('place', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (!newest) return [];
  const people = await candidates(trx, conversation, side);
  return people
    .filter(({ told }) => (told ?? 0) < newest.seq)
    .map(({ user_key, user_id }) => ({
      userKey: user_key,
      userId: user_id as UserId,
      seq: newest.seq,
      sentAt: Number(newest.sent_at),
    }));
}

/** Of those who can be told at all: the visitor; or the agent who has the conversation, and all of them while nobody has it. */
function candidates(trx: Transaction<Database>, conversation: ConversationRow, side: Side) {
  const { conversation_key, tenant_key, visitor_key, assignee_key, status } = conversation;
  const people = trx
    .selectFrom('users')
    .leftJoin('push_marks', (join) =>
      join.onRef('push_marks.user_key', '=', 'users.user_key').on('push_marks.conversation_key', '=', conversation_key),
    )
    .select(['users.user_key', 'users.public_id as user_id', 'push_marks.seq as told'])
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('push_subscriptions')
          .select('subscription_key')
          .whereRef('push_subscriptions.user_key', '=', 'users.user_key'),
      ),
    );
  if (side === 'visitor') return people.where('users.user_key', '=', visitor_key).execute();
  const agents = people.where('users.tenant_key', '=', tenant_key).where('users.kind', '=', 'agent');
  if (status === 'waiting') return agents.execute();
  if (status === 'open' && assignee_key !== null) return agents.where('users.user_key', '=', assignee_key).execute();
  return Promise.resolve([]);
}
