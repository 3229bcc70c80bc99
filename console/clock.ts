/** A clock for words like "5 min": it moves in steps, and stands still while nobody looks. */
import { effect, type ReadonlySignal, signal } from '@preact/signals';

/** Milliseconds of one step: short enough that "too long" turns in time. */
const STEP_MS = 10_000;

export class Clock {
  readonly #now: () => number;
  readonly #time;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #stopLearning: () => void;
  readonly #tick = () => {
    if (document.visibilityState === 'visible') this.#time.value = this.#now();
  };

  /** `now`: the server's time, see client.now(); when `taughtBy` changes, it may have been set right. */
  constructor(now: () => number, taughtBy: ReadonlySignal<unknown>) {
    this.#now = now;
    this.#time = signal(now());
    this.#stopLearning = effect(() => {
      taughtBy.value;
      this.#time.value = now();
    });
    this.#timer = setInterval(this.#tick, STEP_MS);
    document.addEventListener('visibilitychange', this.#tick);
  }

  get time(): ReadonlySignal<number> {
    return this.#time;
  }

  stop(): void {
    this.#stopLearning();
    clearInterval(this.#timer);
    document.removeEventListener('visibilitychange', this.#tick);
  }
}
