/**
 * What a device keeps between visits: a small store of named values that may be slow, full, blocked or gone.
 *
 * The server holds the truth, so a cache is never waited for longer than a deadline and never an obstacle: a read that fails is
 * "nothing there", a write that fails is "not kept". What must know more asks `persistent` (does it survive a reload?).
 */

/** The keeping itself, over whatever a platform offers. Any method may throw, reject, or never answer. */
export interface Cache {
  /** What is set here is still there after a reload. */
  readonly persistent: boolean;
  /** Undefined when there is none. Values are what structuredClone can copy, Blobs among them. */
  get(key: string): Promise<unknown>;
  /** Rejects when the value cannot be kept, e.g. because the store is full or takes no Blobs. */
  set(key: string, value: unknown): Promise<void>;
  remove(key: string): Promise<void>;
  keys(): Promise<readonly string[]>;
}

/** Keeps nothing beyond the page; with a `values` given, as long as its owner keeps that. */
export function createMemoryCache(values = new Map<string, unknown>()): Cache {
  return {
    persistent: false,
    get: async (key) => values.get(key),
    set: async (key, value) => {
      values.set(key, value);
    },
    remove: async (key) => {
      values.delete(key);
    },
    keys: async () => [...values.keys()],
  };
}
