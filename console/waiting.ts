/** How long somebody has waited, in the shortest words that still say it. */

/** Milliseconds of waiting from which on a row is coloured. */
export const TOO_LONG_MS = 5 * 60_000;

export interface DurationWords {
  readonly now: string;
  readonly seconds: (count: number) => string;
  readonly minutes: (count: number) => string;
  readonly hours: (count: number) => string;
  readonly days: (count: number) => string;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export interface Waiting {
  readonly text: string;
  readonly tooLong: boolean;
}

/** Rounded down: nobody has waited "5 min" before five minutes are over. */
export function waitingFor(since: number, now: number, words: DurationWords): Waiting {
  const passedMs = Math.max(0, now - since);
  return { text: rounded(passedMs, words), tooLong: passedMs > TOO_LONG_MS };
}

function rounded(passedMs: number, words: DurationWords): string {
  if (passedMs < MINUTE_MS) return words.now;
  if (passedMs < HOUR_MS) return words.minutes(Math.floor(passedMs / MINUTE_MS));
  if (passedMs < DAY_MS) return words.hours(Math.floor(passedMs / HOUR_MS));
  return words.days(Math.floor(passedMs / DAY_MS));
}

/** A wait that lies ahead, rounded up: what is said to be over is over. */
export function waitAhead(ms: number, words: DurationWords): string {
  if (ms <= MINUTE_MS) return words.seconds(Math.max(1, Math.ceil(ms / 1_000)));
  if (ms <= HOUR_MS) return words.minutes(Math.ceil(ms / MINUTE_MS));
  return words.hours(Math.ceil(ms / HOUR_MS));
}
