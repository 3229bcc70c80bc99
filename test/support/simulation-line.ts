/**
 * One websocket of a simulated client, made for volume: it keeps no frames, answers find their request by its ref. It is written
 * from protocol/README.md and shares nothing with client/.
 */
import { WebSocket } from 'ws';
import { type Frame, RawError } from './raw-client.ts';

interface Waiter {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** The connection ended before the answer came: what became of the request is not known. */
export class LineLost extends Error {}

export interface LineOptions {
  /** http origin. */
  readonly url: string;
  readonly tenantId: string;
  readonly headers?: Record<string, string>;
  onEvent(frame: Frame): void;
  /** Before anything that waits is told. */
  onClose(code: number): void;
}

export class Line {
  readonly socket: WebSocket;
  /** Rejects when it cannot be opened. */
  readonly opened: Promise<void>;
  readonly #waiting = new Map<number, Waiter>();
  #ref = 0;
  #ended = false;

  constructor({ url, tenantId, headers = {}, onEvent, onClose }: LineOptions) {
    const address = `${url.replace(/^http/, 'ws')}/v1/tenants/${tenantId}/socket`;
    this.socket = new WebSocket(address, { headers, perMessageDeflate: false });
    this.opened = new Promise((resolve, reject) => {
      this.socket.once('open', resolve);
      this.socket.once('close', () => reject(new LineLost('It could not be opened.')));
    });
    this.opened.catch(() => 'told to whoever waits for it');
    // A close follows each error.
    this.socket.on('error', () => undefined);
    this.socket.on('message', (data) => {
      const message = JSON.parse(data.toString()) as Frame | Frame[];
      for (const frame of Array.isArray(message) ? message : [message]) this.#take(frame, onEvent);
    });
    this.socket.once('close', (code) => {
      this.#ended = true;
      onClose(code);
      for (const waiter of this.#waiting.values()) waiter.reject(new LineLost(`closed with ${code}`));
      this.#waiting.clear();
    });
  }

  get isEnded(): boolean {
    return this.#ended;
  }

  /** The result; RawError when it is refused, LineLost when nobody will ever say. */
  request<T>(type: string, fields: object = {}): Promise<T> {
    if (this.#ended) return Promise.reject(new LineLost('It is closed.'));
    this.#ref += 1;
    const ref = this.#ref;
    this.socket.send(JSON.stringify({ type, ref, ...fields }), () => undefined);
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(ref, { resolve: (result) => resolve(result as T), reject });
    });
  }

  /** Without a word. */
  cut(): void {
    this.socket.terminate();
  }

  #take(frame: Frame, onEvent: (frame: Frame) => void): void {
    if (frame.type !== 'ok' && frame.type !== 'error') {
      onEvent(frame);
      return;
    }
    const waiter = this.#waiting.get(frame.ref ?? 0);
    if (!waiter) return;
    this.#waiting.delete(frame.ref ?? 0);
    if (frame.type === 'ok') waiter.resolve(frame.result);
    else waiter.reject(new RawError(frame.error as RawError['error']));
  }
}
