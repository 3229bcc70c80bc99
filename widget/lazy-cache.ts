/**
 * Keeps nothing on the device before the visitor says something.
 *
 * A first visit has nothing to read, and whoever only looks shall leave no trace: until `wake` all values stay in memory, and
 * the code that stores is not even loaded. From then on they are where the client's own cache keeps them. For somebody who was
 * here before that is from the start.
 */
import { type Cache, createMemoryCache } from '../client/cache.ts';

/** Milliseconds that a write waits while the store is still on its way; it is done later all the same. */
const PATIENCE_MS = 1_500;

export class LazyCache implements Cache {
  readonly persistent = true;
  readonly #open: () => Promise<Cache>;
  readonly #held = new Map<string, unknown>();
  #real: Promise<Cache> | undefined;

  constructor(open: () => Promise<Cache>) {
    this.#open = open;
  }

  /** The visitor begins to write: from now on what is set is kept. */
  wake(): void {
    this.#real ??= this.#moveOver();
    this.#real.catch(() => undefined);
  }

  async get(key: string): Promise<unknown> {
    return this.#real ? (await this.#real).get(key) : this.#held.get(key);
  }

  async set(key: string, value: unknown): Promise<void> {
    if (this.#real) await this.#inTime(this.#real.then((cache) => cache.set(key, value)));
    else this.#held.set(key, value);
  }

  async remove(key: string): Promise<void> {
    if (this.#real) await (await this.#real).remove(key);
    else this.#held.delete(key);
  }

  async keys(): Promise<readonly string[]> {
    return this.#real ? (await this.#real).keys() : [...this.#held.keys()];
  }

  async #moveOver(): Promise<Cache> {
    const cache = await this.#open();
    const moved = [...this.#held].map(([key, value]) => cache.set(key, value));
    this.#held.clear();
    // A value that cannot be kept (the store is full) concerns this one value.
    await Promise.allSettled(moved);
    return cache;
  }

  #inTime(work: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the store is still on its way')), PATIENCE_MS);
      work.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  }
}

/** `known`: a conversation was held here. */
export async function openWidgetCache(known: boolean): Promise<Cache & { wake?(): void }> {
  if (!canStore()) return createMemoryCache();
  const cache = new LazyCache(async () => (await import('../client/browser-cache.ts')).openBrowserCache());
  if (known || (await hasDatabase())) cache.wake();
  return cache;
}

/** Where this throws (a frame whose third-party storage is blocked), IndexedDB does, too. */
function canStore(): boolean {
  try {
    return Boolean(localStorage);
  } catch {
    // Blocked: what the loader keeps for us has to do.
    return false;
  }
}

/** Somebody wrote here, although the small note of it is gone. Not every browser can tell. */
async function hasDatabase(): Promise<boolean> {
  try {
    return (await indexedDB.databases()).some(({ name }) => name === 'inlay');
  } catch {
    // Blocked, or unknown to this browser.
    return false;
  }
}
