import type { Kysely, Transaction } from 'kysely';
import type { Database } from './schema.ts';

/** How queries reach the database, whatever the dialect. */
export interface Connections {
  /** One snapshot: all that `run` reads was true at the same moment, and everything of it was committed. */
  read<T>(run: (db: Transaction<Database>) => Promise<T>): Promise<T>;
  /**
   * Everything that `run` writes or nothing. `run` may share its transaction with others, so it must wait for nothing but the
   * database. Resolves after the commit. `committed` is called after the commit as well, for one write after the other in the
   * order in which they were made: what is announced there is announced in that order.
   */
  write<T>(run: (db: Transaction<Database>) => Promise<T>, committed?: (result: T) => void): Promise<T>;
}

/** What a dialect gives. */
export interface Engine {
  /** The only connection that writes. */
  readonly writer: Kysely<Database>;
  /** As Connections.read. Never sees an open transaction of the writer. */
  readonly read: Connections['read'];
  close(): Promise<void>;
}
