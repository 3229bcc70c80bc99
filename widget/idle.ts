/** Milliseconds after which it is done even on a page that is never idle. */
const LATEST_MS = 10_000;

export function whenIdle(act: () => void): void {
  // Safari has no requestIdleCallback.
  if ('requestIdleCallback' in window) requestIdleCallback(act, { timeout: LATEST_MS });
  else setTimeout(act, 3_000);
}
