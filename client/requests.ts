/**
 * Requests and their answers: a ref for each, a deadline for each, and an end for each, whatever the network does.
 *
 * A request that cannot leave yet waits for the connection within its deadline. One that has left fails as soon as its socket
 * is gone, with an error whose retry rule is `now`: the caller knows whether it may be repeated.
 */
import type { DownEvent, DownFrame } from '../protocol/down.ts';
import { InlayError } from '../protocol/errors.ts';
import type { Input, Result, UpType } from '../protocol/up.ts';
import { connectionLost, errorOf, noAnswer } from './failures.ts';

/** Milliseconds from asking to the answer, the wait for a connection included. */
export const REQUEST_TIMEOUT_MS = 15_000;
/** Requests that may be without an answer at one time; over it: `server-busy`. */
export const REQUESTS_MAX_COUNT = 500;

interface Pending {
  readonly text: string;
  sent: boolean;
  readonly timer: ReturnType<typeof setTimeout>;
  resolve(result: unknown): void;
  reject(error: InlayError): void;
}

export class Requests {
  readonly #transmit: (text: string) => void;
  readonly #pending = new Map<number, Pending>();
  #lastRef = 0;
  #open = false;
  /** The last error that was not an answer: what the server says before it closes. */
  lastError: InlayError | undefined;

  constructor(transmit: (text: string) => void) {
    this.#transmit = transmit;
  }

  /** `unwelcomed`: hello itself and what comes along with it, which leave before the connection is open. */
  ask<T extends UpType>(
    type: T,
    input: Input<T>,
    { timeoutMs = REQUEST_TIMEOUT_MS, unwelcomed = false } = {},
  ): Promise<Result<T>> {
    // What keeps the connection must leave however much waits for it.
    const isOwn = unwelcomed || type === 'ping';
    if (this.#pending.size >= REQUESTS_MAX_COUNT && !isOwn) return Promise.reject(new InlayError('server-busy'));
    const ref = ++this.#lastRef;
    return new Promise<Result<T>>((resolve, reject) => {
      const timer = setTimeout(() => this.#take(ref)?.reject(noAnswer()), timeoutMs);
      const pending: Pending = {
        text: JSON.stringify({ type, ref, ...input }),
        sent: false,
        timer,
        // The server's answers are trusted to have the form that the protocol gives them.
        resolve: (result) => resolve(result as Result<T>),
        reject,
      };
      this.#pending.set(ref, pending);
      if (this.#open || unwelcomed) this.#send(pending);
    });
  }

  /** What came in: answers are given to their askers, events are returned in their order. */
  receive(text: string): DownEvent[] {
    return framesOf(text).filter((frame): frame is DownEvent => {
      if (frame.type === 'ok') this.#take(frame.ref)?.resolve(frame.result);
      else if (frame.type === 'error' && frame.ref !== undefined) this.#take(frame.ref)?.reject(errorOf(frame.error));
      else if (frame.type === 'error') this.lastError = errorOf(frame.error);
      else return true;
      return false;
    });
  }

  onOpen(): void {
    this.#open = true;
    for (const pending of this.#pending.values()) if (!pending.sent) this.#send(pending);
  }

  /** What has left is lost; what waits goes on waiting. */
  onDown(): void {
    this.#open = false;
    this.lastError = undefined;
    for (const [ref, pending] of this.#pending) if (pending.sent) this.#take(ref)?.reject(connectionLost());
  }

  /** There will be no connection: nothing has to wait for it. */
  rejectAll(error: InlayError): void {
    this.#open = false;
    for (const ref of this.#pending.keys()) this.#take(ref)?.reject(error);
  }

  #send(pending: Pending): void {
    pending.sent = true;
    this.#transmit(pending.text);
  }

  #take(ref: number): Pending | undefined {
    const pending = this.#pending.get(ref);
    this.#pending.delete(ref);
    clearTimeout(pending?.timer);
    return pending;
  }
}

function framesOf(text: string): DownFrame[] {
  try {
    const wire: unknown = JSON.parse(text);
    const frames: unknown[] = Array.isArray(wire) ? wire : [wire];
    return frames.filter((frame): frame is DownFrame => typeof frame === 'object' && frame !== null && 'type' in frame);
  } catch {
    // Not JSON: no frame that anybody waits for, and the gap it may leave is found by its revision.
    return [];
  }
}
