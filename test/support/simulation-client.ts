/**
 * A simulated client that knows the protocol from its document only, cheap enough for volume, and writes down all that it does
 * and sees (oracle.ts). It keeps several messages in flight, comes back for ever, resumes by seq (its events go on while it
 * fetches), and sends again whatever has no answer, in the old order.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { ClientLog, type Held, hashOf, tenantOf } from './oracle.ts';
import { type Frame, newVisitorKey, RawError, type Session } from './raw-client.ts';
import { randomText, type SeededRandom } from './seeded-random.ts';
import { Line, LineLost } from './simulation-line.ts';

export type Auth =
  | { readonly kind: 'visitor'; readonly token?: string; readonly conversationId?: string }
  | { readonly kind: 'agent'; readonly cookie: string };

export interface SimulatedClientOptions {
  readonly name: string;
  readonly tenantId: string;
  readonly auth: Auth;
  readonly random: SeededRandom;
  /** http origin, asked before each dial. */
  url(): string;
  /** Messages without an answer at a time. */
  readonly window?: number;
  /** Messages of one message.list. */
  readonly pageLimit?: number;
  /** Milliseconds between two dials, at least and at most. */
  readonly pauseMs?: readonly [number, number];
  /** Milliseconds of silence after which it asks, and of waiting for the answer. */
  readonly heartbeatMs?: number;
  /** A step of coming back is about to be taken; a test may cut here. */
  onStep?(step: Step, client: SimulatedClient): void;
  onAck?(): void;
  /** It cannot go on. */
  onFailure?(error: unknown): void;
}

export type Step = 'opened' | 'welcomed' | 'listed' | 'paged' | 'resumed';

interface Entry {
  readonly id: string;
  readonly conversationId: string;
  readonly text: string;
  readonly hash: string;
}

interface Copy {
  readonly held: Map<number, Held>;
  /** Everything up to here is held. */
  complete: number;
  /** There are messages up to here. */
  known: number;
  filling: boolean;
}

interface WireMessage {
  readonly conversationId: string;
  readonly seq: number;
  readonly clientMessageId: string;
  readonly content: { readonly text: string };
}

interface Listed {
  readonly conversations: readonly {
    readonly conversationId: string;
    readonly lastSeq: number;
    readonly revision: number;
  }[];
  readonly revision: number;
  readonly more?: boolean;
  readonly reset?: boolean;
}

const RETRY_MS = 100;

export class SimulatedClient {
  readonly log: ClientLog;
  readonly name: string;
  readonly tenantId: string;
  /** Milliseconds from send to acknowledgement, of messages that needed one try. */
  readonly latencies: number[] = [];
  /** Codes of refusals after which nothing is tried again. */
  readonly rejected: string[] = [];
  /** How often each code was heard instead of an acknowledgement. */
  readonly refusals = new Map<string, number>();
  /** Codes of closes, in order. */
  readonly closes: number[] = [];
  acked = 0;
  token: string | undefined;
  conversationId = '';
  #line: Line | undefined;
  #lineNumber = 0;
  /** Hello is said and there is a session: it may send. */
  #mayWrite = false;
  #isResumed = false;
  #stopped = false;
  #isPaused = false;
  #abandoned = false;
  #running: Promise<void> = Promise.resolve();
  #failure: unknown;
  #sent = 0;
  #retrying = 0;
  #synced: number | undefined;
  #heardAt = 0;
  #queue: Entry[] = [];
  readonly #flying = new Map<string, Entry>();
  readonly #copies = new Map<string, Copy>();
  readonly #options: SimulatedClientOptions;
  readonly #random: SeededRandom;
  readonly #visitorKey = newVisitorKey();

  constructor(options: SimulatedClientOptions) {
    this.#options = options;
    this.#random = options.random.fork(options.name);
    this.name = options.name;
    this.tenantId = options.tenantId;
    this.log = new ClientLog(options.name, options.tenantId, options.auth.kind === 'agent' ? 'tenant' : 'own');
    if (options.auth.kind === 'visitor') {
      this.token = options.auth.token;
      if (options.auth.conversationId !== undefined) this.#own(options.auth.conversationId);
    }
  }

  get isIdle(): boolean {
    return this.#queue.length + this.#flying.size + this.#retrying === 0;
  }

  get isResumed(): boolean {
    return this.#isResumed;
  }

  get line(): Line | undefined {
    return this.#line;
  }

  /** What is wrong for good. */
  get failure(): unknown {
    return this.#failure;
  }

  get waiting(): number {
    return this.#queue.length + this.#flying.size + this.#retrying;
  }

  start(): void {
    this.#running = this.#live();
  }

  /** Messages without an answer are left to their fate. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#line?.cut();
    await this.#running;
  }

  /** Without a word; it comes back. */
  cut(): void {
    this.#line?.cut();
  }

  /** Away until `return`. */
  leave(): void {
    this.#isPaused = true;
    this.cut();
  }

  return(): void {
    this.#isPaused = false;
  }

  /** Nothing of what has no answer is sent again; it goes on reading. */
  abandon(): void {
    this.#queue = [];
    this.#flying.clear();
    this.#abandoned = true;
  }

  body(length = 60): string {
    this.#sent += 1;
    return `${this.tenantId} ${this.name} ${this.#sent} ${randomText(this.#random, length)}`;
  }

  newId(): string {
    return `${this.name.replace(/[^A-Za-z0-9]/g, '-')}-${String(this.#sent).padStart(7, '0')}`;
  }

  /** Returns the clientMessageId. */
  send(conversationId = this.conversationId, text = this.body(), id = this.newId()): string {
    this.#queue.push({ id, conversationId, text, hash: hashOf(text) });
    this.#pump();
    return id;
  }

  /** The same message once more over this connection (or another one), whatever became of the first. */
  async sendAgain(id: string, conversationId: string, text: string, line = this.#line): Promise<number | undefined> {
    if (!line || line.isEnded) return undefined;
    const overtakes = line !== this.#line || this.#queue.some((entry) => entry.id === id);
    const beside = overtakes ? ({ unordered: true } as const) : {};
    this.log.write({ what: 'send', id, conversationId, hash: hashOf(text), line: this.#lineNumber, ...beside });
    try {
      const { seq } = await line.request<{ seq: number }>('message.send', message(id, conversationId, text));
      this.log.write({ what: 'ack', id, conversationId, seq });
      return seq;
    } catch (error) {
      if (error instanceof RawError) this.log.write({ what: 'refused', id, code: error.error.code });
      return undefined;
    }
  }

  /** Everything up to this seq is held. */
  completeTo(conversationId: string): number {
    return this.#copies.get(conversationId)?.complete ?? 0;
  }

  view(): Map<string, Held[]> {
    return new Map(
      [...this.#copies].map(([conversationId, { held }]) => [
        conversationId,
        [...held.values()].sort((one, other) => one.seq - other.seq),
      ]),
    );
  }

  async #live(): Promise<void> {
    const [least, most] = this.#options.pauseMs ?? [10, 80];
    while (!this.#stopped) {
      if (!this.#isPaused) await this.#once();
      if (!this.#stopped) await wait(this.#random.int(least, most));
    }
  }

  /** One connection, from the dial to its end. */
  async #once(): Promise<void> {
    const { url, tenantId, auth, heartbeatMs } = this.#options;
    this.#lineNumber += 1;
    const number = this.#lineNumber;
    let ended = () => {};
    const closed = new Promise<void>((resolve) => {
      ended = resolve;
    });
    const line = new Line({
      url: url(),
      tenantId,
      headers: auth.kind === 'agent' ? { cookie: auth.cookie } : {},
      onEvent: (frame) => this.#onEvent(frame, number),
      onClose: (code) => {
        this.#onClose(number, code);
        ended();
      },
    });
    this.#line = line;
    if (this.#stopped) line.cut();
    const heartbeat = heartbeatMs === undefined ? undefined : this.#watch(line, heartbeatMs);
    try {
      await line.opened;
      this.log.write({ what: 'opened', line: number });
      await this.#resume(line, number);
    } catch (error) {
      this.#onFailed(error);
      line.cut();
    }
    await closed;
    clearInterval(heartbeat);
  }

  #onFailed(error: unknown): void {
    if (error instanceof LineLost) return;
    if (error instanceof RawError && error.error.retry !== 'never') return;
    this.#failure = error;
    this.#stopped = true;
    this.#options.onFailure?.(error);
  }

  /** The socket may be dead without having been closed. */
  #watch(line: Line, everyMs: number): NodeJS.Timeout {
    this.#heardAt = performance.now();
    let askedAt = 0;
    for (const event of ['message', 'pong', 'ping'] as const)
      line.socket.on(event, () => {
        this.#heardAt = performance.now();
      });
    return setInterval(() => {
      const now = performance.now();
      if (now - this.#heardAt < everyMs) return;
      if (askedAt > this.#heardAt && now - askedAt > everyMs) line.cut();
      else if (askedAt <= this.#heardAt) {
        askedAt = now;
        line.request('ping').catch(() => 'the close says it');
      }
    }, everyMs / 2);
  }

  async #resume(line: Line, number: number): Promise<void> {
    const { auth, onStep } = this.#options;
    onStep?.('opened', this);
    const said = auth.kind === 'agent' ? { kind: 'agent' } : this.token && { kind: 'visitor', token: this.token };
    const hello = { protocol: { major: 1, minor: 0 }, ...(said && { auth: said }) };
    const { token } = await line.request<{ token?: string }>('hello', hello);
    if (token !== undefined) this.token = token;
    onStep?.('welcomed', this);
    if (auth.kind === 'visitor' && this.token === undefined) await this.#createSession(line);
    this.#mayWrite = true;
    this.#pump();
    const listed = await this.#whatChanged(line);
    onStep?.('listed', this);
    for (const { conversationId, lastSeq } of listed) {
      const copy = this.#copyOf(conversationId);
      copy.known = Math.max(copy.known, lastSeq);
    }
    // Also what an earlier connection had begun to fetch: the list says only what changed after it.
    await Promise.all([...this.#copies].map(([id, { known }]) => this.#note(id, known, line, number)));
    this.#isResumed = true;
    this.log.write({ what: 'resumed', line: number });
    onStep?.('resumed', this);
  }

  async #createSession(line: Line): Promise<void> {
    const session = await line.request<Session>('session.create', { visitorKey: this.#visitorKey });
    this.token = session.token;
    this.#own(session.conversation.conversationId);
  }

  #own(conversationId: string): void {
    this.conversationId = conversationId;
    if (this.log.sees !== 'tenant') this.log.sees.add(conversationId);
  }

  /** The first time a list, page by page; then what changed since. */
  async #whatChanged(line: Line): Promise<Listed['conversations']> {
    if (this.#synced !== undefined) {
      const changes = await line.request<Listed>('conversation.changes', { after: this.#synced });
      if (!changes.reset) {
        this.#synced = changes.revision;
        return changes.conversations;
      }
    }
    const all: Listed['conversations'][number][] = [];
    const filter = this.#options.auth.kind === 'agent' ? { filter: 'all' } : {};
    let revision: number | undefined;
    for (;;) {
      const before = all.at(-1)?.revision;
      const page = await line.request<Listed>('conversation.list', {
        ...filter,
        limit: 100,
        ...(before !== undefined && { before }),
      });
      revision ??= page.revision;
      all.push(...page.conversations);
      if (!page.more) break;
    }
    this.#synced = revision;
    return all;
  }

  #onClose(number: number, code: number): void {
    this.log.write({ what: 'closed', line: number, code });
    this.closes.push(code);
    this.#mayWrite = false;
    this.#isResumed = false;
    this.#queue = this.#abandoned ? [] : [...this.#flying.values(), ...this.#queue];
    this.#flying.clear();
    for (const copy of this.#copies.values()) copy.filling = false;
  }

  #onEvent(frame: Frame, number: number): void {
    if (frame.type !== 'message.created') return;
    const { conversationId, seq } = this.#take(frame.message as WireMessage, true, number);
    if (this.#line) void this.#note(conversationId, seq, this.#line, number).catch((error) => this.#onFailed(error));
  }

  #take(received: WireMessage, live: boolean, line: number): WireMessage {
    const { conversationId, seq, clientMessageId: id, content } = received;
    const hash = hashOf(content.text);
    this.log.write({ what: 'receive', conversationId, seq, id, hash, tenantId: tenantOf(content.text), live, line });
    const copy = this.#copyOf(conversationId);
    copy.held.set(seq, { seq, id, hash });
    while (copy.held.has(copy.complete + 1)) copy.complete += 1;
    return received;
  }

  #copyOf(conversationId: string): Copy {
    const copy = this.#copies.get(conversationId) ?? { held: new Map(), complete: 0, known: 0, filling: false };
    this.#copies.set(conversationId, copy);
    return copy;
  }

  /** Fetches what is missing; one fetch at a time for a conversation. */
  async #note(conversationId: string, lastSeq: number, line: Line, number: number): Promise<void> {
    const copy = this.#copyOf(conversationId);
    copy.known = Math.max(copy.known, lastSeq);
    if (copy.filling || copy.complete >= copy.known) return;
    copy.filling = true;
    const limit = this.#options.pageLimit ?? 100;
    while (copy.complete < copy.known) {
      const asked = { conversationId, after: copy.complete, limit };
      const page = await line.request<{ messages: WireMessage[]; lastSeq: number }>('message.list', asked);
      if (number !== this.#lineNumber) return;
      copy.known = Math.max(copy.known, page.lastSeq);
      for (const received of page.messages) this.#take(received, false, number);
      this.#options.onStep?.('paged', this);
      if (page.messages.length === 0 && copy.complete < copy.known)
        throw new Error(`${conversationId} has no messages after ${copy.complete} of ${copy.known}`);
    }
    copy.filling = false;
  }

  #pump(): void {
    const line = this.#line;
    if (!line || !this.#mayWrite || line.isEnded) return;
    const window = this.#options.window ?? 16;
    const free = window - this.#flying.size;
    for (const entry of this.#queue.splice(0, free)) void this.#transmit(entry, line);
  }

  async #transmit(entry: Entry, line: Line): Promise<void> {
    const { id, conversationId, text, hash } = entry;
    const begun = performance.now();
    this.#flying.set(id, entry);
    this.log.write({ what: 'send', id, conversationId, hash, line: this.#lineNumber });
    try {
      const { seq } = await line.request<{ seq: number }>('message.send', message(id, conversationId, text));
      this.#flying.delete(id);
      this.log.write({ what: 'ack', id, conversationId, seq });
      this.acked += 1;
      this.latencies.push(performance.now() - begun);
      this.#options.onAck?.();
    } catch (error) {
      if (error instanceof RawError) await this.#onRefused(entry, error.error);
      else if (!(error instanceof LineLost)) throw error;
    }
    this.#pump();
  }

  /** To the end of the queue: what was sent meanwhile goes before. */
  async #onRefused(entry: Entry, { code, retry, retryAfterMs }: RawError['error']): Promise<void> {
    this.#flying.delete(entry.id);
    this.log.write({ what: 'refused', id: entry.id, code });
    this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1);
    if (retry === 'never') {
      this.rejected.push(code);
      return;
    }
    this.#retrying += 1;
    await wait((retryAfterMs ?? RETRY_MS) * (0.5 + this.#random.next()));
    this.#retrying -= 1;
    this.#queue.push(entry);
  }
}

const message = (clientMessageId: string, conversationId: string, text: string) => ({
  conversationId,
  clientMessageId,
  content: { kind: 'text', text },
});
