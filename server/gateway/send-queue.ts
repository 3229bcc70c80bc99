/**
 * Frames on their way to one socket. Frames that are queued in the same turn of the event loop leave as one message: after a
 * group commit that is many acknowledgements at once, and one system call instead of many.
 *
 * Nothing waits without a bound. Events come whether the client reads or not, so a client with more than EVENTS_MAX_BYTES before it
 * is too slow and is told to come back (it fetches what it missed). Answers were asked for and may be large, so they
 * only count towards the wider bound that keeps a client from asking without ever reading.
 */
import { BATCH_MAX_FRAMES, FRAME_MAX_BYTES } from '../../protocol/limits.ts';
import type { EncodedFrame } from './frame.ts';
import type { Wire } from './wire.ts';

export type Outlet = Pick<Wire, 'bufferedAmount' | 'send'>;

export const EVENTS_MAX_BYTES = 1024 * 1024;
export const TOTAL_MAX_BYTES = 8 * 1024 * 1024;

export class SendQueue {
  #waiting: EncodedFrame[] = [];
  #waitingBytes = 0;
  /** Bytes of answers that are still counted in `waiting` or in the socket's buffer. */
  #answerBytes = 0;
  #unsentAnswerBytes = 0;
  #scheduled = false;
  #ended = false;

  constructor(
    private readonly outlet: Outlet,
    private readonly onSlow: () => void,
  ) {}

  /** That wait here or before the operating system. */
  get bytes(): number {
    return this.#total();
  }

  pushEvent(frame: EncodedFrame): void {
    this.#push(frame, this.#total() - this.#answerBytes > EVENTS_MAX_BYTES);
  }

  pushAnswer(frame: EncodedFrame): void {
    this.#push(frame, false);
    if (this.#ended) return;
    this.#answerBytes += frame.length;
    this.#unsentAnswerBytes += frame.length;
  }

  /** Sends at once what waits; nothing is accepted afterwards. */
  end(): void {
    this.flush();
    this.#ended = true;
  }

  flush(): void {
    this.#scheduled = false;
    const answers = this.#unsentAnswerBytes;
    const messages = pack(this.#waiting);
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#unsentAnswerBytes = 0;
    messages.forEach((message, at) => {
      const last = at === messages.length - 1;
      this.outlet.send(message, () => {
        if (last) this.#answerBytes -= answers;
      });
    });
  }

  #total(): number {
    return this.#waitingBytes + this.outlet.bufferedAmount;
  }

  #push(frame: EncodedFrame, tooSlow: boolean): void {
    if (this.#ended) return;
    if (tooSlow || this.#total() > TOTAL_MAX_BYTES) {
      this.#ended = true;
      this.#waiting = [];
      this.onSlow();
      return;
    }
    this.#waiting.push(frame);
    this.#waitingBytes += frame.length;
    if (this.#scheduled) return;
    this.#scheduled = true;
    flushAtTheEndOfThisTurn(this);
  }

  flushIfScheduled(): void {
    if (this.#scheduled) this.flush();
  }
}

/** One callback for all queues: an event for 10,000 sockets would make 10,000. */
let due: SendQueue[] = [];

function flushAtTheEndOfThisTurn(queue: SendQueue): void {
  if (due.length === 0) setImmediate(flushAll);
  due.push(queue);
}

function flushAll(): void {
  const queues = due;
  due = [];
  for (const queue of queues) queue.flushIfScheduled();
}

/** As few messages as the limits of the wire allow. A single frame above the limit goes alone. */
function pack(frames: readonly EncodedFrame[]): Buffer[] {
  const messages: Buffer[] = [];
  let group: EncodedFrame[] = [];
  let bytes = 0;
  for (const frame of frames) {
    if (group.length === BATCH_MAX_FRAMES || (group.length > 0 && bytes + frame.length + 2 > FRAME_MAX_BYTES)) {
      messages.push(join(group));
      group = [];
      bytes = 0;
    }
    group.push(frame);
    bytes += frame.length + 1;
  }
  if (group.length > 0) messages.push(join(group));
  return messages;
}

function join(frames: readonly EncodedFrame[]): Buffer {
  const [first] = frames;
  if (first !== undefined && frames.length === 1) return first.bytes;
  return Buffer.from(`[${frames.map(({ text }) => text).join(',')}]`);
}
