import { expect, test } from 'vitest';
import { objectionTo } from './file-check.ts';
import { words } from './locale/en.ts';

const speech = { words, locale: 'en' };
const limits = { fileMaxBytes: 1_000_000, fileMediaTypes: ['image/png', 'text/plain'] };
const file = (over = {}) => ({ name: 'a.png', size: 10, type: 'image/png', ...over });

test('a good file has nothing against it, also where the limits or its type are not known', () => {
  expect(objectionTo(file(), limits, speech)).toBeUndefined();
  expect(objectionTo(file({ type: '' }), limits, speech)).toBeUndefined();
  expect(objectionTo(file({ type: 'video/mp4', size: 9e9 }), undefined, speech)).toBeUndefined();
});

test('what is too large, empty or of a wrong kind is told so by name', () => {
  expect(objectionTo(file({ size: 1_000_001 }), limits, speech)).toBe('a.png is larger than 1 MB.');
  expect(objectionTo(file({ size: 0 }), limits, speech)).toBe('a.png is empty.');
  expect(objectionTo(file({ type: 'video/mp4' }), limits, speech)).toContain('files of this kind');
});
