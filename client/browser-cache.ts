/**
 * The cache of a browser: localforage over IndexedDB, else over localStorage, else memory.
 *
 * Any rung of the ladder may be missing or throw at its first use, e.g. in an iframe whose third-party storage is blocked.
 */
import localforage from 'localforage';
import { type Cache, createMemoryCache } from './cache.ts';

export async function openBrowserCache(): Promise<Cache> {
  try {
    const { INDEXEDDB, LOCALSTORAGE } = localforage;
    const store = localforage.createInstance({ name: 'inlay', storeName: 'client', driver: [INDEXEDDB, LOCALSTORAGE] });
    await store.ready();
    return {
      persistent: true,
      get: (key) => store.getItem(key),
      set: async (key, value) => {
        await store.setItem(key, value);
      },
      remove: (key) => store.removeItem(key),
      keys: () => store.keys(),
    };
  } catch {
    // No rung holds: the page lives in memory, and `persistent` tells it.
    return createMemoryCache();
  }
}

/** Where there is no browser there is nothing to keep things in. */
export const openDefaultCache = async (): Promise<Cache> =>
  'indexedDB' in globalThis || 'localStorage' in globalThis ? openBrowserCache() : createMemoryCache();
