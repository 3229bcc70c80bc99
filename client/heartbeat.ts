/**
 * Finds a socket that is dead without having been closed (a phone that changed its network, a laptop that slept), and asks
 * for the newest revision on the way.
 *
 * Anything heard is a sign of life; who has heard nothing for a while asks, and who then gets no answer takes the socket for
 * dead. How long the while is, the network says: it grows with every stretch that went well and begins short after a loss
 * or a change of the network. How long an answer may take, the answers before it say. Three things do not wait for
 * silence: a doubt (the page or the device came back) asks at once; something that left and got no answer asks soon, so that
 * who writes into a dead socket is not left waiting; and the revision is asked for once a minute in any case.
 */

/** Milliseconds of silence after which a ping is sent: at first, after a loss, and at most. */
export const SILENCE_FIRST_MS = 20_000;
export const SILENCE_SHORT_MS = 10_000;
export const SILENCE_MAX_MS = 60_000;
const GROWTH = 1.5;
/** Milliseconds between two looks at the newest revision, however much else is heard. */
export const CHECK_MS = 60_000;
/** Milliseconds within which anything must be heard after a ping: before any was answered, at least, at most. */
export const ANSWER_FIRST_MS = 5_000;
export const ANSWER_MIN_MS = 3_000;
export const ANSWER_MAX_MS = 10_000;
/** Milliseconds that the answer to a request may take longer than a pong before we ask, and those for each character of it. */
const WORK_MS = 2_000;
const CHARACTER_MS = 0.25;
/** Milliseconds in which what arrived while we could not run (a busy page, a sleeping device) is heard before we judge. */
export const GRACE_MS = 100;

export class Heartbeat {
  /** Rejects when its time has passed. */
  readonly #ping: (timeoutMs: number) => Promise<void>;
  readonly #onDead: () => void;
  readonly #isHidden: () => boolean;
  #silence = SILENCE_FIRST_MS;
  /** Smoothed time from a ping to its pong; a guess at first. */
  #roundTrip = ANSWER_FIRST_MS / 6;
  #heardAt = 0;
  #checkedAt = 0;
  /** When an answer is overdue; 0: none is waited for. */
  #overdueAt = 0;
  /** The ping that counts; a stop or a newer one makes it another. */
  #count = 0;
  /** When the answer to it is due; 0: none is under way. */
  #askingUntil = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerAt = 0;

  constructor(ping: (timeoutMs: number) => Promise<void>, onDead: () => void, isHidden = () => false) {
    this.#ping = ping;
    this.#onDead = onDead;
    this.#isHidden = isHidden;
  }

  start(): void {
    this.stop();
    this.heard();
    this.#checkedAt = this.#heardAt;
    this.#watch();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#askingUntil = 0;
    this.#count++;
  }

  heard(): void {
    this.#heardAt = performance.now();
    this.#overdueAt = 0;
  }

  /** Something left to which there will be an answer. */
  expect(length: number): void {
    if (this.#overdueAt || this.#askingUntil) return;
    this.#overdueAt = performance.now() + this.#answerMs(6) + WORK_MS + length * CHARACTER_MS;
    if (this.#timer && this.#overdueAt < this.#timerAt) this.#watch();
  }

  /** The network is not what it was. */
  shorten(): void {
    this.#silence = SILENCE_SHORT_MS;
  }

  /** Asks without waiting for silence: there is reason to doubt, and somebody is looking. */
  probe(): void {
    const deadline = this.#answerMs(2);
    const isSoonest = !this.#askingUntil || this.#askingUntil > performance.now() + deadline;
    if (this.#timer && isSoonest) void this.#ask(deadline);
  }

  /** So many round trips, within bounds. */
  #answerMs(trips: number): number {
    return Math.min(Math.max(trips * this.#roundTrip, ANSWER_MIN_MS), ANSWER_MAX_MS);
  }

  #watch(): void {
    const silence = this.#isHidden() ? SILENCE_MAX_MS : this.#silence;
    this.#timerAt = Math.min(this.#heardAt + silence, this.#checkedAt + CHECK_MS, this.#overdueAt || Infinity);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#onTimer(), Math.max(this.#timerAt - performance.now(), 0));
  }

  #onTimer(): void {
    // Something was heard since the timer was set, so it may be set anew for later.
    const before = this.#timerAt;
    this.#watch();
    if (this.#timerAt <= before) void this.#ask(this.#answerMs(6), GROWTH);
  }

  async #ask(deadline: number, growth = 1): Promise<void> {
    clearTimeout(this.#timer);
    const count = ++this.#count;
    const askedAt = performance.now();
    this.#askingUntil = askedAt + deadline;
    const answered = await this.#ping(deadline).then(
      () => true,
      () => new Promise<boolean>((resolve) => setTimeout(resolve, GRACE_MS, false)),
    );
    if (this.#count !== count) return;
    this.#askingUntil = 0;
    if (answered) {
      this.heard();
      this.#checkedAt = this.#heardAt;
      this.#roundTrip += (this.#heardAt - askedAt - this.#roundTrip) / 4;
      this.#silence = Math.min(this.#silence * growth, SILENCE_MAX_MS);
    }
    if (answered || this.#heardAt > askedAt) return this.#watch();
    // Perhaps it is only slower than we thought: the next one gets longer.
    this.#roundTrip = Math.max(this.#roundTrip, deadline / 3);
    this.shorten();
    this.#onDead();
  }
}
