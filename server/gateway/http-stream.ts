/**
 * The wire of a client whose proxy lets no websocket through: many HTTP requests that together are one connection.
 *
 * Down, messages are numbered and kept until the client says that it has them, so an answer that was lost on its way is given
 * again, to whichever request asks next. What is kept counts as not sent, so the bounds of the send queue hold here as well.
 * Up, messages are numbered by the client: a repeated one is taken once, and one that overtook another waits for it.
 *
 * Who has asked for nothing for a while is gone: there is no connection whose end could tell.
 */
import { randomBytes } from 'node:crypto';
import { InlayError } from '../../protocol/errors.ts';
import type { Wire } from './wire.ts';

/** Bytes of randomness: who knows the id speaks as whoever said hello on the stream. */
const ID_BYTES = 24;
/** Messages that came before one that they should follow, or while nothing is read, and their bytes. */
const EARLY_MAX_MESSAGES = 16;
const EARLY_MAX_BYTES = 1024 * 1024;
const EARLY_RETRY_MS = 1_000;

export interface DownMessage {
  readonly number: number;
  readonly data: Buffer;
}

export interface Closing {
  readonly code: number;
  readonly reason: string;
}

/** A request of the client that is waiting for what there is to say: a stream of events, or one long poll. */
export interface Outlet {
  /** With `closing` these are the last. False: it was answered by them, and has room for nothing more. */
  give(messages: readonly DownMessage[], closing?: Closing): boolean;
  /** Asks for a sign of life; as `give`. */
  ping(): boolean;
  /** Another one has taken its place. */
  end(): void;
  /** At once, without a word. */
  destroy(): void;
}

interface Kept extends DownMessage {
  readonly sent: () => void;
}

export class HttpStream implements Wire {
  readonly id = randomBytes(ID_BYTES).toString('base64url');
  #kept: Kept[] = [];
  #keptBytes = 0;
  #lastNumber = 0;
  #outlet: Outlet | undefined;
  /** The last message that this outlet was given. */
  #given = 0;
  #isGiving = false;
  /** The next message of the client. */
  #expected = 1;
  readonly #early = new Map<number, Buffer>();
  #earlyBytes = 0;
  #isPaused = false;
  #closing: Closing | undefined;
  #isOver = false;
  #absence: NodeJS.Timeout;
  #onMessage: (data: Buffer, isBinary: boolean) => void = () => {};
  #onPong = () => {};
  readonly #onClose: ((code: number) => void)[] = [];

  /** `foreignOrigin`: of the page that opened it, when that is not ours. */
  constructor(
    readonly foreignOrigin: string | undefined,
    private readonly absenceMs: number,
  ) {
    this.#absence = this.#expectReturn();
  }

  get bufferedAmount(): number {
    return this.#keptBytes;
  }

  send(data: Buffer, sent: () => void): void {
    if (this.#closing || this.#isOver) {
      sent();
      return;
    }
    this.#lastNumber += 1;
    this.#kept.push({ number: this.#lastNumber, data, sent });
    this.#keptBytes += data.length;
    this.#giveSoon();
  }

  close(code: number, reason: string): void {
    if (this.#closing || this.#isOver) return;
    this.#closing = { code, reason };
    this.#giveSoon();
  }

  terminate(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#absence);
    this.#outlet?.destroy();
    this.#outlet = undefined;
    this.#early.clear();
    for (const { sent } of this.#kept.splice(0)) sent();
    for (const listener of this.#onClose) listener(this.#closeCode);
  }

  ping(): void {
    const outlet = this.#outlet;
    if (outlet && !outlet.ping()) this.#leave();
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#takeEarly();
  }

  onMessage(listener: (data: Buffer, isBinary: boolean) => void): void {
    this.#onMessage = listener;
  }

  onPong(listener: () => void): void {
    this.#onPong = listener;
  }

  onClose(listener: (code: number) => void): void {
    if (this.#isOver) listener(this.#closeCode);
    else this.#onClose.push(listener);
  }

  /** As that of a websocket that ended without a close. */
  get #closeCode(): number {
    return this.#closing?.code ?? 1006;
  }

  /** The client asks for what comes after `after`; what it holds already need not be kept. */
  attach(outlet: Outlet, after: number): void {
    this.acknowledge(after);
    clearTimeout(this.#absence);
    this.#outlet?.end();
    this.#outlet = outlet;
    this.#given = after;
    this.#give();
  }

  /** The request of `outlet` has ended, in whatever way. */
  detach(outlet: Outlet): void {
    if (this.#outlet !== outlet) return;
    if (this.#closing) this.terminate();
    else this.#leave();
  }

  /** True: the messages from there on can still be given. */
  canResume(after: number): boolean {
    return after >= this.#firstKept() - 1 && after <= this.#lastNumber;
  }

  /** A request of the client came: it lives, and holds the messages up to `after`. */
  acknowledge(after: number): void {
    // Requests overtake each other: an older number says nothing new.
    const gone = this.#kept.splice(0, Math.max(0, after - this.#firstKept() + 1));
    for (const { data, sent } of gone) {
      this.#keptBytes -= data.length;
      sent();
    }
    this.#onPong();
  }

  /** The client's message `number`: taken once, in order. */
  take(number: number, data: Buffer): void {
    if (number < this.#expected || this.#early.has(number)) return;
    if (number > this.#expected || this.#isPaused) {
      this.#keepEarly(number, data);
      return;
    }
    this.#expected += 1;
    this.#onMessage(data, false);
    this.#takeEarly();
  }

  #takeEarly(): void {
    const next = this.#early.get(this.#expected);
    if (next === undefined || this.#isPaused) return;
    this.#early.delete(this.#expected);
    this.#earlyBytes -= next.length;
    this.take(this.#expected, next);
  }

  #keepEarly(number: number, data: Buffer): void {
    const isFar = number > this.#expected + EARLY_MAX_MESSAGES;
    if (isFar || this.#earlyBytes + data.length > EARLY_MAX_BYTES)
      throw new InlayError('server-busy', 'Too many messages came before they could be taken.', EARLY_RETRY_MS);
    this.#early.set(number, data);
    this.#earlyBytes += data.length;
  }

  /** What is said in one turn leaves together: a poll has one answer, and the last word comes with the close. */
  #giveSoon(): void {
    if (this.#isGiving) return;
    this.#isGiving = true;
    queueMicrotask(() => {
      this.#isGiving = false;
      this.#give();
    });
  }

  #give(): void {
    const outlet = this.#outlet;
    const messages = this.#kept.slice(Math.max(0, this.#given - this.#firstKept() + 1));
    if (!outlet || (messages.length === 0 && !this.#closing)) return;
    this.#given = this.#lastNumber;
    if (!outlet.give(messages, this.#closing)) this.#leave();
  }

  #leave(): void {
    this.#outlet = undefined;
    if (!this.#isOver) this.#absence = this.#expectReturn();
  }

  #firstKept(): number {
    return this.#kept[0]?.number ?? this.#lastNumber + 1;
  }

  #expectReturn(): NodeJS.Timeout {
    return setTimeout(() => this.terminate(), this.absenceMs);
  }
}
