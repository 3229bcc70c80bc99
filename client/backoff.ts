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

/** `attempt` counts the tries that failed, from 1. */
export function backoffMs(attempt: number, random = Math.random): number {
  const span = attempt <= 1 ? FIRST_MS : Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** Math.min(attempt - 1, 16));
  return Math.round(span * random());
}
