/** Waiting for what a signal says, never for a time. */
import { effect } from '@preact/signals-core';

/** Milliseconds before a wait is given up. */
const TIMEOUT_MS = 10_000;

/**
 * Resolves with the first value of `read` that is neither undefined nor false nor null. `read` is run again whenever a signal
 * that it read has changed; `what` stands in the error.
 */
export function waitFor<Value>(
  what: string,
  read: () => Value | undefined | null | false,
  timeoutMs = TIMEOUT_MS,
): Promise<Value> {
  return new Promise((resolve, reject) => {
    let dispose = () => {};
    const end = (act: () => void) => {
      clearTimeout(timer);
      // An effect may finish before its own dispose is known.
      queueMicrotask(() => dispose());
      act();
    };
    const timer = setTimeout(() => end(() => reject(new Error(`Waited in vain: ${what}`))), timeoutMs);
    dispose = effect(() => {
      try {
        const value = read();
        if (value !== undefined && value !== null && value !== false) end(() => resolve(value));
      } catch (error) {
        end(() => reject(error));
      }
    });
  });
}
