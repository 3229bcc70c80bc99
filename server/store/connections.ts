import type { Kysely, Transaction } from 'kysely';
import type { TenantId } from '../../protocol/ids.ts';
import type { Database } from './schema.ts';
import type { Appended, AppendTiming, NewMessage } from './store.ts';

/** How queries reach the database, whatever the dialect. */
export interface Connections {
  /** One snapshot: all that `run` reads was true at the same moment, and everything of it was committed. */
  read<T>(run: (db: Transaction<Database>) => Promise<T>, share?: Share): Promise<T>;
  /**
   * Everything that `run` writes or nothing. `run` may share its transaction with others, so it must wait for nothing but the
   * database. Resolves after the commit. `committed` is called after the commit as well, for one write after the other in the
   * order in which they were made: what is announced there is announced in that order.
   */
  write<T>(run: (db: Transaction<Database>) => Promise<T>, options?: WriteOptions<T>): Promise<T>;
  /** As a write; messages that wait together are stored by few statements. */
  append(input: NewMessage, options: AppendOptions): Promise<Appended>;
}

/** Whose turn it takes in a queue. Default: the server's own, interactive. */
export interface Share {
  readonly tenantId?: TenantId;
  readonly lane?: Lane;
}

export interface WriteOptions<T> extends Share {
  readonly committed?: (result: T) => void;
}

export interface AppendOptions {
  readonly tenantId: TenantId;
  readonly committed: (appended: Appended) => void;
  readonly timing: AppendTiming | undefined;
}

/** `interactive`: a person waits for it; `bulk`: nobody notices a second. Default: interactive. */
export type Lane = 'interactive' | 'bulk';

/** What a dialect gives. */
export interface Engine {
  /**
   * The only way to write, one at a time. Commits when `run` has resolved and rolls back when it rejects. What the
   * database itself cannot do at the moment (no space, somebody else holds it) is `store-unavailable`.
   */
  transaction<T>(run: (db: Transaction<Database>) => Promise<T>): Promise<T>;
  /** As Connections.read. Never sees an open transaction of the writer. */
  readonly read: Connections['read'];
  close(): Promise<void>;
}

/**
 * The short way past the query builder's executor, for dialects that answer at once. A query of Kysely's is compiled once
 * (prepared.ts) and then costs what the database takes for it, not ten times that in promises.
 */
export interface Direct {
  all(sql: string, parameters: readonly unknown[]): unknown[];
  /** How many rows it changed. */
  run(sql: string, parameters: readonly unknown[]): number;
}

const directs = new WeakMap<Kysely<Database>, Direct>();

export function offerDirect(db: Kysely<Database>, direct: Direct): void {
  directs.set(db, direct);
}

/** Undefined: this dialect has none. */
export function directOf(db: Kysely<Database>): Direct | undefined {
  return directs.get(db);
}
