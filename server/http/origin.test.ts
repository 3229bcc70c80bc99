import { expect, test } from 'vitest';
import { frameAncestors, isAllowedOrigin, isOwnOrigin } from './origin.ts';

test('the own origin is the configured one, or the host that was asked', () => {
  const own = (origin: string, host?: string) => isOwnOrigin(origin, 'https://chat.example.com', host);
  expect(own('https://chat.example.com', 'backend:8080')).toBe(true);
  expect(own('http://127.0.0.1:8080', '127.0.0.1:8080')).toBe(true);
  expect(own('http://127.0.0.1:8081', '127.0.0.1:8080')).toBe(false);
  expect(own('https://chat.example.com.evil.example', 'chat.example.com')).toBe(false);
  expect(own('null', undefined)).toBe(false);
});

test('an allowed origin is compared whole: scheme, host and port', () => {
  const allowed = ['https://www.example.com', 'http://localhost:3000'];
  expect(isAllowedOrigin('https://www.example.com', allowed)).toBe(true);
  expect(isAllowedOrigin('http://localhost:3000', allowed)).toBe(true);
  for (const foreign of [
    'http://www.example.com',
    'https://www.example.com:444',
    'https://www.example.com.evil.example',
    'https://evil.example/https://www.example.com',
    'null',
    '',
  ])
    expect([foreign, isAllowedOrigin(foreign, allowed)]).toEqual([foreign, false]);
});

test('a star stands for the hosts below, not for the host itself or one that ends alike', () => {
  const allowed = ['https://*.example.com'];
  expect(isAllowedOrigin('https://shop.example.com', allowed)).toBe(true);
  expect(isAllowedOrigin('https://a.shop.example.com', allowed)).toBe(true);
  expect(isAllowedOrigin('https://example.com', allowed)).toBe(false);
  expect(isAllowedOrigin('https://evilexample.com', allowed)).toBe(false);
  expect(isAllowedOrigin('http://shop.example.com', allowed)).toBe(false);
  expect(isAllowedOrigin('https://anywhere.example', ['*'])).toBe(true);
});

test('an entry that would break out of frame-ancestors is left out, and nothing means nobody', () => {
  const entries = ['https://www.example.com', "*; script-src 'unsafe-inline'", 'https://*.example.org'];
  expect(frameAncestors(entries, true)).toBe("'self' https://www.example.com https://*.example.org");
  expect(frameAncestors(entries, false)).toBe('https://www.example.com https://*.example.org');
  expect(frameAncestors([], false)).toBe("'none'");
});
