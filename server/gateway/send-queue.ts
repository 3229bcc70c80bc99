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
  #scheduled: Lane | undefined;
  #ended = false;

  constructor(
    private readonly outlet: Outlet,
    private readonly onSlow: () => void,
  ) {}

  /** That wait here or before the operating system. */
  get bytes(): number {
    return this.#total();
  }

  /** `bulk`: it goes to so many that others need not wait for all of them. */
  pushEvent(frame: EncodedFrame, lane: Lane = 'interactive'): void {
    this.#push(frame, this.#total() - this.#answerBytes > EVENTS_MAX_BYTES, lane);
  }

  pushAnswer(frame: EncodedFrame): void {
    this.#push(frame, false, 'interactive');
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
    this.#scheduled = undefined;
    const answers = this.#unsentAnswerBytes;
    if (this.#waiting.length === 1 && answers === 0) {
      // What an event for many makes of every queue.
      const frame = this.#waiting.pop() as EncodedFrame;
      this.#waitingBytes = 0;
      this.outlet.send(frame.bytes, nothing);
      return;
    }
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

  #push(frame: EncodedFrame, tooSlow: boolean, lane: Lane): void {
    if (this.#ended) return;
    if (tooSlow || this.#total() > TOTAL_MAX_BYTES) {
      this.#ended = true;
      this.#waiting = [];
      this.onSlow();
      return;
    }
    this.#waiting.push(frame);
    this.#waitingBytes += frame.length;
    if (this.#scheduled === 'interactive' || this.#scheduled === lane) return;
    this.#scheduled = lane;
    flushSoon(this, lane);
  }

  flushIfScheduled(): void {
    if (this.#scheduled) this.flush();
  }
}

const nothing = (): void => {};

export type Lane = 'interactive' | 'bulk';

/**
 * One callback for all queues, at the end of this turn of the event loop: an event for 10,000 sockets would make 10,000. Who has
 * something of their own goes first; a large fan-out follows, and stops after SLICE_MS for the others' turn.
 */
const due: Record<Lane, SendQueue[]> = { interactive: [], bulk: [] };
const SLICE_MS = 5;
/** Between two looks at the clock. */
const STEP = 16;
let isWaiting = false;
/** Of the bulk, flushed already. */
let done = 0;

function flushSoon(queue: SendQueue, lane: Lane): void {
  due[lane].push(queue);
  if (isWaiting) return;
  isWaiting = true;
  setImmediate(flushDue);
}

function flushDue(): void {
  isWaiting = false;
  const first = due.interactive;
  due.interactive = [];
  for (const queue of first) queue.flushIfScheduled();
  const end = performance.now() + SLICE_MS;
  while (done < due.bulk.length && (done % STEP !== 0 || performance.now() < end)) due.bulk[done++]?.flushIfScheduled();
  if (done === due.bulk.length) {
    due.bulk = [];
    done = 0;
  } else if (!isWaiting) {
    isWaiting = true;
    setImmediate(flushDue);
  }
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
