/**
 * Tells people of messages that they did not read and are not there to see.
 *
 * 1. The transaction that stores a message leaves a job for its conversation, due a little later (PUSH_DELAY_MS).
 * 2. When it is due, whoever still has not read it and is not connected gets a row in the outbox for each of their browsers;
 *    in one transaction with the end of the job. Who is connected but does not read may leave without having read: the job
 *    stays and looks again, less and less often, until the message is a day old.
 * 3. push-sends.ts empties the outbox.
 *
 * The process may die at any line: what was not finished is in the database and is found by the next start, or by another
 * process. A notification may then be sent twice and is still shown once (same topic, same tag).
 *
 * It wakes by a timer at the next due time, which is known from the database, and by the bus when a message is stored, here or
 * in another process.
 */
import type { EventType } from '../../protocol/down.ts';
import type { Domain } from '../domain/domain.ts';
import type { PushJob, PushJobFacts, PushReader, PushStore } from '../store/queries/push-store.ts';
import { PushSends } from './push-sends.ts';

/** How old a message may get before nobody is told of it any more. */
export const PUSH_MAX_AGE_MS = 24 * 3_600_000;
/** The longest pause between two looks at a reader who is connected and does not read. */
const LOOK_AGAIN_MAX_MS = 60_000;
/** A look at the database without a reason: for events that the bus lost. */
const IDLE_POLL_MS = 30_000;
/** After an error of the database. */
const ERROR_PAUSE_MS = 5_000;
const JOBS_AT_ONCE = 50;
/** A message, and a subscription while there is something unread. */
const makesJobs: ReadonlySet<EventType> = new Set<EventType>(['message.created', 'push.changed']);

export class PushJobs {
  readonly #domain: Domain;
  readonly #store: PushStore;
  readonly #sends: PushSends;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #running: Promise<void> | undefined;
  #unsubscribe: (() => void) | undefined;
  #state: 'new' | 'started' | 'stopped' = 'new';

  constructor(domain: Domain, store: PushStore = domain.store.push) {
    this.#domain = domain;
    this.#store = store;
    this.#sends = new PushSends(domain, store);
  }

  start(): void {
    this.#state = 'started';
    this.#unsubscribe = this.#domain.bus.subscribe((events) => {
      if (events.some(({ frame }) => makesJobs.has(frame.type))) this.wakeIn(this.#domain.settings.pushDelayMs);
    });
    this.wakeIn(0);
  }

  /** Ends the timer and waits for the sends under way, each of which has a deadline. */
  async stop(): Promise<void> {
    this.#state = 'stopped';
    this.#unsubscribe?.();
    clearTimeout(this.#timer);
    await this.#running;
  }

  /** Looks at the database in so many milliseconds, unless it does so earlier anyway. */
  wakeIn(ms: number): void {
    // The clock of the tests may stand still while this one runs: real time, here only.
    const at = Date.now() + ms;
    if (this.#state !== 'started' || at >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(() => void this.run(), ms);
    this.#timer.unref();
  }

  /** Does all that is due now; also without `start`. Never rejects. One run at a time: a second call waits and runs again. */
  async run(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timerAt = Number.POSITIVE_INFINITY;
    while (this.#running) await this.#running;
    this.#running = this.#runOnce().finally(() => {
      this.#running = undefined;
    });
    await this.#running;
  }

  async #runOnce(): Promise<void> {
    try {
      await this.#decideAll();
      await this.#sends.sendAll(() => this.#state === 'stopped');
      const dueAt = await this.#store.nextDueAt();
      this.wakeIn(Math.min(Math.max((dueAt ?? Number.POSITIVE_INFINITY) - this.#domain.now(), 10), IDLE_POLL_MS));
    } catch (error) {
      this.#domain.log.error({ err: error }, 'push: the worker failed and tries again');
      this.wakeIn(ERROR_PAUSE_MS);
    }
  }

  async #decideAll(): Promise<void> {
    await this.#store.dropUnheardJobs(this.#domain.now());
    for (let count = JOBS_AT_ONCE; count === JOBS_AT_ONCE; ) {
      const jobs = await this.#store.dueJobs(this.#domain.now(), JOBS_AT_ONCE);
      count = jobs.length;
      this.#domain.metrics.pushJobsDue(count);
      // Side by side: they share reads and commits.
      await Promise.all(jobs.map((job) => this.#decideOrPostpone(job)));
    }
  }

  /** One job that fails must not keep the others from their turn. */
  async #decideOrPostpone(job: PushJob): Promise<void> {
    try {
      await this.#decide(job);
    } catch (error) {
      this.#domain.log.error({ err: error }, 'push: a job failed and is tried again');
      await this.#store.postponeJob(job, this.#domain.now() + LOOK_AGAIN_MAX_MS);
    }
  }

  async #decide(job: PushJob): Promise<void> {
    const now = this.#domain.now();
    const facts = await this.#store.jobFacts(job);
    if (facts) this.#domain.traces.mark('push-due', facts.conversationId, facts.lastSeq);
    const waiting = facts?.readers.filter((reader) => reader.sentAt + PUSH_MAX_AGE_MS > now) ?? [];
    const connected = await Promise.all(waiting.map((reader) => this.#isConnected(facts, reader)));
    const away = waiting.filter((_, index) => !connected[index]);
    const present = waiting.filter((_, index) => connected[index]);
    await this.#store.finishJob(job, {
      lastSeq: facts?.lastSeq ?? 0,
      tell: away.map(({ userKey, seq, sentAt }) => ({ userKey, seq, expiresAt: sentAt + PUSH_MAX_AGE_MS })),
      now,
      ifNewerAt: now + this.#domain.settings.pushDelayMs,
      ...(present.length > 0 && { againAt: lookAgainAt(present, now, this.#domain.settings.pushDelayMs) }),
    });
  }

  async #isConnected(facts: PushJobFacts | undefined, reader: PushReader): Promise<boolean> {
    return facts !== undefined && this.#domain.presence.isConnected(facts.tenantId, reader.userId);
  }
}

/** A quarter of the message's age from now: soon while it is fresh, rarely for a page left open over night. */
function lookAgainAt(readers: readonly PushReader[], now: number, delayMs: number): number {
  const age = now - Math.max(...readers.map((reader) => reader.sentAt));
  return now + Math.max(Math.min(age / 4, LOOK_AGAIN_MAX_MS), Math.min(delayMs, LOOK_AGAIN_MAX_MS), 100);
}
