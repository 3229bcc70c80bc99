/**
 * SQLite in a file, for one process.
 *
 * Two connections: one writes, one only reads and never sees an open transaction (WAL). synchronous=FULL: a commit has reached
 * the disk when it returns. The log is folded back into the file by a thread of its own (checkpointer.ts): in the commit that
 * happens to be the thousandth it would take ten times as long as the commit.
 *
 * Kysely writes the SQL; what it sends ends at statements that are prepared once each. Each connection is held for good,
 * so that a transaction is three calls of SQLite and no queueing for a connection that nobody else wants.
 */
import SQLite from 'better-sqlite3';
import { Kysely, type SqliteDatabase, type SqliteStatement, type Transaction } from 'kysely';
import { InlayError } from '../../protocol/errors.ts';
import { Checkpointer } from './checkpointer.ts';
import { type Engine, offerDirect } from './connections.ts';
import { GroupRead } from './group-read.ts';
import type { Database } from './schema.ts';
import { PlannedOnceDialect } from './sqlite-compiler.ts';

export interface SqliteOptions {
  /** Milliseconds to wait for another process that writes (a backup, an operator's shell). Default 5,000. */
  readonly busyTimeoutMs?: number;
  /** The thread that folds in the log has ended; another one takes its place. */
  readonly onError?: (error: unknown) => void;
  /** A group of reads was done. `waitedMs`: of the one that waited longest. */
  readonly onRead?: (reads: number, waitedMs: number, tookMs: number) => void;
}

const BUSY_TIMEOUT_MS = 5_000;
const BUSY_RETRY_MS = 20;
const UNAVAILABLE_RETRY_MS = 2_000;
const STATEMENTS_MAX = 500;

export function openSqlite(
  file: string,
  { busyTimeoutMs = BUSY_TIMEOUT_MS, onRead, onError = () => {} }: SqliteOptions = {},
): Engine {
  // No waiting inside of SQLite: it would hold up the whole process. `begin` waits and tries again, see below.
  const writing = new SQLite(file, { timeout: 0 });
  for (const pragma of [
    'journal_mode = WAL',
    'synchronous = FULL',
    'foreign_keys = ON',
    'journal_size_limit = 67108864',
    'wal_autocheckpoint = 0',
    'cache_size = -65536',
    // What a savepoint may have to undo.
    'temp_store = MEMORY',
  ])
    writing.pragma(pragma);
  const reading = new SQLite(file, { timeout: BUSY_RETRY_MS, readonly: true, fileMustExist: true });
  reading.pragma('cache_size = -65536');
  const checkpointer = new Checkpointer(file, onError);
  const writer = new Connection(writing, 'begin immediate');
  const reader = new Connection(reading, 'begin');
  const reads = new GroupRead((run) => reader.transaction(run, 0), onRead);
  return {
    async transaction(run) {
      await checkpointer.turn;
      return writer.transaction(run, busyTimeoutMs);
    },
    read: (run, share) => reads.read(run, share),
    async close() {
      await checkpointer.stop();
      // In this order: the last connection to close that may write folds the log back into the file.
      await reader.close();
      await writer.close();
      checkpointer.release();
    },
  };
}

class Connection {
  readonly #kysely: Kysely<Database>;
  readonly #statements = new Map<string, SQLite.Statement>();
  #held: Promise<Transaction<Database>> | undefined;
  #release = () => {};

  /**
   * `begin`: a transaction that reads first and writes then could find that another process wrote in between, and fail; one
   * that is immediate waits for its turn.
   */
  constructor(
    private readonly database: SQLite.Database,
    private readonly begin: 'begin' | 'begin immediate',
  ) {
    this.#kysely = new Kysely<Database>({ dialect: new PlannedOnceDialect({ database: this.#asKyselyWantsIt() }) });
  }

  async transaction<T>(run: (db: Transaction<Database>) => Promise<T>, busyTimeoutMs: number): Promise<T> {
    this.#held ??= this.#hold();
    const db = await this.#held;
    try {
      await this.#begin(busyTimeoutMs);
      const result = await run(db);
      this.#statement('commit').run();
      return result;
    } catch (error) {
      // A full disk has ended the transaction already.
      if (this.database.inTransaction) this.#statement('rollback').run();
      throw unavailable(error) ?? error;
    }
  }

  async close(): Promise<void> {
    this.#release();
    await this.#kysely.destroy();
    this.database.close();
  }

  async #begin(busyTimeoutMs: number): Promise<void> {
    const end = performance.now() + busyTimeoutMs;
    for (;;) {
      try {
        this.#statement(this.begin).run();
        return;
      } catch (error) {
        if (!isBusy(error) || performance.now() >= end) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, BUSY_RETRY_MS));
    }
  }

  /** The connection as Kysely hands it out, kept until the end. It is no Transaction by its class; for queries it is one. */
  #hold(): Promise<Transaction<Database>> {
    return new Promise((resolve, reject) => {
      this.#kysely
        .connection()
        .execute((db) => {
          offerDirect(db, {
            all: (sql, parameters) => {
              const statement = this.#statement(sql);
              if (statement.reader) return statement.all(parameters);
              statement.run(parameters);
              return [];
            },
            run: (sql, parameters) => this.#statement(sql).run(parameters).changes,
          });
          resolve(db as unknown as Transaction<Database>);
          return new Promise<void>((release) => {
            this.#release = release;
          });
        })
        .catch(reject);
    });
  }

  #asKyselyWantsIt(): SqliteDatabase {
    return {
      prepare: (sql) => this.#statement(sql) as unknown as SqliteStatement,
      close: () => this.#statements.clear(),
    };
  }

  /** Each text of SQL is prepared once: that takes longer than most executions. */
  #statement(sql: string): SQLite.Statement {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.database.prepare(sql);
    const [oldest] = this.#statements.keys();
    if (this.#statements.size >= STATEMENTS_MAX && oldest !== undefined) this.#statements.delete(oldest);
    this.#statements.set(sql, statement);
    return statement;
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof SQLite.SqliteError && /^SQLITE_(BUSY|LOCKED)/.test(error.code);
}

/** What passes: no space, a disk that fails, somebody else who writes. Nothing of the transaction is stored. */
function unavailable(error: unknown): InlayError | undefined {
  if (!(error instanceof SQLite.SqliteError)) return undefined;
  if (!/^SQLITE_(BUSY|LOCKED|FULL|IOERR|READONLY|CANTOPEN)/.test(error.code)) return undefined;
  return new InlayError(
    'store-unavailable',
    `The store cannot write at the moment (${error.code}).`,
    UNAVAILABLE_RETRY_MS,
  );
}
