/**
 * One living connection to the server out of many mortal sockets: dials, says hello, keeps the heartbeat, and decides by the
 * error catalogue whether to come back, when, and as whom.
 */

import { batch } from '@preact/signals-core';
import type { DownEvent } from '../protocol/down.ts';
import { type ErrorCode, errorKinds, InlayError, retryAfterClose } from '../protocol/errors.ts';
import type { Welcome } from '../protocol/hello.ts';
import type { Input, Result, UpType } from '../protocol/up.ts';
import { CONNECT_TIMEOUT_MAX_MS, Connection } from './connection.ts';
import { asInlayError, codeOfClose, connectionLost } from './failures.ts';
import { Heartbeat } from './heartbeat.ts';
import { Requests } from './requests.ts';
import type { Transport } from './transport.ts';

/** Milliseconds over which clients come back to a server that is being replaced: all of them lost it in the same moment. */
export const REPLACED_SPREAD_MS = 3_000;

export interface LinkOptions {
  readonly transport: Transport;
  readonly url: string;
  now(): number;
  isOffline(): boolean;
  isHidden(): boolean;
  hello(): Input<'hello'>;
  /** What is asked now, `unwelcomed`, leaves right behind hello: it is done after the welcome, and in vain if there is none. */
  onHello(): void;
  /** The server does not take the token. True: there is another way to go on, so dial again. */
  onTokenRefused(code: ErrorCode): Promise<boolean>;
  onWelcome(welcome: Welcome): void;
  onEvent(event: DownEvent): void;
  /** The device was wrong about its network, or it is back: the connection lives. */
  onTrust(): void;
  onPong(pong: Result<'ping'>): void;
}

export class Link {
  readonly #options: LinkOptions;
  readonly connection: Connection;
  readonly #requests: Requests;
  readonly #heartbeat: Heartbeat;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#requests = new Requests((text) => {
      this.connection.send(text);
      this.#heartbeat.expect(text.length);
    });
    this.#heartbeat = new Heartbeat(
      async (timeoutMs) => options.onPong(await this.ask('ping', {}, { timeoutMs })),
      () => this.connection.lose(),
      options.isHidden,
    );
    this.connection = new Connection({
      ...options,
      onSocketOpen: () => void this.#sayHello(),
      onText: (text) => this.#receive(text),
      onClose: (code) => this.#onClose(code),
      onDown: () => this.#onDown(),
    });
  }

  get isOpen(): boolean {
    return this.connection.isOpen;
  }

  /** False: the connection may be gone, and what is sent now may wait in vain. */
  get isTrusted(): boolean {
    return this.connection.isTrusted;
  }

  /** Rejects with InlayError. */
  ask<T extends UpType>(
    type: T,
    input: Input<T>,
    options?: { timeoutMs?: number; unwelcomed?: boolean },
  ): Promise<Result<T>> {
    const state = this.connection.state.peek();
    if (state.name === 'refused') return Promise.reject(new InlayError(state.code));
    return this.#requests.ask(type, input, options);
  }

  start(): void {
    this.connection.connect();
  }

  stop(): void {
    this.connection.stop();
    this.#requests.rejectAll(connectionLost());
  }

  /** Somebody is here (again), and the socket may have died meanwhile. */
  wake(): void {
    if (!this.connection.hurry()) this.#heartbeat.probe();
  }

  /** The network is back, or is another one. */
  changeNetwork(): void {
    this.#heartbeat.shorten();
    this.wake();
  }

  /** The network may have gone: see whether the socket still lives. */
  doubt(): void {
    this.connection.noticeOffline();
    this.#heartbeat.shorten();
    this.#heartbeat.probe();
  }

  #receive(text: string): void {
    this.#heartbeat.heard();
    if (this.connection.trust()) this.#options.onTrust();
    for (const event of this.#requests.receive(text)) this.#options.onEvent(event);
  }

  #onDown(): void {
    this.#heartbeat.stop();
    this.#requests.onDown();
  }

  async #sayHello(): Promise<void> {
    const { socket } = this.connection;
    try {
      // The connection has a deadline of its own, which comes first.
      const asked = { timeoutMs: CONNECT_TIMEOUT_MAX_MS, unwelcomed: true };
      const answer = this.#requests.ask('hello', this.#options.hello(), asked);
      this.#options.onHello();
      const welcome = await answer;
      if (socket === this.connection.socket) batch(() => this.#open(welcome));
    } catch (thrown) {
      // The end of the socket is what failed it: that has been seen to, and a newer one may be on its way already.
      if (socket !== this.connection.socket) return;
      const error = asInlayError(thrown);
      if (error.retry === 'never') this.#onNever(error);
      else this.connection.lose(error.retryAfterMs);
    }
  }

  #open(welcome: Welcome): void {
    if (!this.connection.welcomed()) return;
    this.#heartbeat.start();
    this.#options.onWelcome(welcome);
    this.#requests.onOpen();
  }

  #onClose(code: number): void {
    const { lastError } = this.#requests;
    if (retryAfterClose(code) === 'never') {
      this.#onNever(new InlayError(codeOfClose(code, lastError?.code ?? 'forbidden')));
      return;
    }
    // A close of the server's own speaks of the server; any other is the network's.
    const isServers = code >= 4000;
    if (!isServers) this.#heartbeat.shorten();
    const isReplaced = code === errorKinds['server-shutdown'].close;
    this.connection.lose(isServers ? lastError?.retryAfterMs : undefined, isReplaced ? REPLACED_SPREAD_MS : 0);
  }

  #onNever(error: InlayError): void {
    const isToken = error.code === 'token-expired' || error.code === 'token-invalid';
    if (isToken) void this.#changeToken(error);
    else this.#refuse(error);
  }

  async #changeToken(error: InlayError): Promise<void> {
    this.connection.lose();
    if (await this.#options.onTokenRefused(error.code)) this.connection.restart();
    else this.#refuse(error);
  }

  #refuse(error: InlayError): void {
    if (this.connection.refuse(error.code)) this.#requests.rejectAll(error);
  }
}
