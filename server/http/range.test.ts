import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { parseRange, sliceOf } from './range.ts';

test('a range is read as the standard says', () => {
  expect(parseRange('bytes=0-', 10)).toEqual({ start: 0, end: 9 });
  expect(parseRange('bytes=2-4', 10)).toEqual({ start: 2, end: 4 });
  expect(parseRange('bytes=8-99', 10)).toEqual({ start: 8, end: 9 });
  expect(parseRange('bytes=-3', 10)).toEqual({ start: 7, end: 9 });
  expect(parseRange('bytes=-99', 10)).toEqual({ start: 0, end: 9 });
});

test('what is no single range gets the whole, what lies outside is refused', () => {
  for (const header of [undefined, 'bytes=-', 'bytes=4-2', 'bytes=0-1,3-4', 'pages=1-2', 'bytes=a-b'])
    expect([header, parseRange(header, 10)]).toEqual([header, undefined]);
  expect(parseRange('bytes=10-', 10)).toBe('unsatisfiable');
  expect(parseRange('bytes=-0', 10)).toBe('unsatisfiable');
});

test('a slice runs over the borders of chunks', async () => {
  const source = () => Readable.from([Buffer.from('0123'), Buffer.from('4567'), Buffer.from('89')]);
  expect(await text(sliceOf(source(), { start: 2, end: 5 }))).toBe('2345');
  expect(await text(sliceOf(source(), { start: 8, end: 9 }))).toBe('89');
  expect(await text(sliceOf(source(), { start: 0, end: 9 }))).toBe('0123456789');
});
