import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await createPeople(db);
  await createConversations(db);
  await createMessages(db);
  await createRest(db);
}

async function createPeople(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('tenants')
    .addColumn('tenant_key', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('public_id', 'text', (column) => column.notNull().unique())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('accent', 'text')
    .addColumn('greeting', 'text')
    .addColumn('questions', 'text')
    .addColumn('allowed_origins', 'text', (column) => column.notNull())
    .addColumn('secret', 'text', (column) => column.notNull())
    .addColumn('revision', 'bigint', (column) => column.notNull().defaultTo(0))
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();

  await db.schema
    .createTable('tenant_origins')
    .addColumn('origin', 'text', (column) => column.notNull())
    .addColumn('tenant_key', 'integer', (column) => column.notNull().references('tenants.tenant_key'))
    .addPrimaryKeyConstraint('tenant_origins_primary', ['origin', 'tenant_key'])
    .execute();

  await db.schema
    .createTable('users')
    .addColumn('user_key', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('tenant_key', 'integer', (column) => column.notNull().references('tenants.tenant_key'))
    .addColumn('public_id', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('name', 'text')
    .addColumn('avatar', 'text')
    .addColumn('external_id', 'text')
    .addColumn('visitor_key_hash', 'text')
    .addColumn('token_version', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('merged_into', 'integer', (column) => column.references('users.user_key'))
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addUniqueConstraint('users_id', ['tenant_key', 'public_id'])
    .addUniqueConstraint('users_external', ['tenant_key', 'external_id'])
    .addUniqueConstraint('users_visitor_key', ['tenant_key', 'visitor_key_hash'])
    .execute();

  await db.schema
    .createTable('accounts')
    .addColumn('account', 'text', (column) => column.primaryKey())
    .addColumn('user_key', 'integer', (column) => column.notNull().references('users.user_key'))
    .addColumn('tenant_key', 'integer', (column) => column.notNull().references('tenants.tenant_key'))
    .addColumn('password_hash', 'text', (column) => column.notNull())
    .execute();
}

async function createConversations(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('conversations')
    .addColumn('conversation_key', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('tenant_key', 'integer', (column) => column.notNull().references('tenants.tenant_key'))
    .addColumn('public_id', 'text', (column) => column.notNull())
    .addColumn('visitor_key', 'integer', (column) => column.notNull().references('users.user_key'))
    .addColumn('last_seq', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('visitor_count', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('revision', 'bigint', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('assignee_key', 'integer', (column) => column.references('users.user_key'))
    .addColumn('waiting_since', 'bigint')
    .addColumn('context', 'text')
    .addColumn('device', 'text')
    .addColumn('merged_into', 'integer', (column) => column.references('conversations.conversation_key'))
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addUniqueConstraint('conversations_id', ['tenant_key', 'public_id'])
    .execute();

  // One each for what an agent's lists ask: a conversation moves to the top of its lists with every message, and each index
  // that it stands in is a write.
  const index = (name: string) => db.schema.createIndex(name).on('conversations');
  await index('conversations_visitor').column('visitor_key').execute();
  await index('conversations_all')
    .columns(['tenant_key', 'revision'])
    .where(sql.ref('last_seq'), '>', sql.lit(0))
    .execute();
  await index('conversations_waiting')
    .columns(['tenant_key', 'revision'])
    .where(sql.ref('status'), '=', sql.lit('waiting'))
    .execute();
  await index('conversations_mine')
    .columns(['assignee_key', 'revision'])
    .where(sql.ref('status'), '=', sql.lit('open'))
    .execute();

  await db.schema
    .createTable('members')
    .addColumn('conversation_key', 'integer', (column) =>
      column.notNull().references('conversations.conversation_key').onDelete('cascade'),
    )
    .addColumn('user_key', 'integer', (column) => column.notNull().references('users.user_key'))
    .addColumn('delivered_seq', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('read_seq', 'integer', (column) => column.notNull().defaultTo(0))
    .addPrimaryKeyConstraint('members_primary', ['conversation_key', 'user_key'])
    .execute();
}

/**
 * In the order of `place` (queries/place.ts). The index that finds repeats begins with the clientMessageId, which begins with the
 * time, and so grows at its end: each message of a commit would else make a page of its own dirty.
 */
async function createMessages(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('messages')
    .addColumn('place', 'integer', (column) => column.primaryKey())
    .addColumn('conversation_key', 'integer', (column) => column.generatedAlwaysAs(sql`place >> 32`))
    .addColumn('seq', 'integer', (column) => column.generatedAlwaysAs(sql`place & 4294967295`))
    .addColumn('sender_key', 'integer', (column) => column.notNull().references('users.user_key'))
    .addColumn('client_message_id', 'text', (column) => column.notNull())
    .addColumn('content', 'text', (column) => column.notNull())
    .addColumn('sent_at', 'bigint', (column) => column.notNull())
    .addColumn('visitor_count', 'integer', (column) => column.notNull())
    .addUniqueConstraint('messages_once', ['client_message_id', 'sender_key'])
    .execute();
}

async function createRest(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('files')
    .addColumn('file_key', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('tenant_key', 'integer', (column) => column.notNull().references('tenants.tenant_key'))
    .addColumn('public_id', 'text', (column) => column.notNull().unique())
    .addColumn('uploader_key', 'integer', (column) => column.notNull().references('users.user_key'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('media_type', 'text', (column) => column.notNull())
    .addColumn('size', 'bigint', (column) => column.notNull())
    .addColumn('url', 'text', (column) => column.notNull())
    .addColumn('width', 'integer')
    .addColumn('height', 'integer')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('files_uploader').on('files').column('uploader_key').execute();

  await db.schema
    .createTable('keys')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('value', 'text', (column) => column.notNull())
    .execute();
}
