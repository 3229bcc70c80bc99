/**
 * How long to wait before the next try: full jitter over a time that doubles. Full jitter, because after a restart of the server
 * all clients come back at once, and only randomness over the whole span pulls them apart.
 */

/** Milliseconds: the span of the second try. */
export const BACKOFF_BASE_MS = 500;
/** Milliseconds: no wait is longer. */
export const BACKOFF_MAX_MS = 30_000;
/** Milliseconds: the span of the first retry, which is "at once" without all clients doing it in the same instant. */
const FIRST_MS = 100;
/** Milliseconds: those who were told the same time come over at least so long. */
const TOLD_SPREAD_MIN_MS = 1_000;

/** `attempt` counts the tries that failed, from 1. */
export function backoffMs(attempt: number, random = Math.random, maxMs = BACKOFF_MAX_MS): number {
  const span = attempt <= 1 ? FIRST_MS : Math.min(maxMs, BACKOFF_BASE_MS * 2 ** Math.min(attempt - 1, 16));
  return Math.round(span * random());
}

/** Never sooner than told, and not together with all the others who were told the same. */
export function toldMs(retryAfterMs: number, random = Math.random): number {
  return Math.round(retryAfterMs + random() * Math.max(retryAfterMs / 2, TOLD_SPREAD_MIN_MS));
}
