/**
 * Keeps this device's copy true, at a cost that follows what changed.
 *
 * The socket is listened to first and what is missing is fetched then, so nothing falls between. With each hello goes one
 * request, done after the welcome: everything that changed since the last complete state, and the messages after those that
 * are held (once, at the very first, the list): on a slow network a round trip is what a person waits for. In between: whatever
 * an event shows to be missing, and, by the heartbeat's revision, even what no event has shown.
 */
import { batch, type ReadonlySignal, signal } from '@preact/signals-core';
import type { Missed } from '../protocol/conversations.ts';
import type { InlayError } from '../protocol/errors.ts';
import type { ConversationId } from '../protocol/ids.ts';
import type { Result } from '../protocol/up.ts';
import { backoffMs } from './backoff.ts';
import { asInlayError } from './failures.ts';
import type { Link } from './link.ts';
import type { Pauses } from './pauses.ts';
import { PAGE_COUNT, type Pulls } from './pulls.ts';
import type { Replica } from './replica.ts';
import type { Viewer } from './state/conversations.ts';
import { firstSeqOf, hasEarlier, lastSeqOf } from './state/messages.ts';

type Changes = Result<'conversation.changes'>;
export type Filter = 'waiting' | 'mine' | 'all';

/** Conversations whose messages an agent's device holds at one time. */
const OPENED_MAX_COUNT = 30;
/** Milliseconds after which a revision that was not heard is asked for. */
const DOUBT_MS = 5_000;
/** Failures in a row after which a person is told. */
const TELL_AFTER = 3;

export class Sync {
  readonly #link: Link;
  readonly #replica: Replica;
  readonly #pulls: Pulls;
  readonly #pauses: Pauses;
  readonly #viewer: () => Viewer;
  readonly #onError: (error: InlayError) => void;
  /** The lists that an agent has on the screen. */
  readonly #filters = new Set<Filter>();
  /** Those whose messages are held, the longest untouched first. */
  readonly #opened = new Set<ConversationId>();
  readonly #earlier = new Map<ConversationId, Promise<void>>();
  readonly #loadingEarlier = signal<ReadonlySet<ConversationId>>(new Set());
  #catchingUp: Promise<void> | undefined;
  #again = false;
  /** Asked along with hello. */
  #early: Promise<Changes> | undefined;
  #doubt: Promise<void> | undefined;

  constructor(
    link: Link,
    replica: Replica,
    pulls: Pulls,
    pauses: Pauses,
    viewer: () => Viewer,
    onError: (error: InlayError) => void,
  ) {
    this.#link = link;
    this.#replica = replica;
    this.#pulls = pulls;
    this.#pauses = pauses;
    this.#viewer = viewer;
    this.#onError = onError;
    replica.onDoubt = () => this.#onDoubt();
  }

  onHello(): void {
    this.#early = this.#viewer().userId && this.#replica.synced !== undefined ? this.#askChanges(true) : undefined;
    // Without a welcome nobody comes to ask what became of it.
    this.#early?.catch(() => undefined);
  }

  onWelcome(revision: number): void {
    // What an agent's screen will hold is all fetched from now on, and therefore complete up to here.
    if (this.#viewer().side === 'agent') this.#replica.synced ??= revision;
    void this.catchUp();
  }

  /** After a welcome, and whenever somebody says that there is more. Asked while it runs, it runs once more. */
  catchUp(): Promise<void> {
    this.#again = true;
    this.#catchingUp ??= this.#run().finally(() => {
      this.#catchingUp = undefined;
    });
    return this.#catchingUp;
  }

  /** The newest revision by a heartbeat. */
  onRevision(revision: number): void {
    if (revision > this.#replica.seen || this.#replica.isInDoubt) void this.catchUp();
  }

  /** What is on its way may still come, and a crowd of new visitors is one doubt. */
  #onDoubt(): void {
    this.#doubt ??= this.#pauses.wait(DOUBT_MS).then(() => {
      this.#doubt = undefined;
      return this.#replica.isInDoubt ? this.catchUp() : undefined;
    });
  }

  async list(filter: Filter, before?: number): Promise<{ more: boolean }> {
    const limit = PAGE_COUNT;
    const result = await this.#link.ask('conversation.list', {
      filter,
      limit,
      ...(before !== undefined && { before }),
    });
    this.#filters.add(filter);
    this.#takeList(result);
    this.#pullMessages();
    return { more: result.more };
  }

  open(conversationId: ConversationId): Promise<void> {
    this.#opened.delete(conversationId);
    this.#opened.add(conversationId);
    const [oldest] = this.#opened;
    if (oldest !== undefined && this.#opened.size > OPENED_MAX_COUNT) this.#close(oldest);
    if (this.#replica.log(conversationId).peek().loaded && this.#replica.get(conversationId)) return Promise.resolve();
    return this.#pulls.want(conversationId, { load: true });
  }

  /** Where a page of earlier messages is on its way. */
  get loadingEarlier(): ReadonlySignal<ReadonlySet<ConversationId>> {
    return this.#loadingEarlier;
  }

  loadEarlier(conversationId: ConversationId): Promise<void> {
    const running = this.#earlier.get(conversationId) ?? this.#loadEarlier(conversationId);
    this.#earlier.set(conversationId, running);
    this.#loadingEarlier.value = new Set(this.#earlier.keys());
    return running;
  }

  /** Somebody else is here: what was asked is not for them. */
  clear(): void {
    this.#early = undefined;
    this.#filters.clear();
    this.#opened.clear();
    this.#pulls.clear();
  }

  #close(conversationId: ConversationId): void {
    this.#opened.delete(conversationId);
    this.#replica.dropLog(conversationId);
  }

  async #loadEarlier(conversationId: ConversationId): Promise<void> {
    try {
      // Not before it is noted as running.
      await Promise.resolve();
      const log = this.#replica.log(conversationId).peek();
      if (!hasEarlier(log)) return;
      const asked = { conversationId, before: firstSeqOf(log), limit: PAGE_COUNT };
      const { messages } = await this.#link.ask('message.list', asked);
      this.#replica.takePage(conversationId, messages);
    } finally {
      this.#earlier.delete(conversationId);
      this.#loadingEarlier.value = new Set(this.#earlier.keys());
    }
  }

  async #run(): Promise<void> {
    for (let failures = 0; this.#again && this.#link.isOpen; ) {
      this.#again = false;
      try {
        await this.#catchUpOnce();
        failures = 0;
      } catch (thrown) {
        const error = asInlayError(thrown);
        failures++;
        if (error.retry === 'never' || failures === TELL_AFTER) this.#onError(error);
        if (error.retry === 'never' || !this.#link.isOpen) return;
        this.#again = true;
        await this.#pauses.wait(error.retryAfterMs ?? backoffMs(failures));
      }
    }
  }

  async #catchUpOnce(): Promise<void> {
    const { side, userId } = this.#viewer();
    if (!userId) return;
    const { synced } = this.#replica;
    if (synced !== undefined) {
      const changes = this.#fetchChanges();
      this.#pulls.waitFor(changes);
      await changes;
    } else if (side === 'visitor') this.#takeList(await this.#link.ask('conversation.list', {}));
    this.#pulls.resume();
    this.#pullMessages();
  }

  #askChanges(unwelcomed: boolean): Promise<Changes> {
    const { after, unheard } = this.#replica.missing();
    const asked = { after, held: this.#replica.held(), ...(unheard.length > 0 && { unheard }) };
    return this.#link.ask('conversation.changes', asked, { unwelcomed });
  }

  async #fetchChanges(): Promise<void> {
    const asked = this.#early ?? this.#askChanges(false);
    this.#early = undefined;
    const changes = await asked;
    const { conversations, removed, revision, reset, messages = [] } = changes;
    if (reset) await this.#fetchAnew();
    batch(() => {
      if (!reset) {
        this.#replica.takeConversations(conversations, removed);
        this.#replica.setSynced(revision);
      }
      for (const missed of messages) this.#takeMissed(missed);
    });
  }

  #takeMissed({ conversationId, messages, lastSeq, tooFar }: Missed): void {
    const log = this.#replica.log(conversationId).peek();
    // It was let go of while this was on its way.
    if (!log.loaded) return;
    this.#replica.takePage(conversationId, messages, { news: true });
    // More than the server ever had: a backup was restored, and what is held is of another history.
    const isOther = tooFar && lastSeqOf(log) > lastSeq;
    if (isOther) this.#replica.dropLog(conversationId);
    void this.#pulls.want(conversationId, { seq: lastSeq, renew: tooFar, load: isOther });
  }

  /** Too much has changed to be told: the lists that are on the screen are fetched anew, the rest is let go. */
  async #fetchAnew(): Promise<void> {
    const { side } = this.#viewer();
    const inputs = side === 'visitor' ? [{}] : [...this.#filters].map((filter) => ({ filter, limit: PAGE_COUNT }));
    const lists = await Promise.all(inputs.map((input) => this.#link.ask('conversation.list', input)));
    const loaded = this.#replica.loadedIds().flatMap((id) => this.#replica.get(id) ?? []);
    const listed = lists.flatMap((list) => list.conversations);
    const synced = lists.length > 0 ? Math.min(...lists.map((list) => list.revision)) : undefined;
    this.#replica.replaceConversations([...loaded, ...listed], synced);
    const known = new Set(listed.map(({ conversationId }) => conversationId));
    // Those that are open but in no list: they may have changed as well.
    for (const { conversationId } of loaded) {
      if (!known.has(conversationId)) void this.#pulls.want(conversationId, { copy: true });
    }
  }

  #takeList({ conversations, revision }: Result<'conversation.list'>): void {
    this.#replica.takeConversations(conversations);
    // An older mark stays: conversations of other lists are known to be complete only up to there.
    this.#replica.setSynced(this.#replica.synced ?? revision);
  }

  /** Messages that the copies know of and the logs lack; a visitor's own are loaded in any case. */
  #pullMessages(): void {
    const load = this.#viewer().side === 'visitor';
    for (const { conversationId, lastSeq } of this.#replica.conversations.peek().values()) {
      const log = this.#replica.log(conversationId).peek();
      const lacks = log.loaded ? lastSeqOf(log) < lastSeq : load;
      if (lacks) void this.#pulls.want(conversationId, { seq: lastSeq, load });
    }
  }
}
