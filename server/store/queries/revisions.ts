import { type Kysely, sql } from 'kysely';
import { InlayError } from '../../../protocol/errors.ts';
import type { UserId } from '../../../protocol/ids.ts';
import { prepared, type Values } from '../prepared.ts';
import type { Database } from '../schema.ts';
import type { Viewer } from '../store.ts';

const advance = prepared((db, value: Values<{ tenantKey: number; by: number }>) =>
  db
    .updateTable('tenants')
    .set((eb) => ({ revision: eb('revision', '+', value('by')) }))
    .where('tenant_key', '=', value('tenantKey'))
    .returning('revision'),
);

/** Takes the tenant's next `by` revisions and returns the last of them. */
export async function takeRevisions(db: Kysely<Database>, tenantKey: number, by = 1): Promise<number> {
  const [row] = await advance(db, { tenantKey, by });
  if (!row) throw new InlayError('tenant-unknown');
  return row.revision;
}

const setRevision = prepared((db, value: Values<{ conversationKey: number; revision: number }>) =>
  db
    .updateTable('conversations')
    .set({ revision: value('revision') })
    .where('conversation_key', '=', value('conversationKey')),
);

/** Gives the conversation the tenant's next revision. */
export async function touchConversation(
  db: Kysely<Database>,
  tenantKey: number,
  conversationKey: number,
): Promise<number> {
  const revision = await takeRevisions(db, tenantKey);
  await setRevision(db, { conversationKey, revision });
  return revision;
}

// The zero is written into the text of the query: an index of a part of the table is taken only then.
const newestOfDesk = prepared((db, value: Values<{ tenantKey: number }>) =>
  db
    .selectFrom('conversations')
    .select('revision')
    .where('tenant_key', '=', value('tenantKey'))
    .where('last_seq', '>', sql.lit(0))
    .orderBy('revision', 'desc')
    .limit(1),
);

const newestOfVisitor = prepared((db, value: Values<{ tenantKey: number; userId: UserId }>) =>
  db
    .selectFrom('conversations')
    .innerJoin('users', 'users.user_key', 'conversations.visitor_key')
    .select('conversations.revision')
    .where('users.tenant_key', '=', value('tenantKey'))
    .where('users.public_id', '=', value('userId'))
    .orderBy('conversations.revision', 'desc')
    .limit(1),
);

/** The newest revision that the viewer may see; 0: none. */
export async function newestRevision(db: Kysely<Database>, tenantKey: number, viewer: Viewer): Promise<number> {
  const [row] =
    viewer.side === 'desk'
      ? await newestOfDesk(db, { tenantKey })
      : await newestOfVisitor(db, { tenantKey, userId: viewer.userId });
  return row?.revision ?? 0;
}
