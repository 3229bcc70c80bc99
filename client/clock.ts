/** The server's time on a device whose own clock may be wrong by years, or be set while we run. */
export interface Clock {
  /** Milliseconds since 1970 by the server. */
  now(): number;
  /** The server said what time it is. */
  learn(serverNow: number): void;
  /** Until it says so: what it was ahead of the device's clock last time. */
  assume(aheadMs: number): void;
}

/** A clock that no user can set: it only runs on. */
const elapsed = () => performance.now();

export function createClock(deviceNow = () => Date.now()): Clock {
  // Until the server has spoken for the first time, the device's own time is all there is.
  let offset = deviceNow() - elapsed();
  let learned = false;
  return {
    now: () => Math.round(elapsed() + offset),
    learn(serverNow) {
      learned = true;
      offset = serverNow - elapsed();
    },
    assume(aheadMs) {
      if (!learned) offset = deviceNow() + aheadMs - elapsed();
    },
  };
}
