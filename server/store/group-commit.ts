/**
 * Many writes, one commit. A commit waits for the disk, a write does not: with one commit for each write the disk's patience
 * would be the limit. So whatever waits when a transaction can begin goes into it together, each write in a savepoint of its
 * own: one that fails is undone alone and its neighbours do not notice. Under light load a write is alone and waits for
 * nobody.
 */
import { CompiledQuery, type Kysely, type Transaction } from 'kysely';
import { InlayError } from '../../protocol/errors.ts';
import type { Database } from './schema.ts';

export interface GroupCommitOptions {
  /** Writes in one transaction. Default 256. */
  readonly groupMax?: number;
  /** Writes that may wait; more: `server-busy`. Default 10,000. */
  readonly queueMax?: number;
  /** An announcement failed after its commit. */
  readonly onError: (error: unknown) => void;
}

const BUSY_RETRY_MS = 1_000;
const savepoint = CompiledQuery.raw('savepoint one');
const release = CompiledQuery.raw('release savepoint one');
const rollback = CompiledQuery.raw('rollback to savepoint one');

/** A write that waits; what it makes stays inside until the commit. */
interface Waiting {
  run(transaction: Transaction<Database>): Promise<void>;
  settle(): void;
  fail(error: unknown): void;
}

export class GroupCommit {
  readonly #groupMax: number;
  readonly #queueMax: number;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(
    private readonly db: Kysely<Database>,
    private readonly options: GroupCommitOptions,
  ) {
    this.#groupMax = options.groupMax ?? 256;
    this.#queueMax = options.queueMax ?? 10_000;
  }

  write<T>(
    work: (transaction: Transaction<Database>) => Promise<T>,
    committed: (result: T) => void = () => {},
  ): Promise<T> {
    if (this.#closed) return Promise.reject(new InlayError('server-shutdown', 'The store is closed.'));
    if (this.#waiting.length >= this.#queueMax)
      return Promise.reject(new InlayError('server-busy', 'Too many writes wait.', BUSY_RETRY_MS));
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push(this.#entry(work, committed, resolve, reject));
      this.#running ??= this.#drain();
    });
  }

  /** Resolves when everything that waited is committed. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  #entry<T>(
    work: (transaction: Transaction<Database>) => Promise<T>,
    committed: (result: T) => void,
    resolve: (result: T) => void,
    reject: (error: unknown) => void,
  ): Waiting {
    let settle: () => void;
    return {
      run: async (transaction) => {
        const done = await inSavepoint(transaction, work);
        settle = () => (done.ok ? this.#announce(done.result, committed, resolve) : reject(done.error));
      },
      settle: () => settle(),
      fail: reject,
    };
  }

  #announce<T>(result: T, committed: (result: T) => void, resolve: (result: T) => void): void {
    try {
      committed(result);
    } catch (error) {
      // It is committed: whoever asked must hear so, whatever became of the announcement.
      this.options.onError(error);
    }
    resolve(result);
  }

  async #drain(): Promise<void> {
    // One turn of the event loop: all that the sockets brought in this turn goes together.
    await new Promise(setImmediate);
    while (this.#waiting.length > 0) {
      await this.#commit(this.#waiting.splice(0, this.#groupMax));
      // Let the sockets have a turn between two commits.
      await new Promise(setImmediate);
    }
    this.#running = undefined;
  }

  async #commit(group: readonly Waiting[]): Promise<void> {
    try {
      await this.db.transaction().execute(async (transaction) => {
        for (const entry of group) await entry.run(transaction);
      });
    } catch (error) {
      for (const entry of group) entry.fail(error);
      return;
    }
    for (const entry of group) entry.settle();
  }
}

type Done<T> = { readonly ok: true; readonly result: T } | { readonly ok: false; readonly error: unknown };

async function inSavepoint<T>(
  transaction: Transaction<Database>,
  work: (transaction: Transaction<Database>) => Promise<T>,
): Promise<Done<T>> {
  await transaction.executeQuery(savepoint);
  try {
    const result = await work(transaction);
    await transaction.executeQuery(release);
    return { ok: true, result };
  } catch (error) {
    await transaction.executeQuery(rollback);
    await transaction.executeQuery(release);
    return { ok: false, error };
  }
}
