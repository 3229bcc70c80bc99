/**
 * What became of one message, stage by stage, for an operator who asks by its ID. 30,000 messages a second must not notice:
 * a message makes one record of numbers, filled in as the stages pass, and a ring keeps the newest of them. Nothing is
 * looked up on the way; only who asks searches the ring, from its newest entry.
 *
 * What happens to a message later, when nobody holds its record any more (receipts, notifications), goes into a second ring as a
 * mark on a position of a conversation.
 *
 * Times are of performance.now(): they do not jump. No text, name or token is in here.
 */
import type { ConversationId, MessageId } from '../protocol/ids.ts';

/** One message on its way. 0: has not been there (yet). Whoever has the message at that stage writes the time. */
export class MessageTrace {
  messageId: MessageId | undefined;
  conversationId: ConversationId | undefined;
  seq = 0;
  /** The waiting write was taken up by the store. */
  queuedAt = 0;
  /** The transaction began … */
  commitBegunAt = 0;
  /** … with so many writes. */
  groupSize = 0;
  committedAt = 0;
  publishedAt = 0;
  deliveredAt = 0;
  /** Sockets of this process that got it. */
  sockets = 0;
  acknowledgedAt = 0;
  /** `receivedAt`: its frame was read from the socket. */
  constructor(readonly receivedAt: number) {}
}

/** What happens to a position of a conversation, and with it to all messages before. */
export const markKinds = [
  'repeated',
  'receipt-delivered',
  'receipt-read',
  'push-due',
  'push-sent',
  'push-failed',
] as const;
export type MarkKind = (typeof markKinds)[number];
export type MarkSide = 'visitor' | 'desk';

export interface TraceStage {
  readonly stage: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Since the stage before. */
  readonly tookMs?: number;
  readonly groupSize?: number;
  readonly sockets?: number;
  readonly side?: MarkSide;
}

export interface TraceAnswer {
  readonly messageId: MessageId;
  readonly conversationId: ConversationId;
  readonly seq: number;
  readonly stages: readonly TraceStage[];
}

interface Mark {
  readonly kind: MarkKind;
  readonly conversationId: ConversationId;
  readonly seq: number;
  readonly at: number;
  readonly side: MarkSide | undefined;
}

export class Traces {
  readonly #messages: Ring<MessageTrace>;
  readonly #marks: Ring<Mark>;
  readonly #now: () => number;

  /** `size`: messages, and as many marks; 0: off. `now`: the wall clock. */
  constructor(
    readonly size: number,
    now: () => number,
  ) {
    this.#messages = new Ring(size);
    this.#marks = new Ring(size);
    this.#now = now;
  }

  /** The record that goes with a message; `undefined` when traces are off. */
  begin(receivedAt: number): MessageTrace | undefined {
    return this.size > 0 ? new MessageTrace(receivedAt) : undefined;
  }

  /** It has an ID now: from here on it can be found. Not for a repeat, which `mark` notes. */
  keep(trace: MessageTrace, messageId: MessageId, conversationId: ConversationId, seq: number): void {
    trace.messageId = messageId;
    trace.conversationId = conversationId;
    trace.seq = seq;
    this.#messages.add(trace);
  }

  /** All up to `seq` are meant, but by `repeated`, which means this one. */
  mark(kind: MarkKind, conversationId: ConversationId, seq: number, side?: MarkSide): void {
    if (this.size > 0) this.#marks.add({ kind, conversationId, seq, at: performance.now(), side });
  }

  find(messageId: string): TraceAnswer | undefined {
    const trace = this.#messages.newest((each) => each.messageId === messageId);
    if (trace?.messageId === undefined || trace.conversationId === undefined) return undefined;
    const { conversationId, seq } = trace;
    const passed = [...stagesOf(trace), ...this.#marksOf(conversationId, seq, trace.receivedAt)];
    return { messageId: trace.messageId, conversationId, seq, stages: this.#timed(passed) };
  }

  /** The first mark of each kind and side that reaches the message. */
  #marksOf(conversationId: ConversationId, seq: number, since: number): Passed[] {
    const found = new Map<string, Passed>();
    for (const mark of this.#marks.fromOldest()) {
      const { kind, side, at } = mark;
      const reaches = kind === 'repeated' ? mark.seq === seq : mark.seq >= seq;
      const key = `${kind} ${side ?? ''}`;
      if (mark.conversationId !== conversationId || !reaches || at < since || found.has(key)) continue;
      found.set(key, { stage: kind, at, ...(side && { side }) });
    }
    return [...found.values()];
  }

  #timed(passed: readonly Passed[]): TraceStage[] {
    const inOrder = passed.filter(({ at }) => at > 0).sort((a, b) => a.at - b.at);
    const zero = this.#now() - performance.now();
    return inOrder.map(({ at, ...stage }, index) => {
      const before = inOrder[index - 1];
      const took = before && { tookMs: Math.round((at - before.at) * 1000) / 1000 };
      return { ...stage, at: Math.round(zero + at), ...took };
    });
  }
}

type Passed = Omit<TraceStage, 'tookMs'>;

function stagesOf(trace: MessageTrace): Passed[] {
  const { receivedAt, queuedAt, commitBegunAt, committedAt, publishedAt, deliveredAt, acknowledgedAt } = trace;
  return [
    { stage: 'received', at: receivedAt },
    { stage: 'queued', at: queuedAt },
    { stage: 'commit-begun', at: commitBegunAt, groupSize: trace.groupSize },
    { stage: 'committed', at: committedAt },
    { stage: 'published', at: publishedAt },
    { stage: 'delivered', at: deliveredAt, sockets: trace.sockets },
    { stage: 'acknowledged', at: acknowledgedAt },
  ];
}

/** The newest so many; an addition takes the place of the oldest. */
class Ring<T> {
  readonly #entries: T[] = [];
  #next = 0;

  constructor(private readonly size: number) {}

  add(entry: T): void {
    this.#entries[this.#next] = entry;
    this.#next = this.#next + 1 === this.size ? 0 : this.#next + 1;
  }

  newest(matches: (entry: T) => boolean): T | undefined {
    const { length } = this.#entries;
    for (let back = 1; back <= length; back += 1) {
      const entry = this.#entries[(this.#next - back + length) % length];
      if (entry !== undefined && matches(entry)) return entry;
    }
    return undefined;
  }

  *fromOldest(): Iterable<T> {
    const isFull = this.#entries.length === this.size;
    const first = isFull ? this.#next : 0;
    yield* this.#entries.slice(first);
    yield* this.#entries.slice(0, first);
  }
}
