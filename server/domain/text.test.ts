import { expect, test } from 'vitest';
import { checkText, cleanLine, cleanText, truncate } from './text.ts';

test.each(['Hello', ' spaces stay ', 'two\nlines', '<b>not markup</b>', '字', '👨‍👩‍👧', 'שלום', '0'])(
  'the text %j is kept letter by letter',
  (text) => {
    expect(checkText(text)).toBe(text);
  },
);

test.each(['', ' ', '\n\t ', '\u00a0\u3000', '\u200b\u200d\ufeff', '\0', '\ud800'])(
  '%j says nothing: text-empty',
  (text) => {
    expect(() => checkText(text)).toThrow(expect.objectContaining({ code: 'text-empty' }));
  },
);

test('10,000 characters are accepted, 10,001 are text-too-long', () => {
  expect(checkText('字'.repeat(10_000))).toHaveLength(10_000);
  expect(() => checkText('字'.repeat(10_001))).toThrow(expect.objectContaining({ code: 'text-too-long' }));
});

test('NUL and half characters are taken out, whole ones stay', () => {
  expect(cleanText('a\0b\ud83d😀\ude00c')).toBe('ab😀c');
});

test('a line is one line, without what turns the direction of text', () => {
  expect(cleanLine('  An\r\nn\u0007\u2028Lee\u202egnp.exe ', 60)).toBe('An n Leegnp.exe');
});

test('a cut never leaves half a character', () => {
  expect(truncate('ab😀', 3)).toBe('ab');
  expect(truncate('ab😀', 4)).toBe('ab😀');
});
