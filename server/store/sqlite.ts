/**
 * SQLite in a file, for one process.
 *
 * Two connections: one writes, one only reads and never sees an open transaction (WAL). synchronous=FULL: a commit has reached
 * the disk when it returns. Checkpoints stay with SQLite (each 1,000 pages, in the commit that gets there): some milliseconds
 * for every 4 MB written, and the log never grows without end.
 *
 * Each text of SQL is prepared once. Kysely would prepare it for every execution, which takes longer than most executions.
 */
import SQLite from 'better-sqlite3';
import { Kysely, type SqliteDatabase, SqliteDialect, type SqliteStatement } from 'kysely';
import type { Engine } from './connections.ts';
import { GroupRead } from './group-read.ts';
import type { Database } from './schema.ts';

/** How long to wait for another process that has the file, e.g. a backup. */
const BUSY_TIMEOUT_MS = 5_000;
const STATEMENTS_MAX = 500;

export function openSqlite(file: string): Engine {
  const writing = new SQLite(file, { timeout: BUSY_TIMEOUT_MS });
  for (const pragma of [
    'journal_mode = WAL',
    'synchronous = FULL',
    'foreign_keys = ON',
    'journal_size_limit = 67108864',
  ])
    writing.pragma(pragma);
  const reading = new SQLite(file, { timeout: BUSY_TIMEOUT_MS, readonly: true, fileMustExist: true });
  const writer = kysely(writing, 'begin immediate');
  const reader = kysely(reading, 'begin');
  const reads = new GroupRead(reader);
  return {
    writer,
    read: (run) => reads.read(run),
    async close() {
      // In this order: the last connection to close that may write folds the log back into the file.
      await reader.destroy();
      await writer.destroy();
      reading.close();
      writing.close();
    },
  };
}

function kysely(database: SQLite.Database, begin: string): Kysely<Database> {
  return new Kysely<Database>({ dialect: new SqliteDialect({ database: caching(database, begin) }) });
}

/**
 * `begin`: a transaction that reads first and writes then could find that another process wrote in between, and fail; one that
 * is immediate waits for its turn.
 */
function caching(database: SQLite.Database, begin: string): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>();
  return {
    prepare(text) {
      const known = statements.get(text);
      if (known) return known;
      const statement = database.prepare(text === 'begin' ? begin : text) as unknown as SqliteStatement;
      if (statements.size >= STATEMENTS_MAX) forgetOldest(statements);
      statements.set(text, statement);
      return statement;
    },
    close: () => statements.clear(),
  };
}

function forgetOldest(statements: Map<string, SqliteStatement>): void {
  const [oldest] = statements.keys();
  if (oldest !== undefined) statements.delete(oldest);
}
