import { expect, test } from 'vitest';
import { clockTime, dayName, daysBetween, shortStamp, stamp } from './time.ts';

const at = (day: number, hour: number, minute = 0) => new Date(2026, 10, day, hour, minute).getTime();
const now = at(21, 15, 30);

test('less than a minute ago is "just now", in either direction of a clock that is a little off', () => {
  expect(stamp(now - 59_000, now, 'en', 'just now')).toBe('just now');
  expect(stamp(now + 5_000, now, 'en', 'just now')).toBe('just now');
  expect(stamp(now - 60_000, now, 'en', 'just now')).toBe('15:29');
});

test('times are of the day, of yesterday, of a date, of another year', () => {
  expect(stamp(at(21, 9, 5), now, 'en', '')).toBe('09:05');
  expect(stamp(at(20, 14, 5), now, 'en', '')).toBe('yesterday 14:05');
  expect(stamp(at(3, 14, 5), now, 'en-GB', '')).toBe('3 Nov 14:05');
  expect(stamp(new Date(2025, 10, 3, 14, 5).getTime(), now, 'en-GB', '')).toBe('3 Nov 2025 14:05');
  expect(stamp(at(20, 14, 5), now, 'zh-CN', '刚刚')).toBe('昨天 14:05');
});

test('midnight is 00:00, not 24:00', () => {
  expect(clockTime(at(21, 0), 'en')).toBe('00:00');
});

test('yesterday is a matter of the calendar, not of 24 hours', () => {
  expect(daysBetween(at(20, 23, 59), at(21, 0, 1))).toBe(1);
  expect(daysBetween(at(21, 0, 1), at(21, 23, 59))).toBe(0);
});

test('the line between days names them', () => {
  expect(dayName(at(21, 1), now, 'en')).toBe('Today');
  expect(dayName(at(20, 1), now, 'en')).toBe('Yesterday');
  // With or without a comma: ICU has changed its mind.
  expect(dayName(at(3, 1), now, 'en-GB')).toMatch(/^Tue,? 3 Nov$/);
  expect(dayName(at(21, 1), now, 'zh-CN')).toBe('今天');
});

test('a narrow list gets one of them', () => {
  expect(shortStamp(at(21, 9, 5), now, 'en', '')).toBe('09:05');
  expect(shortStamp(at(20, 9, 5), now, 'en', '')).toBe('yesterday');
  expect(shortStamp(at(3, 9, 5), now, 'en-GB', '')).toBe('3 Nov');
});
