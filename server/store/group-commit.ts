/**
 * Many writes, one commit. A commit waits for the disk, a write does not: with one commit for each write the disk's patience
 * would be the limit. So whatever waits when a transaction can begin goes into it together, at most `groupMax`. Under light load
 * a write is alone and waits for nobody.
 *
 * Within a group, messages that stand side by side are stored by few statements (append.ts); every other write runs in a
 * savepoint of its own: one that fails is undone alone and its neighbours do not notice.
 *
 * Who goes first is decided by fair-queue.ts: the tenants take turns, so that one that floods waits for itself.
 */
import { CompiledQuery, type Transaction } from 'kysely';
import { InlayError } from '../../protocol/errors.ts';
import type { Append, AppendOutcome, AppendTogether } from './append.ts';
import type { AppendOptions, Engine, Share, WriteOptions } from './connections.ts';
import { FairQueue } from './fair-queue.ts';
import type { Database } from './schema.ts';
import type { Appended, AppendTiming, NewMessage } from './store.ts';

export interface GroupCommitOptions {
  /** Writes in one transaction. Default 256. */
  readonly groupMax?: number;
  /** Writes that may wait, of all tenants together; more: `server-busy`. Default 10,000. */
  readonly queueMax?: number;
  /** An announcement failed after its commit. */
  readonly onError: (error: unknown) => void;
  readonly observer?: CommitObserver;
}

export interface CommitObserver {
  /** `waitedMs`: of the write that waited longest; `commitMs`: from the begin to the end of the transaction. */
  committed(writes: number, waitedMs: number, commitMs: number): void;
  commitFailed(): void;
  /** Messages of one commit. */
  messages(stored: number, repeated: number): void;
}

const BUSY_RETRY_MS = 1_000;
const savepoint = CompiledQuery.raw('savepoint one');
const release = CompiledQuery.raw('release savepoint one');
const rollback = CompiledQuery.raw('rollback to savepoint one');

interface Waiting {
  readonly since: number;
  fail(error: unknown): void;
}
/** What it makes stays inside until the commit. */
interface WaitingWrite extends Waiting {
  readonly kind: 'write';
  run(db: Transaction<Database>): Promise<void>;
  settle(): void;
}
interface WaitingAppend extends Waiting {
  readonly kind: 'append';
  readonly append: Append;
  readonly timing: AppendTiming | undefined;
  succeed(appended: Appended): void;
}
type Entry = WaitingWrite | WaitingAppend;

export class GroupCommit {
  readonly #groupMax: number;
  readonly #queue: FairQueue<Entry>;
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(
    private readonly transaction: Engine['transaction'],
    private readonly appendTogether: AppendTogether,
    private readonly options: GroupCommitOptions,
  ) {
    this.#groupMax = options.groupMax ?? 256;
    this.#queue = new FairQueue(options.queueMax ?? 10_000);
  }

  /** Writes that wait. */
  get length(): number {
    return this.#queue.length;
  }

  write<T>(work: (db: Transaction<Database>) => Promise<T>, options: WriteOptions<T> = {}): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#enqueue(this.#writeEntry(work, options, resolve, reject), options);
    });
  }

  append(input: NewMessage, options: AppendOptions): Promise<Appended> {
    const { tenantId, committed, timing } = options;
    return new Promise((resolve, reject) => {
      const since = performance.now();
      if (timing) timing.queuedAt = since;
      const succeed = (appended: Appended) => this.#announce(appended, committed, resolve);
      const append = { tenantId, input };
      this.#enqueue({ kind: 'append', since, append, timing, succeed, fail: reject }, options);
    });
  }

  /** Resolves when everything that waited is committed. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  #enqueue(entry: Entry, { tenantId, lane }: Share): void {
    if (this.#closed) entry.fail(new InlayError('server-shutdown', 'The store is closed.'));
    else if (this.#queue.push(entry, tenantId, lane)) this.#running ??= this.#drain();
    else entry.fail(new InlayError('server-busy', 'Too many writes wait.', BUSY_RETRY_MS));
  }

  #writeEntry<T>(
    work: (db: Transaction<Database>) => Promise<T>,
    { committed }: WriteOptions<T>,
    resolve: (result: T) => void,
    reject: (error: unknown) => void,
  ): WaitingWrite {
    let settle: () => void;
    return {
      kind: 'write',
      since: performance.now(),
      run: async (db) => {
        const done = await inSavepoint(db, work);
        settle = () => (done.ok ? this.#announce(done.result, committed, resolve) : reject(done.error));
      },
      settle: () => settle(),
      fail: reject,
    };
  }

  #announce<T>(result: T, committed: ((result: T) => void) | undefined, resolve: (result: T) => void): void {
    try {
      committed?.(result);
    } catch (error) {
      // It is committed: whoever asked must hear so, whatever became of the announcement.
      this.options.onError(error);
    }
    resolve(result);
  }

  async #drain(): Promise<void> {
    // One turn of the event loop: all that the sockets brought in this turn goes together.
    await new Promise(setImmediate);
    while (this.#queue.length > 0) {
      await this.#commit(this.#queue.take(this.#groupMax));
      // Let the sockets have a turn between two commits.
      await new Promise(setImmediate);
    }
    this.#running = undefined;
  }

  async #commit(group: readonly Entry[]): Promise<void> {
    const begun = performance.now();
    const settles: (() => void)[] = [];
    try {
      await this.transaction(async (db) => {
        for (const run of runsOf(group)) settles.push(await this.#perform(db, run));
      });
    } catch (error) {
      this.options.observer?.commitFailed();
      for (const entry of group) entry.fail(error);
      return;
    }
    const committed = performance.now();
    this.options.observer?.committed(group.length, begun - oldest(group), committed - begun);
    for (const entry of group) if (entry.kind === 'append' && entry.timing) time(entry.timing, group, begun, committed);
    for (const settle of settles) settle();
  }

  #count(outcomes: readonly AppendOutcome[]): void {
    let stored = 0;
    let repeated = 0;
    for (const outcome of outcomes) {
      if (!outcome.ok) continue;
      if (outcome.appended.repeated) repeated++;
      else stored++;
    }
    this.options.observer?.messages(stored, repeated);
  }

  /** What to do after the commit. */
  async #perform(db: Transaction<Database>, run: Run): Promise<() => void> {
    if (run.kind === 'write') {
      await run.entry.run(db);
      return run.entry.settle;
    }
    const outcomes = await this.appendTogether(
      db,
      run.entries.map(({ append }) => append),
    );
    return () => {
      this.#count(outcomes);
      run.entries.forEach((entry, at) => {
        const outcome = outcomes[at];
        if (outcome?.ok) entry.succeed(outcome.appended);
        else entry.fail(outcome?.error);
      });
    };
  }
}

function time(timing: AppendTiming, group: readonly Entry[], begun: number, committed: number): void {
  timing.commitBegunAt = begun;
  timing.committedAt = committed;
  timing.groupSize = group.length;
}

type Run =
  | { readonly kind: 'write'; readonly entry: WaitingWrite }
  | { readonly kind: 'appends'; readonly entries: WaitingAppend[] };

function runsOf(group: readonly Entry[]): Run[] {
  const runs: Run[] = [];
  for (const entry of group) {
    const last = runs.at(-1);
    if (entry.kind === 'write') runs.push({ kind: 'write', entry });
    else if (last?.kind === 'appends') last.entries.push(entry);
    else runs.push({ kind: 'appends', entries: [entry] });
  }
  return runs;
}

function oldest(group: readonly Entry[]): number {
  return group.reduce((earliest, { since }) => Math.min(earliest, since), Number.POSITIVE_INFINITY);
}

type Done<T> = { readonly ok: true; readonly result: T } | { readonly ok: false; readonly error: unknown };

async function inSavepoint<T>(
  db: Transaction<Database>,
  work: (db: Transaction<Database>) => Promise<T>,
): Promise<Done<T>> {
  await db.executeQuery(savepoint);
  try {
    const result = await work(db);
    await db.executeQuery(release);
    return { ok: true, result };
  } catch (error) {
    try {
      await db.executeQuery(rollback);
      await db.executeQuery(release);
    } catch {
      // No savepoint any more: the error has ended the whole transaction (a full disk does).
      throw error;
    }
    return { ok: false, error };
  }
}
