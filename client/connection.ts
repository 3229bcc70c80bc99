/**
 * The states of the one connection, and nothing else: who says hello and what the frames mean is link.ts.
 *
 *     idle ──connect──► connecting ──welcomed──► open
 *                        ▲      │ lose             │ lose
 *                        │      ▼                  ▼
 *                        └─── waiting ◄────────────┘        refuse: any of them ──► refused ──connect──► connecting
 *
 * One method a transition; called in another state it does nothing and says so by `false`, because a late timer or a second
 * close must not undo what came after it. Sockets that were given up may still speak: each callback compares its socket with
 * the current one and is silent when it is another.
 */
import { type ReadonlySignal, signal } from '@preact/signals-core';
import type { ErrorCode } from '../protocol/errors.ts';
import { BACKOFF_MAX_MS, backoffMs, toldMs } from './backoff.ts';
import type { ConnectionState } from './client.ts';
import type { Socket, Transport } from './transport.ts';

/** Milliseconds from dialling to the welcome; over it the try has failed. Each failure adds some: the network may be that slow. */
export const CONNECT_TIMEOUT_MS = 15_000;
export const CONNECT_TIMEOUT_MAX_MS = 45_000;
const CONNECT_TIMEOUT_STEP_MS = 5_000;
/** Milliseconds: a connection that was open for so long was a good one, and the backoff begins anew after it. */
const STABLE_MS = 5_000;
/** Milliseconds: no wait is longer while nobody looks. */
export const HIDDEN_BACKOFF_MAX_MS = 300_000;
/** Milliseconds from one try that did not wait for its time to the next; a device may say many times that it is back. */
export const HURRY_GAP_MS = 5_000;
/** Milliseconds after which a try that began on the network before is not worth waiting for. */
const STUCK_MS = 3_000;

export interface ConnectionOptions {
  readonly transport: Transport;
  readonly url: string;
  /** The server's time, for `waiting.until`. */
  now(): number;
  /** The device says that it has no network. */
  isOffline(): boolean;
  /** Nobody sees the page. */
  isHidden(): boolean;
  onSocketOpen(): void;
  onText(text: string): void;
  /** The peer closed; `lose` or `refuse` is due. */
  onClose(code: number): void;
  /** The socket is gone, for whatever reason; what waits on it waits in vain. */
  onDown(): void;
}

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #state = signal<ConnectionState>({ name: 'idle' });
  #socket: Socket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #openSince = 0;
  #dialledAt = 0;
  #mayHurryAt = 0;
  /** The server said how long to wait. */
  #isTold = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  get state(): ReadonlySignal<ConnectionState> {
    return this.#state;
  }

  get isOpen(): boolean {
    return this.#state.peek().name === 'open';
  }

  /** Open, and the device does not contradict. */
  get isTrusted(): boolean {
    const state = this.#state.peek();
    return state.name === 'open' && !state.offline;
  }

  /** The one that counts; another than before means that what was asked on that is over. */
  get socket(): Socket | undefined {
    return this.#socket;
  }

  /** idle, waiting, refused → connecting */
  connect(): boolean {
    if (!this.#isIn('idle', 'waiting', 'refused')) return false;
    this.#dial();
    return true;
  }

  /**
   * waiting → connecting sooner than planned, or connecting → connecting anew when it takes long. Not when it was the server that
   * said how long to wait, and not again and again.
   */
  hurry(): boolean {
    const now = performance.now();
    const isStuck = this.#isIn('connecting') && now - this.#dialledAt > STUCK_MS;
    if (this.#isTold || now < this.#mayHurryAt || !(isStuck || this.#isIn('waiting'))) return false;
    this.#mayHurryAt = now + HURRY_GAP_MS;
    this.#failures = Math.min(this.#failures, 1);
    this.#drop();
    this.#dial();
    return true;
  }

  /** connecting → open */
  welcomed(): boolean {
    if (!this.#isIn('connecting')) return false;
    clearTimeout(this.#timer);
    this.#openSince = performance.now();
    this.#mayHurryAt = 0;
    this.#state.value = { name: 'open' };
    return true;
  }

  /** connecting, open → waiting; with `retryAfterMs` the server said how long, with `spreadMs` many lost it at one time. */
  lose(retryAfterMs?: number, spreadMs = 0): boolean {
    if (!this.#isIn('connecting', 'open')) return false;
    const { now, isOffline, isHidden } = this.#options;
    const wasStable = this.isOpen && performance.now() - this.#openSince > STABLE_MS;
    this.#failures = wasStable ? 1 : this.#failures + 1;
    const own = () => backoffMs(this.#failures, Math.random, isHidden() ? HIDDEN_BACKOFF_MAX_MS : BACKOFF_MAX_MS);
    const delay = retryAfterMs === undefined ? own() + Math.random() * spreadMs : toldMs(retryAfterMs);
    this.#drop();
    this.#isTold = retryAfterMs !== undefined;
    this.#timer = setTimeout(() => this.connect(), delay);
    this.#state.value = { name: 'waiting', attempt: this.#failures, until: now() + delay, offline: isOffline() };
    return true;
  }

  /** connecting, open, waiting → refused */
  refuse(code: ErrorCode): boolean {
    if (!this.#isIn('connecting', 'open', 'waiting')) return false;
    this.#drop();
    this.#state.value = { name: 'refused', code };
    return true;
  }

  /** Anything but idle → connecting, with a new socket: somebody else is here now. */
  restart(): boolean {
    if (this.#isIn('idle')) return false;
    this.#drop();
    this.#failures = 0;
    this.#dial();
    return true;
  }

  /** → idle */
  stop(): void {
    this.#drop();
    this.#failures = 0;
    this.#state.value = { name: 'idle' };
  }

  /** waiting, open: the device says that its network went away. */
  noticeOffline(): void {
    const state = this.#state.peek();
    if (state.name === 'waiting') this.#state.value = { ...state, offline: this.#options.isOffline() };
    if (state.name === 'open') this.#state.value = { name: 'open', offline: true };
  }

  /** open: something was heard. True: it was in doubt until now. */
  trust(): boolean {
    const state = this.#state.peek();
    if (state.name !== 'open' || !state.offline) return false;
    this.#state.value = { name: 'open' };
    return true;
  }

  send(text: string): void {
    this.#socket?.send(text);
  }

  #isIn(...names: ConnectionState['name'][]): boolean {
    return names.includes(this.#state.peek().name);
  }

  #dial(): void {
    clearTimeout(this.#timer);
    this.#isTold = false;
    this.#dialledAt = performance.now();
    const { transport, url, onSocketOpen, onText, onClose } = this.#options;
    const ifCurrent = (act: () => void) => {
      if (this.#socket === socket) act();
    };
    const socket = transport.open(url, {
      onOpen: () => ifCurrent(onSocketOpen),
      onText: (text) => ifCurrent(() => onText(text)),
      onClose: (code) => ifCurrent(() => onClose(code)),
    });
    this.#socket = socket;
    const patience = CONNECT_TIMEOUT_MS + this.#failures * CONNECT_TIMEOUT_STEP_MS;
    this.#timer = setTimeout(() => this.lose(), Math.min(patience, CONNECT_TIMEOUT_MAX_MS));
    this.#state.value = { name: 'connecting', attempt: this.#failures + 1 };
  }

  #drop(): void {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
    if (socket) this.#options.onDown();
  }
}
