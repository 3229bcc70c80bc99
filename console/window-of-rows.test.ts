import { expect, test } from 'vitest';
import { ROW_PX, rowsInSight, scrollToRow } from './window-of-rows.ts';

test('of ten thousand rows a few are drawn', () => {
  const { from, to } = rowsInSight(5_000 * ROW_PX, 10 * ROW_PX, 10_000);
  expect(from).toBeLessThanOrEqual(5_000);
  expect(to).toBeGreaterThanOrEqual(5_010);
  expect(to - from).toBeLessThan(40);
});

test('at the ends, and when the list has become shorter than it was scrolled, no row is drawn that is not there', () => {
  expect(rowsInSight(0, 640, 3)).toEqual({ from: 0, to: 3 });
  expect(rowsInSight(-50, 640, 3)).toEqual({ from: 0, to: 3 });
  const { from, to } = rowsInSight(100 * ROW_PX, 640, 5);
  expect([from <= to, to]).toEqual([true, 5]);
});

test('a row in sight stays where it is, another one is brought to the nearer edge', () => {
  expect(scrollToRow(2, 0, 640)).toBeUndefined();
  expect(scrollToRow(0, 100, 640)).toBe(0);
  expect(scrollToRow(20, 0, 640)).toBe(21 * ROW_PX - 640);
});
