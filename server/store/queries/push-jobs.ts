import type { Kysely } from 'kysely';
import { prepared, type Values } from '../prepared.ts';
import type { Database } from '../schema.ts';

export interface NewPushJob {
  readonly tenantKey: number;
  readonly conversationKey: number;
  /** Milliseconds since 1970. */
  readonly dueAt: number;
}

export const upsertPushJob = prepared((db, value: Values<NewPushJob>) =>
  db
    .insertInto('push_jobs')
    .values({ conversation_key: value('conversationKey'), tenant_key: value('tenantKey'), due_at: value('dueAt') })
    .onConflict((conflict) =>
      conflict
        .column('conversation_key')
        .doUpdateSet({ due_at: value('dueAt') })
        .where('push_jobs.due_at', '>', value('dueAt')),
    ),
);

/**
 * Called inside the transaction that stores a message, so that message and job live or die together. A job that waits
 * already keeps the earlier of the two times: who goes on writing must not put off the notification for ever.
 */
export async function enqueuePushJob(db: Kysely<Database>, job: NewPushJob): Promise<void> {
  await upsertPushJob(db, job);
}
