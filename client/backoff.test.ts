import { expect, test } from 'vitest';
import { BACKOFF_BASE_MS, BACKOFF_MAX_MS, backoffMs } from './backoff.ts';

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
