/**
 * A client that comes back, by protocol/README.md: at once the first time, then full jitter over a doubling time, or when the
 * server says; with hello it says what it holds and takes what it missed. It keeps the numbers of the messages, not the
 * messages. It finds them in the text by `"seq":`, which stands in messages only.
 */
import type { Side } from './benchmark.ts';
import { headersOf, helloOf, socketUrl } from './inlay-socket.ts';
import { LeanSocket } from './lean-socket.ts';
import type { Agent, Visitor } from './people.ts';

const BACKOFF_MIN_MS = 500;
const BACKOFF_MAX_MS = 30_000;
/** Who is not heard of for so long is dead. */
const PATIENCE_MS = 8_000;
const HELLO_REF = 1;
const CHANGES_REF = 2;
const LIST_REF = 3;

export interface ReturningOptions {
  readonly side: Side;
  readonly url: string;
  readonly person: Agent | Visitor | undefined;
  readonly conversationId: string;
  /** Of the baseline: the path that gives what comes after a position. */
  readonly path: (held: number) => string;
  readonly onProgress: (client: ReturningClient) => void;
}

export class ReturningClient {
  /** Has all messages up to here. */
  held: number;
  /** Signed in, and its question what it missed is answered. */
  settled = false;
  connections = 0;
  #lastSeq = 0;
  #revision: string | undefined;
  readonly #ahead = new Set<number>();
  #socket: LeanSocket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #patience: NodeJS.Timeout | undefined;
  #attempts = 0;
  #retryAfterMs: number | undefined;
  #wanted = false;

  constructor(
    private readonly options: ReturningOptions,
    held: number,
  ) {
    this.held = held;
  }

  /** The network is there. */
  come(): void {
    this.#wanted = true;
    this.#attempts = 0;
    this.#connect();
  }

  /** It is gone. */
  cut(): void {
    this.#wanted = false;
    clearTimeout(this.#timer);
    this.#socket?.cut();
    this.#leave();
  }

  /** It stays away until it is told to come, whoever closes. */
  rest(): void {
    this.#wanted = false;
    clearTimeout(this.#timer);
  }

  #leave(): void {
    this.#socket = undefined;
    this.settled = false;
    this.#ahead.clear();
  }

  #connect(): void {
    const { side, url, person, path } = this.options;
    const ours = side === 'inlay' && person !== undefined;
    const socket: LeanSocket = new LeanSocket(
      ours ? socketUrl(url, person.tenantId) : url + path(this.held),
      {
        onText: (text) => this.#socket === socket && this.#hear(text),
        onClose: () => this.#socket === socket && this.#closed(),
      },
      ours ? headersOf(person) : {},
    );
    this.#socket = socket;
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.#socket === socket && !this.settled && socket.cut(), PATIENCE_MS);
    void socket.opened.then(
      () => {
        this.connections += 1;
        if (!ours) this.#settle();
        else if (this.#revision === undefined) socket.send(helloOf(person));
        else socket.send(helloOf(person), this.#changes);
      },
      () => 'its close says it, too',
    );
  }

  #closed(): void {
    this.#leave();
    if (!this.#wanted) return;
    const ceiling = Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** this.#attempts);
    const delay = this.#retryAfterMs ?? Math.random() * ceiling;
    this.#attempts += 1;
    this.#retryAfterMs = undefined;
    this.#timer = setTimeout(() => this.#connect(), delay);
  }

  #settle(): void {
    this.settled = true;
    clearTimeout(this.#patience);
    this.#attempts = 0;
    this.options.onProgress(this);
  }

  #hear(text: string): void {
    this.#take(text);
    if (this.options.side === 'inlay') this.#heed(text);
    this.options.onProgress(this);
  }

  #heed(text: string): void {
    if (text.includes('"type":"error"')) {
      this.#refused(text);
      return;
    }
    // Both may stand in one message.
    if (text.includes(`"ref":${HELLO_REF},`)) this.#welcomed(text);
    if (text.includes(`"ref":${CHANGES_REF},`)) this.#resumed(text);
    else if (text.includes(`"ref":${LIST_REF},`)) this.#fetchRest();
    else if (this.settled && this.#ahead.size > 0) this.#fetchRest();
  }

  #take(text: string): void {
    for (let at = text.indexOf('"seq":'); at >= 0; at = text.indexOf('"seq":', at)) {
      at += 6;
      const seq = Number.parseInt(text.slice(at, at + 10), 10);
      if (seq > this.held) this.#ahead.add(seq);
    }
    while (this.#ahead.delete(this.held + 1)) this.held += 1;
  }

  /** Whoever came before has asked along with hello. */
  #welcomed(text: string): void {
    if (this.#revision !== undefined) return;
    this.#revision = /"revision":(\d+)/.exec(text)?.[1] ?? '0';
    this.#socket?.send(this.#changes);
  }

  get #changes(): string {
    const held = `[{"conversationId":"${this.options.conversationId}","seq":${this.held}}]`;
    return `{"type":"conversation.changes","ref":${CHANGES_REF},"after":${this.#revision},"held":${held}}`;
  }

  #resumed(text: string): void {
    this.#revision = /"revision":(\d+),"reset"/.exec(text)?.[1] ?? this.#revision;
    for (const [, seq] of text.matchAll(/"lastSeq":(\d+)/g)) this.#lastSeq = Math.max(this.#lastSeq, Number(seq));
    this.#fetchRest();
  }

  /** What did not fit into the answer, or all that is missing where the server knows no `held`. */
  #fetchRest(): void {
    if (this.held >= this.#lastSeq && this.#ahead.size === 0) {
      if (!this.settled) this.#settle();
      return;
    }
    const { conversationId } = this.options;
    this.#socket?.send(
      `{"type":"message.list","ref":${LIST_REF},"conversationId":"${conversationId}","after":${this.held},"limit":100}`,
    );
  }

  #refused(text: string): void {
    const after = Number(/"retryAfterMs":(\d+)/.exec(text)?.[1] ?? Number.NaN);
    if (!/"ref":[23],/.test(text)) {
      if (after >= 0) this.#retryAfterMs = after;
      return;
    }
    const socket = this.#socket;
    setTimeout(() => this.#socket === socket && this.#fetchRest(), after >= 0 ? after : BACKOFF_MIN_MS);
  }
}
