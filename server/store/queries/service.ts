import type { Kysely } from 'kysely';
import type { UserId } from '../../../protocol/ids.ts';
import type { VisitorContext } from '../../../protocol/service.ts';
import type { Database } from '../schema.ts';
import type { ConversationChange, ConversationRef, NewContext, ServiceAction } from '../store.ts';
import { forBoth } from '../viewing.ts';
import { type ConversationRow, readShared, visitorIdOf } from './conversation-rows.ts';
import { currentRow } from './conversations.ts';
import { addMember } from './members.ts';
import { takeRevisions } from './revisions.ts';
import { userKeyOf } from './users.ts';

type ServiceColumns = Pick<ConversationRow, 'status' | 'assignee_key' | 'waiting_since'>;

/** `undefined`: it was so already. */
export async function changeService(
  db: Kysely<Database>,
  tenantKey: number,
  ref: ConversationRef,
  agent: UserId,
  action: ServiceAction,
): Promise<ConversationChange | undefined> {
  const before = await currentRow(db, tenantKey, ref);
  const agentKey = await userKeyOf(db, tenantKey, agent);
  const after = serviceAfter(before, agentKey, action);
  if (after.status === before.status && after.assignee_key === before.assignee_key) return undefined;
  await addMember(db, before.conversation_key, agentKey);
  return saveChange(db, tenantKey, before, after);
}

function serviceAfter(
  { assignee_key, waiting_since }: ConversationRow,
  agentKey: number,
  action: ServiceAction,
): ServiceColumns {
  // Who closes it has it last; what nobody will answer any more does not wait.
  if (action === 'close') return { status: 'closed', assignee_key: assignee_key ?? agentKey, waiting_since: null };
  return { status: 'open', assignee_key: agentKey, waiting_since };
}

/** What a new visit says is laid over what is known: a page without a form does not make the form's answers forgotten. */
export async function updateContext(
  db: Kysely<Database>,
  tenantKey: number,
  { conversationKey, context, device }: Omit<NewContext, 'conversation'> & Pick<ConversationRef, 'conversationKey'>,
): Promise<ConversationChange | undefined> {
  const before = await currentRow(db, tenantKey, { conversationKey });
  const merged = JSON.stringify({ ...(before.context !== null && JSON.parse(before.context)), ...context });
  const isNamed = await nameGuest(db, before.visitor_key, context);
  const after = { context: merged, device: device ?? before.device };
  if (!isNamed && after.context === before.context && after.device === before.device) return undefined;
  return saveChange(db, tenantKey, before, after);
}

/** True when the guest had no name and has this one now. */
export async function nameGuest(
  db: Kysely<Database>,
  userKey: number,
  { name }: Pick<VisitorContext, 'name'>,
): Promise<boolean> {
  if (name === undefined || name === '') return false;
  const named = await db
    .updateTable('users')
    .set({ name })
    .where('user_key', '=', userKey)
    .where('kind', '=', 'guest')
    .where('name', 'is', null)
    .returning('user_key')
    .executeTakeFirst();
  return named !== undefined;
}

type Changed = Partial<ServiceColumns & Pick<ConversationRow, 'context' | 'device' | 'visitor_key'>>;

/** Writes the columns with the tenant's next revision. */
export async function saveChange(
  db: Kysely<Database>,
  tenantKey: number,
  before: ConversationRow,
  columns: Changed,
): Promise<ConversationChange> {
  const revision = await takeRevisions(db, tenantKey);
  await db
    .updateTable('conversations')
    .set({ ...columns, revision })
    .where('conversation_key', '=', before.conversation_key)
    .execute();
  const row = await currentRow(db, tenantKey, { conversationKey: before.conversation_key });
  return {
    ...forBoth(await readShared(db, row)),
    visitorId: visitorIdOf(row),
    previousRevision: before.revision,
  };
}
