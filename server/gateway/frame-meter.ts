/**
 * How fast one socket may ask. Two limits, since two things are different: a client in a hurry is told `rate-limited` frame by
 * frame and can go on when it slows down; one that sends what no client sends costs more in answers than it is worth, and is
 * closed.
 */
const FLOOD_FRAMES = 1_000;
const FLOOD_WINDOW_MS = 2_000;
/** Of what passes in a window at most: who asks again too early, though always told when, is no flood. */
const FLOOD_FACTOR = 2;

export type Verdict = { readonly kind: 'ok' | 'flood' } | { readonly kind: 'limited'; readonly retryAfterMs: number };

const ok: Verdict = { kind: 'ok' };
const flood: Verdict = { kind: 'flood' };

export class FrameMeter {
  #tokens: number;
  #refilledAt: number;
  #windowStart: number;
  #windowFrames = 0;

  /** `perSecond` in the long run, twice as many at once; 0: no limit. `now` in milliseconds, never going back. */
  constructor(
    private readonly perSecond: number,
    private readonly now: () => number,
  ) {
    this.#tokens = perSecond * 2;
    this.#refilledAt = now();
    this.#windowStart = this.#refilledAt;
  }

  count(): Verdict {
    const now = this.now();
    if (this.perSecond === 0) return ok;
    if (this.#isFlood(now)) return flood;
    this.#tokens = Math.min(this.perSecond * 2, this.#tokens + ((now - this.#refilledAt) / 1000) * this.perSecond);
    this.#refilledAt = now;
    if (this.#tokens < 1)
      return { kind: 'limited', retryAfterMs: Math.ceil((1 - this.#tokens) * (1000 / this.perSecond)) };
    this.#tokens -= 1;
    return ok;
  }

  #isFlood(now: number): boolean {
    if (now - this.#windowStart >= FLOOD_WINDOW_MS) {
      this.#windowStart = now;
      this.#windowFrames = 0;
    }
    this.#windowFrames += 1;
    const passing = this.perSecond * (2 + FLOOD_WINDOW_MS / 1_000);
    return this.#windowFrames > Math.max(FLOOD_FRAMES, FLOOD_FACTOR * passing);
  }
}
