/** Waits for what other processes and sockets do, where there is no event to wait for. */
import { setTimeout as wait } from 'node:timers/promises';

const LOOK_MS = 10;

/** Resolves with the first value of `read` that is truthy; rejects after `timeoutMs` with what `what` says. */
export async function eventually<T>(
  what: string | (() => string),
  read: () => T | Promise<T>,
  timeoutMs = 30_000,
): Promise<Exclude<T, undefined | null | false>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await read();
    if (value !== undefined && value !== null && value !== false) return value as Exclude<T, undefined | null | false>;
    if (performance.now() > deadline)
      throw new Error(`Waited ${timeoutMs} ms in vain: ${typeof what === 'string' ? what : what()}`);
    await wait(LOOK_MS);
  }
}
