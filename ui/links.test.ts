import { expect, test } from 'vitest';
import { findLinks } from './links.ts';

const links = (text: string) => findLinks(text).flatMap((part) => (part.href ? [part.text] : []));
const whole = (text: string) =>
  findLinks(text)
    .map((part) => part.text)
    .join('');

test('http and https addresses become links, and the text around them stays', () => {
  expect(findLinks('see https://example.com/a?b=1#c now')).toEqual([
    { text: 'see ' },
    { text: 'https://example.com/a?b=1#c', href: 'https://example.com/a?b=1#c' },
    { text: ' now' },
  ]);
  expect(links('http://localhost:8080/x and HTTPS://EXAMPLE.com')).toEqual([
    'http://localhost:8080/x',
    'HTTPS://EXAMPLE.com',
  ]);
});

test.each([
  'javascript:alert(1)',
  'data:text/html,<b>',
  'ftp://example.com',
  'mailto:a@b.c',
  'example.com',
  '<a href="x">',
])('nothing else becomes a link: %s', (text) => {
  expect(findLinks(text)).toEqual([{ text }]);
});

test('punctuation at the end belongs to the sentence', () => {
  expect(links('Look at https://example.com/a. Or (https://example.com/b), or https://example.com/c!')).toEqual([
    'https://example.com/a',
    'https://example.com/b',
    'https://example.com/c',
  ]);
  expect(links('https://en.wikipedia.org/wiki/Tea_(meal)')).toEqual(['https://en.wikipedia.org/wiki/Tea_(meal)']);
});

test('Chinese text that follows without a space is not part of the address', () => {
  expect(links('物流：https://example.com/t?id=1，请查收')).toEqual(['https://example.com/t?id=1']);
  expect(links('看https://example.com谢谢')).toEqual(['https://example.com']);
});

test('an address that pretends to be another one is no link', () => {
  expect(links('https://bank.com@evil.com/login')).toEqual([]);
});

test('markup in an address stays text', () => {
  expect(links('https://example.com/"><script>alert(1)</script>')).toEqual(['https://example.com/']);
});

test('no character is lost, however odd the text', () => {
  for (const text of ['', 'https://', 'https://a.b https://c.d', 'x'.repeat(10_000), 'https://a.b/'.repeat(800)])
    expect(whole(text)).toBe(text);
});
