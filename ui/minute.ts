import { useEffect, useMemo, useState } from 'preact/hooks';

const STEP_MS = 20_000;

/**
 * The time by the given clock, anew three times a minute: often enough for "just now" to end in time; and at once when
 * `taughtBy` changes, by which the clock may have been set right.
 */
export function useMinute(now: () => number, taughtBy: unknown): number {
  const [step, setStep] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setStep((before) => before + 1), STEP_MS);
    return () => clearInterval(timer);
  }, []);
  return useMemo(now, [now, taughtBy, step]);
}
