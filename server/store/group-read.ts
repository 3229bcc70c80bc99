/**
 * Many reads, one snapshot: what waits when a transaction can begin is done in it, one after the other, until the sockets must have
 * their turn. Each read gets a snapshot that began after it asked, so it sees whatever was committed before. For a database
 * that works on one thing at a time this is cheaper than a transaction each. The tenants take turns (fair-queue.ts).
 */
import type { Transaction } from 'kysely';
import { InlayError } from '../../protocol/errors.ts';
import type { Engine, Share } from './connections.ts';
import { FairQueue } from './fair-queue.ts';
import type { Database } from './schema.ts';

const QUEUE_MAX = 20_000;
const BUSY_RETRY_MS = 1_000;
/** After so many milliseconds the sockets have a turn. */
const TURN_MS = 5;
/** Taken out of the queue at a time. */
const STEP = 8;

interface Waiting {
  readonly since: number;
  run(transaction: Transaction<Database>): Promise<void>;
  fail(error: unknown): void;
}

export class GroupRead {
  readonly #queue = new FairQueue<Waiting>(QUEUE_MAX);
  #running = false;

  constructor(
    private readonly transaction: Engine['transaction'],
    private readonly onRead: (reads: number, waitedMs: number, tookMs: number) => void = () => {},
  ) {}

  read<T>(work: (transaction: Transaction<Database>) => Promise<T>, { tenantId, lane }: Share = {}): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const entry: Waiting = {
        since: performance.now(),
        run: (transaction) => work(transaction).then(resolve, reject),
        fail: reject,
      };
      if (!this.#queue.push(entry, tenantId, lane))
        reject(new InlayError('server-busy', 'Too many reads wait.', BUSY_RETRY_MS));
      else if (!this.#running) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#running = true;
    // One turn of the event loop: all that the sockets ask for in this turn goes together.
    await new Promise(setImmediate);
    while (this.#queue.length > 0) {
      await this.#readTogether();
      if (this.#queue.length > 0) await new Promise(setImmediate);
    }
    this.#running = false;
  }

  /** Never rejects: each read has a promise of its own. */
  async #readTogether(): Promise<void> {
    const begun = performance.now();
    const taken: Waiting[] = [];
    try {
      await this.transaction(async (transaction) => {
        do {
          const step = this.#queue.take(STEP);
          taken.push(...step);
          for (const entry of step) await entry.run(transaction);
        } while (this.#queue.length > 0 && performance.now() - begun < TURN_MS);
      });
    } catch (error) {
      // The transaction could not begin or end: whoever has no answer yet gets this one.
      if (taken.length === 0) taken.push(...this.#queue.take(STEP));
      for (const entry of taken) entry.fail(error);
    }
    const earliest = taken.reduce((first, { since }) => Math.min(first, since), begun);
    this.onRead(taken.length, begun - earliest, performance.now() - begun);
  }
}
