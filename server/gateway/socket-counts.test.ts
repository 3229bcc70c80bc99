import { expect, test } from 'vitest';
import { SocketCounts } from './socket-counts.ts';

test('an address has so many places and no more, another address has its own', () => {
  const counts = new SocketCounts(2, 10);
  const first = counts.take('a', 'shop');
  expect(counts.take('a', 'shop')).toBeDefined();
  expect(counts.take('a', 'shop')).toBeUndefined();
  expect(counts.take('b', 'shop')).toBeDefined();
  first?.();
  expect(counts.take('a', 'shop')).toBeDefined();
});

test('a tenant that is full does not take places from another', () => {
  const counts = new SocketCounts(10, 1);
  expect(counts.take('a', 'shop')).toBeDefined();
  expect(counts.take('b', 'shop')).toBeUndefined();
  expect(counts.take('b', 'bank')).toBeDefined();
});

test('a place is given back once, however often it is said', () => {
  const counts = new SocketCounts(1, 10);
  const release = counts.take('a', 'shop');
  release?.();
  release?.();
  expect(counts.take('a', 'shop')).toBeDefined();
  expect(counts.take('a', 'shop')).toBeUndefined();
});
