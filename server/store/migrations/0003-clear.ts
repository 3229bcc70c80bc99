import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('members')
    .addColumn('cleared_seq', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
}
