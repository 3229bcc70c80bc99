/**
 * Many reads, one snapshot: all that wait when a transaction can begin are done in it, one after the other. Each gets a
 * snapshot that began after it asked, so it sees whatever was committed before. For a database that works on one thing at a
 * time this is cheaper than a transaction each, and fair.
 */
import type { Transaction } from 'kysely';
import { InlayError } from '../../protocol/errors.ts';
import type { Engine } from './connections.ts';
import type { Database } from './schema.ts';

const QUEUE_MAX = 20_000;
const BUSY_RETRY_MS = 1_000;
/** After so many reads the sockets have a turn. */
const GROUP_MAX = 256;

interface Waiting {
  readonly since: number;
  run(transaction: Transaction<Database>): Promise<void>;
  fail(error: unknown): void;
}

export class GroupRead {
  #waiting: Waiting[] = [];
  #running = false;

  constructor(
    private readonly transaction: Engine['transaction'],
    private readonly onRead: (reads: number, waitedMs: number, tookMs: number) => void = () => {},
  ) {}

  read<T>(work: (transaction: Transaction<Database>) => Promise<T>): Promise<T> {
    if (this.#waiting.length >= QUEUE_MAX)
      return Promise.reject(new InlayError('server-busy', 'Too many reads wait.', BUSY_RETRY_MS));
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({
        since: performance.now(),
        run: (transaction) => work(transaction).then(resolve, reject),
        fail: reject,
      });
      if (!this.#running) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#running = true;
    // All that is asked in this moment goes together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      await this.#readTogether(this.#waiting.splice(0, GROUP_MAX));
      if (this.#waiting.length > 0) await new Promise(setImmediate);
    }
    this.#running = false;
  }

  /** Never rejects: each read has a promise of its own. */
  async #readTogether(group: readonly Waiting[]): Promise<void> {
    const begun = performance.now();
    try {
      await this.transaction(async (transaction) => {
        for (const entry of group) await entry.run(transaction);
      });
    } catch (error) {
      // The transaction could not begin or end: whoever has no answer yet gets this one.
      for (const entry of group) entry.fail(error);
    }
    this.onRead(group.length, begun - (group[0]?.since ?? begun), performance.now() - begun);
  }
}
