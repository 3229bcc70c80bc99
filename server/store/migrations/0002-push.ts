import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('push_subscriptions')
    .addColumn('subscription_key', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('tenant_key', 'integer', (column) => column.notNull())
    .addColumn('user_key', 'integer', (column) => column.notNull())
    .addColumn('endpoint', 'text', (column) => column.notNull())
    .addColumn('endpoint_hash', 'text', (column) => column.notNull())
    .addColumn('p256dh', 'text', (column) => column.notNull())
    .addColumn('auth', 'text', (column) => column.notNull())
    .addColumn('context', 'text', (column) => column.notNull())
    .addColumn('page_url', 'text')
    .addColumn('public_key', 'text', (column) => column.notNull())
    .addColumn('confirmed_at', 'bigint', (column) => column.notNull())
    .addColumn('last_ok_at', 'bigint')
    .addUniqueConstraint('push_subscriptions_endpoint', ['tenant_key', 'endpoint_hash', 'context'])
    .execute();
  await db.schema.createIndex('push_subscriptions_user').on('push_subscriptions').column('user_key').execute();

  await db.schema
    .createTable('push_jobs')
    .addColumn('conversation_key', 'integer', (column) => column.primaryKey())
    .addColumn('tenant_key', 'integer', (column) => column.notNull())
    .addColumn('due_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('push_jobs_due').on('push_jobs').column('due_at').execute();

  await db.schema
    .createTable('push_marks')
    .addColumn('conversation_key', 'integer', (column) => column.notNull())
    .addColumn('user_key', 'integer', (column) => column.notNull())
    .addColumn('seq', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('push_marks_primary', ['conversation_key', 'user_key'])
    .execute();

  await db.schema
    .createTable('push_sends')
    .addColumn('send_key', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('subscription_key', 'integer', (column) =>
      column.notNull().references('push_subscriptions.subscription_key').onDelete('cascade'),
    )
    .addColumn('conversation_key', 'integer', (column) => column.notNull())
    .addColumn('seq', 'integer', (column) => column.notNull())
    .addColumn('due_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull().defaultTo(0))
    .addUniqueConstraint('push_sends_once', ['subscription_key', 'conversation_key'])
    .execute();
  await db.schema.createIndex('push_sends_due').on('push_sends').column('due_at').execute();

  await db.schema
    .createTable('one_time_codes')
    .addColumn('code_hash', 'text', (column) => column.primaryKey())
    .addColumn('tenant_key', 'integer', (column) => column.notNull())
    .addColumn('user_key', 'integer', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .execute();
}
