import { expect, test } from 'vitest';
import { BACKOFF_BASE_MS, BACKOFF_MAX_MS, backoffMs, toldMs } from './backoff.ts';

const longest = () => 1;

test('the first retry is quick', () => {
  expect(backoffMs(1, longest)).toBeLessThanOrEqual(100);
});

test('the span doubles and ends at the maximum', () => {
  expect([2, 3, 4].map((attempt) => backoffMs(attempt, longest))).toEqual([
    BACKOFF_BASE_MS * 2,
    BACKOFF_BASE_MS * 4,
    BACKOFF_BASE_MS * 8,
  ]);
  expect(backoffMs(9, longest)).toBe(BACKOFF_MAX_MS);
  expect(backoffMs(1_000_000, longest)).toBe(BACKOFF_MAX_MS);
});

test('the jitter covers the whole span', () => {
  expect(backoffMs(9, () => 0)).toBe(0);
  expect(backoffMs(9, () => 0.5)).toBe(BACKOFF_MAX_MS / 2);
});

test('another maximum changes only the late tries', () => {
  expect(backoffMs(3, longest, 300_000)).toBe(backoffMs(3, longest));
  expect(backoffMs(1_000_000, longest, 300_000)).toBe(300_000);
});

test('a time that was told is never cut, and is spread', () => {
  expect([toldMs(10_000, () => 0), toldMs(10_000, () => 1)]).toEqual([10_000, 15_000]);
  expect(toldMs(0, () => 1)).toBe(1_000);
});
