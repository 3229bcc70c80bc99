import { expect, test, vi } from 'vitest';
import { createMemoryCache } from '../client/cache.ts';
import { LazyCache } from './lazy-cache.ts';

function setUp() {
  const kept = new Map<string, unknown>();
  const open = vi.fn(async () => createMemoryCache(kept));
  return { kept, open, cache: new LazyCache(open) };
}

test('before the first word nothing is opened or kept, and all can be read', async () => {
  const { kept, open, cache } = setUp();
  await cache.set('welcome', 1);
  expect(await cache.get('welcome')).toBe(1);
  expect(await cache.keys()).toEqual(['welcome']);
  await cache.remove('welcome');
  expect(await cache.get('welcome')).toBeUndefined();
  expect(open).not.toHaveBeenCalled();
  expect(kept.size).toBe(0);
});

test('with the first word what was held is kept, and what comes later, in order', async () => {
  const { kept, open, cache } = setUp();
  await cache.set('a', 'old');
  cache.wake();
  cache.wake();
  await cache.set('a', 'new');
  await cache.set('b', 2);
  expect(Object.fromEntries(kept)).toEqual({ a: 'new', b: 2 });
  expect(open).toHaveBeenCalledOnce();
});

test('a store that cannot be opened fails each write, and breaks nothing else', async () => {
  const cache = new LazyCache(() => Promise.reject(new Error('no network')));
  cache.wake();
  await expect(cache.set('a', 1)).rejects.toThrow('no network');
});

test('a write does not wait for ever for a store on its way, and is done when it comes', async () => {
  vi.useFakeTimers();
  const kept = new Map<string, unknown>();
  let arrive = () => {};
  const cache = new LazyCache(() => new Promise((resolve) => (arrive = () => resolve(createMemoryCache(kept)))));
  cache.wake();
  const refused = expect(cache.set('a', 1)).rejects.toThrow('on its way');
  await vi.advanceTimersByTimeAsync(2_000);
  await refused;
  arrive();
  vi.useRealTimers();
  await vi.waitFor(() => expect(kept.get('a')).toBe(1));
});
