import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Cache, createMemoryCache } from './cache.ts';
import { CACHE_TIMEOUT_MS, DeviceStore } from './device-store.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const values = new Map<string, unknown>();
beforeEach(() => values.clear());

async function storeOver(bend: Partial<Cache> = {}, prefix = 'demo/'): Promise<DeviceStore> {
  const store = new DeviceStore(prefix);
  await store.open(async () => ({ ...createMemoryCache(values), persistent: true, ...bend }));
  return store;
}
const never = () => new Promise<never>(() => {});
const fail = () => Promise.reject(new Error('QuotaExceededError'));

test('what is written is read again, and apart from what another tenant keeps', async () => {
  const store = await storeOver();
  const other = await storeOver({}, 'other/');
  expect(await store.write('session', { token: 'a' })).toBe(true);
  await other.write('session', { token: 'b' });
  expect(await store.read('session')).toEqual({ token: 'a' });
  await store.wipe();
  expect([await store.read('session'), await other.read('session')]).toEqual([undefined, { token: 'b' }]);
});

test('late writes are gathered, and flushed on demand with the newest value', async () => {
  const set = vi.fn(async () => {});
  const store = await storeOver({ set });
  let value = 1;
  store.writeLate('welcome', () => value);
  store.writeLate('welcome', () => value);
  value = 2;
  expect(set).not.toHaveBeenCalled();
  await store.flush();
  expect(set.mock.calls).toEqual([['demo/welcome', 2]]);
});

test('a cache that throws keeps nothing and breaks nothing', async () => {
  const store = await storeOver({ get: fail, set: fail, keys: fail, remove: fail });
  expect([await store.read('session'), await store.write('session', 1), await store.readAll('outbox/')]).toEqual([
    undefined,
    false,
    [],
  ]);
  await store.remove('session');
  await store.wipe();
  expect(await store.isGone('session')).toBe(false);
});

test('a cache that hangs is given up after its time, and memory takes its place', async () => {
  const store = await storeOver({ get: never });
  expect(store.persistent.value).toBe(true);
  const read = store.read('session');
  await vi.advanceTimersByTimeAsync(CACHE_TIMEOUT_MS);
  expect(await read).toBe(undefined);
  expect(store.persistent.value).toBe(false);
  expect(await store.write('session', 1)).toBe(true);
  expect(await store.read('session')).toBe(1);
});

test('a cache that does not even open is memory', async () => {
  const store = new DeviceStore('demo/');
  const opening = store.open(never);
  await vi.advanceTimersByTimeAsync(CACHE_TIMEOUT_MS);
  await opening;
  expect([store.persistent.value, await store.write('a', 1), await store.read('a')]).toEqual([false, true, 1]);
});

test('what another tab took away is gone; what is there is not', async () => {
  const store = await storeOver();
  await store.write('outbox/a', 1);
  expect(await store.isGone('outbox/a')).toBe(false);
  values.clear();
  expect(await store.isGone('outbox/a')).toBe(true);
});
