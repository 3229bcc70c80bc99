import { expect, test } from 'vitest';
import { wordsIn } from './words.ts';

test('Chinese in any of its forms is Chinese, everything else is English', () => {
  expect(['zh', 'zh-CN', 'zh-Hant-TW', 'ZH-cn'].map((locale) => wordsIn(locale)[4])).toEqual(Array(4).fill('zh-CN'));
  expect(['en-GB', 'de', '', 'az-zh'].map((locale) => wordsIn(locale)[4])).toEqual(Array(4).fill('en'));
});
