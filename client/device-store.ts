/**
 * What this device keeps of one tenant and one kind of actor, over a Cache that may fail at any time.
 *
 * A cache that hangs is given up after a deadline, for good: all of it is in memory anyway, and a message must not wait for a
 * broken disk. Values that can be fetched again are written late and together; what exists nowhere else (the outbox, the
 * visitor's key) is written at once, and the caller waits for it.
 */
import { type ReadonlySignal, signal } from '@preact/signals-core';
import { type Cache, createMemoryCache } from './cache.ts';

/** Milliseconds after which a cache that has not answered is given up. */
export const CACHE_TIMEOUT_MS = 2_000;
/** Milliseconds for a value with a Blob in it, which may be large. */
export const BLOB_TIMEOUT_MS = 20_000;
/** Milliseconds by which late writes are gathered. */
const GATHER_MS = 300;

export class DeviceStore {
  readonly #prefix: string;
  readonly #late = new Map<string, () => unknown>();
  readonly #running = new Set<Promise<unknown>>();
  readonly #persistent = signal(false);
  #cache: Cache = createMemoryCache();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `prefix` keeps tenants, kinds of actors and versions of the stored form apart. */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  get persistent(): ReadonlySignal<boolean> {
    return this.#persistent;
  }

  async open(opening: () => Promise<Cache>): Promise<void> {
    // A cache that throws or hangs is none: memory, and `persistent` stays false.
    const cache = await within(CACHE_TIMEOUT_MS, opening).catch(() => undefined);
    if (!cache) return;
    this.#cache = cache;
    this.#persistent.value = cache.persistent;
  }

  /** Undefined when there is none, or none can be had. The form of what was kept is that of what was written. */
  async read<Value>(key: string): Promise<Value | undefined> {
    const value = await this.#try((cache) => cache.get(this.#prefix + key));
    return (value ?? undefined) as Value | undefined;
  }

  /** All values whose key begins with `start`, without an order. */
  async readAll<Value>(start: string): Promise<Value[]> {
    const keys = (await this.#keys(start)) ?? [];
    const values = await Promise.all(keys.map((key) => this.#try((cache) => cache.get(key))));
    return values.filter((value): value is Value => value !== undefined && value !== null);
  }

  /** True only when the cache is well and does not have it: somebody else took it away. */
  async isGone(key: string): Promise<boolean> {
    const keys = await this.#keys(key);
    return keys !== undefined && !keys.includes(this.#prefix + key);
  }

  /** At once. False: it is not kept. */
  async write(key: string, value: unknown, timeoutMs = CACHE_TIMEOUT_MS): Promise<boolean> {
    this.#late.delete(key);
    const done = await this.#try(async (cache) => {
      await cache.set(this.#prefix + key, value);
      return true;
    }, timeoutMs);
    return done === true;
  }

  /** Soon, with its value of then; undefined takes it away. */
  writeLate(key: string, value: () => unknown): void {
    this.#late.set(key, value);
    this.#timer ??= setTimeout(() => void this.flush(), GATHER_MS);
  }

  async remove(key: string): Promise<void> {
    this.#late.delete(key);
    await this.#try((cache) => cache.remove(this.#prefix + key));
  }

  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const late = [...this.#late];
    this.#late.clear();
    const write = (key: string, value: unknown) => (value === undefined ? this.remove(key) : this.write(key, value));
    await Promise.all(late.map(([key, value]) => write(key, value())));
  }

  /** Everything of this tenant and actor. */
  async wipe(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#late.clear();
    await Promise.all(this.#running);
    const keys = (await this.#keys('')) ?? [];
    await Promise.all(keys.map((key) => this.#try((cache) => cache.remove(key))));
  }

  async #keys(start: string): Promise<readonly string[] | undefined> {
    const keys = await this.#try((cache) => cache.keys());
    return keys?.filter((key) => key.startsWith(this.#prefix + start));
  }

  async #try<Value>(act: (cache: Cache) => Promise<Value>, timeoutMs = CACHE_TIMEOUT_MS): Promise<Value | undefined> {
    const cache = this.#cache;
    const running = within(timeoutMs, () => act(cache)).catch((error: unknown) => {
      if (error === TIMED_OUT) this.#giveUp(cache);
      // Anything else (full, a value it cannot take) concerns this one value, which is then not kept.
      return undefined;
    });
    this.#running.add(running);
    const value = await running;
    this.#running.delete(running);
    return value;
  }

  #giveUp(cache: Cache): void {
    if (this.#cache !== cache) return;
    this.#cache = createMemoryCache();
    this.#persistent.value = false;
  }
}

const TIMED_OUT = Symbol('timed out');

function within<Value>(timeoutMs: number, act: () => Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(TIMED_OUT), timeoutMs);
    // Some caches throw where they should reject.
    Promise.resolve()
      .then(act)
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}
