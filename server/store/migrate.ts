/**
 * Brings the tables up to date, in one transaction: a start that is killed meanwhile leaves the database as it was. (Kysely's
 * own migrator cannot do that on SQLite.)
 */
import type { Kysely } from 'kysely';
import type { Engine } from './connections.ts';
import { migrations } from './migrations/registry.ts';
import type { Database } from './schema.ts';

interface WithMigrations extends Database {
  migrations: { name: string; applied_at: number };
}

export async function migrate(engine: Engine): Promise<void> {
  await engine.transaction(async (transaction) => {
    const tables = transaction as unknown as Kysely<WithMigrations>;
    await tables.schema
      .createTable('migrations')
      .ifNotExists()
      .addColumn('name', 'text', (column) => column.primaryKey())
      .addColumn('applied_at', 'bigint', (column) => column.notNull())
      .execute();
    const applied = new Set((await tables.selectFrom('migrations').select('name').execute()).map(({ name }) => name));
    checkKnown(applied);
    for (const [name, migration] of Object.entries(migrations)) {
      if (applied.has(name)) continue;
      await migration.up(transaction as unknown as Kysely<unknown>);
      await tables.insertInto('migrations').values({ name, applied_at: Date.now() }).execute();
    }
  });
}

/** Writing with old code into tables that a newer version has changed would damage what it keeps. */
function checkKnown(applied: ReadonlySet<string>): void {
  const unknown = [...applied].find((name) => !(name in migrations));
  if (unknown !== undefined)
    throw new Error(`The database was made by a newer version of Inlay: it has the migration ${unknown}.`);
}
