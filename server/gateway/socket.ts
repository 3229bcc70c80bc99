/**
 * One connection: what it may do when (socket-state.ts), in which order its requests run, and how it ends.
 *
 * Requests that write run one after the other in the order of arrival; reads run side by side. Messages of text wait for no
 * message before them: they are in the store's queue, which keeps their order, before the next frame is looked at, so a whole
 * burst goes into one commit. A hello or a change of session holds back all that came after it, so that nothing is done as
 * somebody the socket is no longer. What is under way is bounded in number and in bytes.
 */
import { randomUUID } from 'node:crypto';
import type { DownEvent } from '../../protocol/down.ts';
import { errorKinds, InlayError } from '../../protocol/errors.ts';
import { FRAME_MAX_BYTES } from '../../protocol/limits.ts';
import type { UpFrame } from '../../protocol/up.ts';
import type { Actor } from '../domain/actor.ts';
import type { Domain } from '../domain/domain.ts';
import { tellable } from '../log.ts';
import type { MessageTrace } from '../trace.ts';
import { type Decoded, decode } from './decode.ts';
import { actorAfter, type Call, dispatch, orderOf, type RequestType } from './dispatch.ts';
import { type EncodedFrame, encodeError, encodeFrame } from './frame.ts';
import { FrameMeter } from './frame-meter.ts';
import { authenticate, revisionFor, type Upgrade, welcome } from './handshake.ts';
import { startHeartbeat } from './heartbeat.ts';
import type { Hub, Receiver } from './hub.ts';
import { type Lane, SendQueue } from './send-queue.ts';
import { actorOf, type SocketState } from './socket-state.ts';
import type { Turn, Turns } from './turns.ts';
import type { Wire } from './wire.ts';

const BAD_FRAMES_MAX = 20;
const UNDER_WAY_MAX_FRAMES = 128;
const UNDER_WAY_MAX_BYTES = 1024 * 1024;
const FLOOD_RETRY_MS = 10_000;
const BUSY_RETRY_MS = 1_000;
/** A peer that does not answer a close is cut off after this long. */
const LINGER_MS = 2_000;

interface Message {
  readonly data: Buffer;
  readonly isBinary: boolean;
}

interface Arrival {
  /** By performance.now(). */
  readonly receivedAt: number;
  readonly bytes: number;
  readonly trace: MessageTrace | undefined;
}

export class Socket implements Receiver {
  readonly id = randomUUID();
  #state: SocketState = { name: 'hello' };
  readonly #queue: SendQueue;
  readonly #turn: Turn;
  /** Came while the tenant had its share under way; the wire is paused. */
  #unread: Message[] = [];
  readonly #meter: FrameMeter;
  readonly #stopHeartbeat: () => void;
  readonly #helloTimer: NodeJS.Timeout;
  #underWay = 0;
  /** Waits for the end of what is under way. */
  #onIdle: (() => void) | undefined;
  #underWayBytes = 0;
  #badFrames = 0;
  /** A change of session is under way: word of its end comes back to this socket and means the old one. */
  #switching = false;
  #hostOrigin: string | undefined;
  /** The last write, and the last change of session: what comes later waits for it. */
  #lastWrite: Promise<void> = Promise.resolve();
  #lastSwitch: Promise<void> = Promise.resolve();
  /** Writes and changes of session under way, without the messages that wait for the store only. */
  #ordered = 0;

  constructor(
    private readonly wire: Wire,
    private readonly domain: Domain,
    private readonly hub: Hub,
    private readonly upgrade: Upgrade,
    private readonly turns: Turns,
    /** Called when it has been welcomed. */
    private readonly greeted: () => void,
  ) {
    const { settings } = domain;
    this.#queue = new SendQueue(wire, () => this.#onSlow());
    this.#turn = turns.enter(upgrade.tenantId, () => this.#readNext());
    this.#meter = new FrameMeter(settings.rateFramesPerSocket, () => performance.now());
    this.#helloTimer = setTimeout(
      () => this.#fail(new InlayError('hello-timeout', `No hello came within ${settings.helloTimeoutMs} ms.`)),
      settings.helloTimeoutMs,
    );
    const beat = { intervalMs: settings.heartbeatIntervalMs, timeoutMs: settings.heartbeatTimeoutMs };
    this.#stopHeartbeat = startHeartbeat(wire, beat, () =>
      this.#fail(new InlayError('heartbeat-timeout', 'A ping was not answered.')),
    );
    wire.onMessage((data, isBinary) => this.#receive({ data, isBinary }));
    wire.onClose(() => this.#leave());
  }

  get bytesWaiting(): number {
    return this.#queue.bytes;
  }

  deliver(event: DownEvent, encoded: EncodedFrame, lane: Lane): void {
    const ended = event.type === 'session.ended' ? event.reason : undefined;
    if (ended !== undefined && this.#switching) return;
    if (this.#state.name === 'greeting') this.#state.held.push(encoded);
    else if (this.#state.name !== 'closed') this.#queue.pushEvent(encoded, lane);
    if (ended === 'merged') this.#fail(new InlayError('identity-changed', 'The session became another user’s.'));
    if (ended === 'signed-out') this.#fail(new InlayError('token-invalid', 'The session was ended elsewhere.'));
  }

  /** Reads nothing new, answers what is under way unless `deadline` comes first, says why, and closes. */
  async drain(error: InlayError, deadline: Promise<void>): Promise<void> {
    if (this.#state.name === 'closed') return;
    this.#state = { name: 'draining', actor: actorOf(this.#state) };
    await Promise.race([this.#idle(), deadline]);
    this.#fail(error);
  }

  #receive(message: Message): void {
    if (this.#unread.length === 0 && this.turns.mayTake(this.#turn)) {
      this.#read(message);
    } else if (this.#isAlive()) {
      // Also what the wire had read before it was paused.
      if (this.#unread.push(message) > 1) return;
      this.wire.pause();
      this.turns.wait(this.#turn);
    }
  }

  #readNext(): boolean {
    const message = this.#unread.shift();
    if (message) this.#read(message);
    if (this.#unread.length > 0) return true;
    this.wire.resume();
    return false;
  }

  #read({ data, isBinary }: Message): void {
    if (this.#state.name === 'closed' || this.#state.name === 'draining') return;
    if (data.length > FRAME_MAX_BYTES) {
      this.#fail(new InlayError('frame-too-large', `A message has at most ${FRAME_MAX_BYTES} bytes.`));
    } else if (isBinary) {
      this.#refuseUnreadable(new InlayError('frame-malformed', 'Messages are text, not binary.'));
    } else {
      const frames = decode(data.toString());
      for (const decoded of frames) if (this.#isAlive()) this.#take(decoded, data.length / frames.length);
    }
  }

  #isAlive(): boolean {
    return this.#state.name !== 'closed';
  }

  #take(decoded: Decoded, bytes: number): void {
    const ref = decoded.kind === 'frame' ? decoded.frame.ref : decoded.ref;
    const tooMuch = this.#meterSays() ?? this.#underWaySays(bytes);
    if (tooMuch) this.#refuse(tooMuch, ref);
    else if (decoded.kind === 'frame') this.#start(decoded.frame, bytes);
    else if (decoded.unreadable) this.#refuseUnreadable(decoded.error, ref);
    else this.#refuse(decoded.error, ref);
  }

  #meterSays(): InlayError | undefined {
    const verdict = this.#meter.count();
    if (verdict.kind === 'flood')
      return new InlayError('frame-flood', 'Frames came faster than any client sends them.', FLOOD_RETRY_MS);
    if (verdict.kind === 'limited')
      return new InlayError('rate-limited', 'Too many requests on this socket.', verdict.retryAfterMs);
    return undefined;
  }

  #underWaySays(bytes: number): InlayError | undefined {
    if (this.#underWay < UNDER_WAY_MAX_FRAMES && this.#underWayBytes + bytes <= UNDER_WAY_MAX_BYTES) return undefined;
    return new InlayError('server-busy', 'Too many requests of this socket are under way.', BUSY_RETRY_MS);
  }

  #start(frame: UpFrame, bytes: number): void {
    const { metrics, traces } = this.domain;
    metrics.received(frame.type);
    const receivedAt = performance.now();
    const trace = frame.type === 'message.send' ? traces.begin(receivedAt) : undefined;
    this.#underWay++;
    this.#underWayBytes += bytes;
    this.turns.begun(this.#turn, receivedAt);
    void this.#inOrder(frame, { receivedAt, bytes, trace });
  }

  #finished({ bytes }: Arrival): void {
    this.#underWay--;
    this.#underWayBytes -= bytes;
    this.turns.finished(this.#turn);
    if (this.#underWay === 0) this.#onIdle?.();
  }

  #idle(): Promise<void> {
    if (this.#underWay === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onIdle = resolve;
    });
  }

  #inOrder(frame: UpFrame, arrival: Arrival): Promise<void> {
    const order = orderOf(frame);
    if (order === 'append') {
      return this.#ordered === 0
        ? this.#answer(frame, arrival)
        : this.#lastWrite.then(() => this.#answer(frame, arrival));
    }
    if (order === 'read') return this.#lastSwitch.then(() => this.#answer(frame, arrival));
    this.#ordered++;
    const task = this.#lastWrite.then(() => this.#answer(frame, arrival)).then(() => void this.#ordered--);
    this.#lastWrite = task;
    if (order === 'session') this.#lastSwitch = task;
    return task;
  }

  /** Never rejects: each way to fail is an answer. */
  async #answer(frame: UpFrame, arrival: Arrival): Promise<void> {
    if (this.#isAlive()) {
      try {
        if (frame.type === 'hello') await this.#greet(frame);
        else this.#reply(frame.ref, await (frame.type === 'ping' ? this.#pong() : this.#perform(frame, arrival.trace)));
      } catch (error) {
        this.#refuse(tellable(error, this.domain.log), frame.ref);
      }
      const now = performance.now();
      this.domain.metrics.answered(frame.type, now - arrival.receivedAt);
      if (arrival.trace) arrival.trace.acknowledgedAt = now;
    }
    this.#finished(arrival);
  }

  async #greet(hello: UpFrame<'hello'>): Promise<void> {
    if (this.#state.name !== 'hello') throw new InlayError('hello-repeated', 'Hello was said already.');
    const identity = await authenticate(this.domain, this.upgrade, hello);
    if (this.#state.name !== 'hello') return;
    clearTimeout(this.#helloTimer);
    const held: EncodedFrame[] = [];
    this.#hostOrigin = hello.hostOrigin;
    this.#state = { name: 'greeting', actor: identity.actor, held };
    this.hub.add(this, identity.actor);
    const result = await welcome(this.domain, this.upgrade, identity);
    this.#reply(hello.ref, result);
    this.greeted();
    if (this.#state.name === 'greeting') this.#state = { name: 'open', actor: identity.actor };
    for (const event of held) this.#queue.pushEvent(event);
    this.domain.log.debug(
      { tenantId: this.upgrade.tenantId, actor: identity.actor.kind, client: hello.client },
      'welcome',
    );
  }

  async #pong(): Promise<{ now: number; revision: number }> {
    const revision = await revisionFor(this.domain, actorOf(this.#state));
    return { now: this.domain.now(), revision };
  }

  #perform(frame: UpFrame<RequestType>, trace: MessageTrace | undefined): Promise<unknown> {
    const actor = actorOf(this.#state);
    if (actor === undefined) throw new InlayError('hello-required', 'Hello comes first.');
    const { address, userAgent } = this.upgrade;
    const call = { domain: this.domain, actor, address, userAgent, hostOrigin: this.#hostOrigin, trace };
    return orderOf(frame) === 'session' ? this.#switch(call, frame) : dispatch(call, frame.type, frame);
  }

  async #switch(call: Call, frame: UpFrame<RequestType>): Promise<unknown> {
    this.#switching = true;
    try {
      const result = await dispatch(call, frame.type, frame);
      const after = actorAfter(call, frame.type, result);
      if (after) this.#become(call.actor, after);
      return result;
    } finally {
      this.#switching = false;
    }
  }

  #become(before: Actor, after: Actor): void {
    if (this.#state.name === 'closed') return;
    this.hub.remove(this, before);
    this.hub.add(this, after);
    this.#state = this.#state.name === 'draining' ? { name: 'draining', actor: after } : { name: 'open', actor: after };
  }

  #reply(ref: number, result: unknown): void {
    if (this.#state.name !== 'closed') this.#queue.pushAnswer(encodeFrame({ type: 'ok', ref, result }));
  }

  #refuse(error: InlayError, ref?: number): void {
    if (this.#state.name === 'closed') return;
    this.domain.metrics.refused(error.code);
    if (errorKinds[error.code].close === undefined) this.#queue.pushAnswer(encodeError(error, ref));
    else this.#fail(error, ref);
  }

  #refuseUnreadable(error: InlayError, ref?: number): void {
    this.#refuse(error, ref);
    this.#badFrames += 1;
    if (this.#badFrames >= BAD_FRAMES_MAX)
      this.#fail(new InlayError('too-many-bad-frames', `${BAD_FRAMES_MAX} frames of this socket could not be read.`));
  }

  /** Says why and closes. */
  #fail(error: InlayError, ref?: number): void {
    if (this.#state.name === 'closed') return;
    this.#queue.pushAnswer(encodeError(error, ref));
    this.#queue.end();
    this.#close(error);
  }

  /** The reader is behind: an explanation would only stand in the same line. */
  #onSlow(): void {
    this.#close(new InlayError('slow-consumer', 'Too much waited for this client.'));
  }

  #close(error: InlayError): void {
    this.#leave();
    this.domain.metrics.ended(error.code);
    this.wire.close(errorKinds[error.code].close ?? 1011, error.code);
    const timer = setTimeout(() => this.wire.terminate(), LINGER_MS);
    this.wire.onClose(() => clearTimeout(timer));
    this.domain.log.debug({ tenantId: this.upgrade.tenantId, closed: error.code }, 'socket closed');
  }

  #leave(): void {
    if (this.#state.name === 'closed') return;
    const actor = actorOf(this.#state);
    this.#state = { name: 'closed' };
    clearTimeout(this.#helloTimer);
    this.#stopHeartbeat();
    this.turns.leave(this.#turn);
    if (this.#unread.length > 0) {
      // The answer to the close must be read.
      this.#unread = [];
      this.wire.resume();
    }
    if (actor) this.hub.remove(this, actor);
  }
}
