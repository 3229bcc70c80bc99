import { expect, test } from 'vitest';
import { sessionCookie } from './cookies.ts';

test('a cookie that was written is read back among others', () => {
  const cookie = sessionCookie('http://localhost:8080');
  const header = cookie.write('a.b.c', 60);
  expect(header).toBe('inlay-session=a.b.c; Path=/; HttpOnly; SameSite=Strict; Max-Age=60');
  expect(cookie.read(`theme=dark; ${header.split(';')[0]}; x`)).toBe('a.b.c');
  expect(cookie.read('xinlay-session=1')).toBeUndefined();
  expect(cookie.read(undefined)).toBeUndefined();
});

test('under https the cookie is Secure and bound to the host by its name', () => {
  const cookie = sessionCookie('https://chat.example.com');
  expect(cookie.write('v', 0)).toContain('__Host-inlay-session=v; Path=/; HttpOnly; SameSite=Strict; Secure');
  expect(cookie.read('inlay-session=planted')).toBeUndefined();
});
