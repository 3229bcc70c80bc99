import { expect, test } from 'vitest';
import { words as en } from './locale/en.ts';
import { words as zh } from './locale/zh-CN.ts';
import { TOO_LONG_MS, waitAhead, waitingFor } from './waiting.ts';

const MINUTE = 60_000;

test('a wait is told in its largest whole unit', () => {
  const after = (ms: number) => waitingFor(0, ms, en.duration).text;
  expect([after(0), after(59_999), after(MINUTE), after(59 * MINUTE)]).toEqual([
    'just now',
    'just now',
    '1 min',
    '59 min',
  ]);
  expect([after(60 * MINUTE), after(26 * 60 * MINUTE), after(49 * 60 * MINUTE)]).toEqual(['1 h', '1 day', '2 days']);
  expect(waitingFor(0, 3 * MINUTE, zh.duration).text).toBe('3 分钟');
});

test('only what is longer than five minutes is too long', () => {
  expect(waitingFor(0, TOO_LONG_MS, en.duration).tooLong).toBe(false);
  expect(waitingFor(0, TOO_LONG_MS + 1, en.duration).tooLong).toBe(true);
});

test('a clock that is behind makes no negative wait', () => {
  expect(waitingFor(10_000, 0, en.duration)).toEqual({ text: 'just now', tooLong: false });
});

test('a wait that lies ahead is rounded up', () => {
  expect(waitAhead(400, en.duration)).toBe('1 second');
  expect(waitAhead(42_000, en.duration)).toBe('42 seconds');
  expect(waitAhead(61_000, en.duration)).toBe('2 min');
  expect(waitAhead(2 * 60 * MINUTE, zh.duration)).toBe('2 小时');
});
