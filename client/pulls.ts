/**
 * Fetches what a conversation lacks: its copy, its messages, or both. One fetch at a time for a conversation; whatever else is
 * found missing meanwhile only raises the mark that the running one has to reach. A mark outlives the connection.
 */
import type { InlayError } from '../protocol/errors.ts';
import type { ConversationId } from '../protocol/ids.ts';
import { RESUME_FAR_COUNT } from '../protocol/limits.ts';
import { backoffMs } from './backoff.ts';
import { asInlayError } from './failures.ts';
import type { Link } from './link.ts';
import type { Pauses } from './pauses.ts';
import type { Behind, Replica } from './replica.ts';
import { lastSeqOf } from './state/messages.ts';

/** Messages of a first look, and of a page of earlier ones. */
export const PAGE_COUNT = 50;
/** Messages of a page that catches up. */
const CATCH_UP_COUNT = 100;
/** Answers that did not reach a mark before it is taken for wrong. */
const VAIN_MAX_COUNT = 3;

interface Mark {
  revision: number;
  seq: number;
  /** Its copy is wanted anew, whatever its revision. */
  copy: boolean;
  /** Its messages are wanted even though none are held. */
  load: boolean;
  /** The newest page replaces what is held. */
  renew: boolean;
  /** What comes is news of this moment, not of the time away. */
  live: boolean;
}

const NO_MARK: Mark = { revision: 0, seq: 0, copy: false, load: false, renew: false, live: true };

export interface Want extends Behind {
  readonly load?: boolean;
  readonly renew?: boolean;
  readonly live?: boolean;
}

export class Pulls {
  readonly #link: Link;
  readonly #replica: Replica;
  readonly #pauses: Pauses;
  readonly #onError: (error: InlayError) => void;
  readonly #marks = new Map<ConversationId, Mark>();
  readonly #running = new Map<ConversationId, Promise<void>>();
  /** A catch-up: what it will bring is not fetched beside it. */
  #after: Promise<unknown> | undefined;

  constructor(link: Link, replica: Replica, pauses: Pauses, onError: (error: InlayError) => void) {
    this.#link = link;
    this.#replica = replica;
    this.#pauses = pauses;
    this.#onError = onError;
  }

  /** Resolves when the conversation has what is wanted, or when it cannot be had for now. */
  want(
    conversationId: ConversationId,
    { revision = 0, seq = 0, copy = false, load = false, renew = false, live = false }: Want,
  ): Promise<void> {
    const mark = this.#marks.get(conversationId) ?? { ...NO_MARK };
    this.#marks.set(conversationId, mark);
    mark.revision = Math.max(mark.revision, revision);
    mark.seq = Math.max(mark.seq, seq);
    mark.copy ||= copy;
    mark.load ||= load;
    mark.renew ||= renew;
    mark.live &&= live;
    return this.#run(conversationId);
  }

  /** Until it has settled, only what is not held at all is fetched. */
  waitFor(catchUp: Promise<unknown>): void {
    this.#after = catchUp.catch(() => undefined);
  }

  /** After a welcome: what was not finished goes on. */
  resume(): void {
    for (const [conversationId, mark] of this.#marks) {
      mark.live = false;
      void this.#run(conversationId);
    }
  }

  clear(): void {
    this.#marks.clear();
  }

  #run(conversationId: ConversationId): Promise<void> {
    const running = this.#running.get(conversationId) ?? this.#pull(conversationId);
    this.#running.set(conversationId, running);
    return running;
  }

  async #pull(conversationId: ConversationId): Promise<void> {
    // What is missed in one go (a batch of frames) is fetched in one go.
    await (this.#marks.get(conversationId)?.load ? undefined : this.#after);
    let failures = 0;
    let vain = 0;
    try {
      for (;;) {
        const mark = this.#marks.get(conversationId);
        if (!mark || !this.#link.isOpen) return;
        if (!this.#lacks(conversationId, mark) || vain >= VAIN_MAX_COUNT) {
          this.#marks.delete(conversationId);
          return;
        }
        try {
          const before = this.#reach(conversationId);
          await this.#fetch(conversationId, mark);
          failures = 0;
          vain = this.#reach(conversationId) > before ? 0 : vain + 1;
        } catch (thrown) {
          const error = asInlayError(thrown);
          failures++;
          if (error.retry === 'never') return this.#giveUp(conversationId, error);
          if (failures === VAIN_MAX_COUNT) this.#onError(error);
          if (this.#link.isOpen) await this.#pauses.wait(error.retryAfterMs ?? backoffMs(failures));
        }
      }
    } finally {
      this.#running.delete(conversationId);
    }
  }

  #giveUp(conversationId: ConversationId, error: InlayError): void {
    this.#marks.delete(conversationId);
    // It was merged, or is no longer for these eyes: that is an answer, and no news for a person.
    if (error.code !== 'not-found') this.#onError(error);
  }

  #lacksMessages(conversationId: ConversationId, { seq, load, renew }: Mark): boolean {
    const log = this.#replica.log(conversationId).peek();
    // An event can overtake a page: what the copy has heard of counts as well.
    const lastSeq = Math.max(seq, this.#replica.get(conversationId)?.lastSeq ?? 0);
    return renew || (log.loaded ? lastSeqOf(log) < lastSeq : load);
  }

  #lacksCopy(conversationId: ConversationId, { copy, revision }: Mark): boolean {
    const known = this.#replica.get(conversationId);
    return copy || !known || known.revision < revision;
  }

  #lacks(conversationId: ConversationId, mark: Mark): boolean {
    return this.#lacksCopy(conversationId, mark) || this.#lacksMessages(conversationId, mark);
  }

  /** Grows with everything that is got. */
  #reach(conversationId: ConversationId): number {
    const log = this.#replica.log(conversationId).peek();
    return (this.#replica.get(conversationId)?.revision ?? -1) + lastSeqOf(log) + (log.loaded ? 1 : 0);
  }

  async #fetch(conversationId: ConversationId, mark: Mark): Promise<void> {
    if (this.#lacksCopy(conversationId, mark)) await this.#fetchCopy(conversationId, mark);
    if (this.#lacksMessages(conversationId, mark)) await this.#fetchMessages(conversationId, mark);
  }

  async #fetchCopy(conversationId: ConversationId, mark: Mark): Promise<void> {
    const { conversation } = await this.#link.ask('conversation.get', { conversationId });
    this.#replica.takeConversations([conversation]);
    const log = this.#replica.log(conversationId).peek();
    mark.copy = false;
    if (log.loaded) mark.seq = Math.max(mark.seq, conversation.lastSeq);
  }

  async #fetchMessages(conversationId: ConversationId, mark: Mark): Promise<void> {
    const { live } = mark;
    const log = this.#replica.log(conversationId).peek();
    const last = lastSeqOf(log);
    if (!log.loaded || mark.renew || mark.seq - last > RESUME_FAR_COUNT) {
      const { messages } = await this.#link.ask('message.list', { conversationId, limit: PAGE_COUNT });
      mark.renew = false;
      this.#replica.takePage(conversationId, messages, { newest: true, news: log.loaded, live });
      return;
    }
    const asked = { conversationId, after: last, limit: CATCH_UP_COUNT };
    const { messages, lastSeq } = await this.#link.ask('message.list', asked);
    // While this page was on its way, more may have been written.
    mark.seq = Math.max(mark.seq, lastSeq);
    this.#replica.takePage(conversationId, messages, { news: true, live });
  }
}
