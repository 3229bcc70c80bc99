import { expect, test } from 'vitest';
import { localeFor, Preferences } from './preferences.ts';

function memory(values = new Map<string, string>()) {
  return {
    values,
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
  };
}

test('what was set is there again, and nothing is written before', () => {
  const storage = memory();
  const before = new Preferences(() => storage);
  expect([before.theme.value, before.sound.value, storage.values.size]).toEqual(['system', 'on', 0]);
  before.theme.value = 'dark';
  expect(new Preferences(() => storage).theme.value).toBe('dark');
});

test('a storage that throws does no harm, and what it holds is not believed', () => {
  const broken = new Preferences(() => {
    throw new Error('blocked');
  });
  broken.sound.value = 'off';
  expect(broken.sound.value).toBe('off');
  const odd = memory(new Map([['inlay-console.theme', 'purple']]));
  expect(new Preferences(() => odd).theme.value).toBe('system');
});

test('the language is the chosen one, else the first of the browser that we speak', () => {
  expect(localeFor('zh-CN', ['en'])).toBe('zh-CN');
  expect(localeFor('system', ['fr-FR', 'zh-TW', 'en'])).toBe('zh-CN');
  expect(localeFor('system', ['de', 'en-GB', 'zh'])).toBe('en');
  expect(localeFor('system', ['fr'])).toBe('en');
});
