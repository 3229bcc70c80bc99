/**
 * The frames of the websocket over HTTP requests, for a network whose proxy lets no websocket through; protocol/README.md,
 * "Over HTTP". Loaded when it is needed, by fallback-transport.ts.
 *
 * Down comes a stream of server-sent events, read by fetch (EventSource can send no headers). A proxy that holds the stream back
 * until it ends shows by its silence, and long polls take over on the same stream: the server keeps each message until it is told
 * that it has come. Up goes one POST at a time; what is written meanwhile leaves together in the next.
 */
import { type ErrorBody, errorKinds } from '../protocol/errors.ts';
import { BATCH_MAX_FRAMES, FRAME_MAX_BYTES } from '../protocol/limits.ts';
import type { StreamClosed, StreamOpened, StreamPolled } from '../protocol/stream.ts';
import { readEvents, type StreamEvent } from './server-sent-events.ts';
import type { Socket, SocketListener, Transport } from './transport.ts';

/** Milliseconds in which the first word of a stream must come; a proxy that lets it pass does so at once. */
const FIRST_WORD_MS = 4_000;
/** Milliseconds before each further try of a request that the network swallowed. */
const RETRY_MS = [200, 1_000, 3_000];
/** Characters that came and that the server does not know to have come: it keeps as much, and takes who lags behind for slow. */
const UNTOLD_MAX_LENGTH = 64 * 1024;
/** Characters of a batch; one takes at most three bytes. */
const BATCH_MAX_LENGTH = FRAME_MAX_BYTES / 4;
/** Milliseconds: a stream that ends sooner without a word was cut. */
const LASTING_MS = 1_000;
/** What a websocket closes with when nobody said why. */
const ABNORMAL = 1006;

export interface HttpOptions {
  readonly fetch: typeof fetch;
  /** Milliseconds; default 4 s. */
  readonly firstWordMs?: number | undefined;
}

/** Of `wss://…/socket`, the address of the streams. */
export const streamAddress = (url: string) => url.replace(/^ws/, 'http').replace(/socket$/, 'stream');

export function createHttpTransport(options: HttpOptions): Transport {
  // What was learnt of the network is good for the streams to come.
  const road: Road = { ...options, firstWordMs: options.firstWordMs ?? FIRST_WORD_MS, holdsBack: false };
  return { open: (url, listener) => new HttpSocket(streamAddress(url), listener, road) };
}

interface Road {
  readonly fetch: typeof fetch;
  readonly firstWordMs: number;
  /** A proxy gives no answer on before its end. */
  holdsBack: boolean;
}

class HttpSocket implements Socket {
  readonly #url: string;
  readonly #listener: SocketListener;
  readonly #road: Road;
  readonly #up = new AbortController();
  #down = new AbortController();
  #stream: string | undefined;
  #isOver = false;
  #waiting: string[] = [];
  #isPosting = false;
  #lastUp = 0;
  #lastDown = 0;
  /** Characters since the server was last told what had come. */
  #untold = 0;
  /** The server asks whether this end lives. */
  #isAsked = false;
  #hasHeard = false;

  constructor(url: string, listener: SocketListener, road: Road) {
    this.#url = url;
    this.#listener = listener;
    this.#road = road;
    void this.#open();
  }

  send(text: string): void {
    if (this.#stream === undefined || this.#isOver) return;
    this.#waiting.push(text);
    void this.#post();
  }

  close(): void {
    if (this.#isOver) return;
    const wasOpen = this.#stream !== undefined;
    // It let the first word of a stream through, and no other.
    if (wasOpen && !this.#hasHeard) this.#road.holdsBack = true;
    this.#end(1000);
    // A page that goes away cannot wait for the answer; without this the server finds out by itself, later.
    if (wasOpen) this.#ask('DELETE', { keepalive: true }).catch(() => 'it finds out by itself');
  }

  #end(code: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#up.abort();
    this.#down.abort();
    queueMicrotask(() => this.#listener.onClose(code));
  }

  #ask(method: string, init: RequestInit = {}, headers: Record<string, string> = {}): Promise<Response> {
    const stream = this.#stream === undefined ? undefined : { 'inlay-stream': this.#stream, ...headers };
    return this.#road.fetch(this.#url, { method, cache: 'no-store', ...init, ...(stream && { headers: stream }) });
  }

  async #open(): Promise<void> {
    try {
      const answer = await this.#ask('POST', { signal: this.#up.signal });
      if (!answer.ok) return await this.#refused(answer);
      const { stream } = (await answer.json()) as StreamOpened;
      if (this.#isOver) return;
      this.#stream = stream;
      this.#listener.onOpen();
      await this.#listen();
    } catch {
      this.#end(ABNORMAL);
    }
  }

  /** The server's own words end the socket as a close frame would; others are somebody's on the way. */
  async #refused(answer: Response): Promise<void> {
    const body = (await answer.json().catch(() => undefined)) as { error?: ErrorBody } | undefined;
    if (this.#isOver) return;
    const error = body?.error;
    if (typeof error?.code === 'string') this.#listener.onText(JSON.stringify({ type: 'error', error }));
    this.#end((error && errorKinds[error.code]?.close) ?? ABNORMAL);
  }

  /** Again and again until it is answered; an answer that is no yes ends the socket. */
  async #persist(ask: () => Promise<Response>): Promise<void> {
    for (const wait of [...RETRY_MS, undefined]) {
      const answer = await ask().catch(() => undefined);
      if (this.#isOver || answer?.ok) return;
      const isPassing = !answer || answer.status === 503 || answer.status === 502 || answer.status === 504;
      if (answer && (!isPassing || isOurs(answer))) return this.#refused(answer);
      if (wait !== undefined) await pause(wait);
    }
    this.#end(ABNORMAL);
  }

  async #post(): Promise<void> {
    if (this.#isPosting) return;
    this.#isPosting = true;
    // What is written in the same turn leaves together.
    await undefined;
    while (!this.#isOver && (this.#waiting.length > 0 || this.#isAsked || this.#untold > UNTOLD_MAX_LENGTH)) {
      const body = takeBatch(this.#waiting);
      this.#isAsked = false;
      this.#untold = 0;
      const headers = {
        'inlay-after': String(this.#lastDown),
        ...(body !== undefined && { 'content-type': 'application/json', 'inlay-number': String(++this.#lastUp) }),
      };
      const init = { signal: this.#up.signal, ...(body !== undefined && { body }) };
      await this.#persist(() => this.#ask('POST', init, headers));
    }
    this.#isPosting = false;
  }

  async #listen(): Promise<void> {
    let failures = 0;
    while (!this.#isOver) {
      const before = this.#lastDown;
      const worked = await this.#hear().catch(() => false);
      failures = worked || this.#lastDown > before ? 0 : failures + 1;
      if (failures > RETRY_MS.length) this.#end(ABNORMAL);
      if (failures > 0) await pause(RETRY_MS[failures - 1] ?? 0);
    }
  }

  /** One request that brings what comes. False: it ended at once, and not with an answer that says that all is well. */
  async #hear(): Promise<boolean> {
    const begunAt = performance.now();
    this.#down = new AbortController();
    if (this.#isOver) return true;
    const polls = this.#road.holdsBack;
    const down = this.#down;
    const silence = polls ? undefined : setTimeout(() => this.#onSilence(down), this.#road.firstWordMs);
    try {
      const accept = polls ? 'application/json' : 'text/event-stream';
      const headers = { accept, 'inlay-after': String(this.#lastDown) };
      const answer = await this.#ask('GET', { signal: down.signal }, headers);
      if (!answer.ok) {
        if (answer.status >= 500 && !isOurs(answer)) return false;
        await this.#refused(answer);
      } else if (polls) {
        this.#onPoll((await answer.json()) as StreamPolled);
        return true;
      } else
        await readEvents(
          answer,
          () => clearTimeout(silence),
          (event) => this.#onEvent(event),
        );
      return performance.now() - begunAt > LASTING_MS;
    } finally {
      clearTimeout(silence);
    }
  }

  #onSilence(down: AbortController): void {
    this.#road.holdsBack = true;
    down.abort();
  }

  #onEvent({ type, id, data }: StreamEvent): void {
    if (type === 'message') this.#onMessage(Number(id), data);
    else if (type === 'close') this.#onClosed(JSON.parse(data) as StreamClosed);
    else if (type === 'ping') {
      this.#isAsked = true;
      void this.#post();
    }
  }

  #onPoll({ messages, close }: StreamPolled): void {
    for (const [number, message] of messages) this.#onMessage(number, JSON.stringify(message));
    // The next poll says what has come.
    this.#untold = 0;
    if (close) this.#onClosed(close);
  }

  #onMessage(number: number, text: string): void {
    if (this.#isOver || number <= this.#lastDown) return;
    this.#lastDown = number;
    this.#untold += text.length;
    this.#hasHeard = true;
    this.#listener.onText(text);
    if (this.#untold > UNTOLD_MAX_LENGTH) void this.#post();
  }

  #onClosed({ code }: StreamClosed): void {
    this.#end(code);
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** The server answers with JSON, also when it fails; a gateway on the way does not. */
const isOurs = (answer: Response) => answer.headers.get('content-type')?.includes('json') === true;

/** As many of the waiting frames as one message may hold. */
function takeBatch(waiting: string[]): string | undefined {
  let length = 0;
  const end = waiting.findIndex((text, at) => {
    length += text.length;
    return at === BATCH_MAX_FRAMES || (at > 0 && length > BATCH_MAX_LENGTH);
  });
  const batch = waiting.splice(0, end < 0 ? waiting.length : end);
  return batch.length > 1 ? `[${batch.join(',')}]` : batch[0];
}
