import { expect, test } from 'vitest';
import { words as en } from './locale/en.ts';
import { words as zh } from './locale/zh-CN.ts';
import { inLanguage, intlLocale, pickLanguage } from './locale.ts';

test('the first language that we speak is taken, any Chinese is zh-CN, none is English', () => {
  expect(pickLanguage(['zh-CN', 'en'])).toBe('zh-CN');
  expect(pickLanguage([undefined, 'fr-FR', 'zh-TW'])).toBe('zh-CN');
  expect(pickLanguage(['en-GB', 'zh'])).toBe('en');
  expect(pickLanguage(['fr', 'de'])).toBe('en');
  expect(pickLanguage(['zhongwen'])).toBe('en');
});

test('dates are written as the visitor does, if the browser says it of this language', () => {
  expect(intlLocale('en', ['de', 'en-GB'])).toBe('en-GB');
  expect(intlLocale('zh-CN', ['en-GB'])).toBe('zh-CN');
});

test('a text of the tenant falls back to English, then to any', () => {
  expect(inLanguage({ 'en': 'a', 'zh-CN': 'b' }, 'zh-CN')).toBe('b');
  expect(inLanguage({ en: 'a', fr: 'c' }, 'zh-CN')).toBe('a');
  expect(inLanguage({ fr: 'c' }, 'en')).toBe('c');
  expect(inLanguage(undefined, 'en')).toBeUndefined();
});

test('both languages know the reasons of the same failures', () => {
  expect(Object.keys(zh.failures).sort()).toEqual(Object.keys(en.failures).sort());
  expect(Object.keys(zh.refused).sort()).toEqual(Object.keys(en.refused).sort());
});
