import { expect, test } from 'vitest';
import { isEmojiOnly } from './text.tsx';

test('up to three emoji alone are drawn large', () => {
  for (const text of ['👍', '❤️', '👩‍💻', '👋🏽', '🎉 🎉', '😀😀😀']) expect(isEmojiOnly(text)).toBe(true);
});

test('text, digits and more than three emoji are not', () => {
  for (const text of ['ok 👍', '1', '#', '', '😀😀😀😀', '！']) expect(isEmojiOnly(text)).toBe(false);
});
