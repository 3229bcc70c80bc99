import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { isOperator, type OperatorSettings } from './operator-access.ts';

const TOKEN = 'a-token-that-is-long-enough';
const local: OperatorSettings = { metricsToken: '', publicUrl: 'http://localhost:8080', trustProxy: 0 };

function request(remoteAddress: string | undefined, headers: Record<string, string> = {}): IncomingMessage {
  return { socket: { remoteAddress }, headers: { host: 'localhost:8080', ...headers } } as unknown as IncomingMessage;
}

test.each(['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1'])('%s is this machine', (address) => {
  expect(isOperator(request(address), local)).toBe(true);
});

test.each(['10.0.0.1', '::ffff:10.0.0.1', '2001:db8::1', '127.0.0.1.example.com', undefined])(
  '%s is not',
  (address) => {
    expect(isOperator(request(address), local)).toBe(false);
  },
);

test.each(['x-forwarded-for', 'x-forwarded-proto', 'forwarded', 'via', 'x-real-ip', 'cf-connecting-ip'])(
  'who comes with %s came through a proxy, also when it claims to come from here',
  (name) => {
    expect(isOperator(request('127.0.0.1', { [name]: '127.0.0.1' }), local)).toBe(false);
    expect(isOperator(request('127.0.0.1', { [name]: '127.0.0.1' }), { ...local, trustProxy: 1 })).toBe(false);
  },
);

test('a public server knows who is local only where its proxies tell of the others', () => {
  const open = { ...local, publicUrl: 'https://chat.example.com' };
  expect(isOperator(request('127.0.0.1'), open)).toBe(false);
  expect(isOperator(request('127.0.0.1'), { ...open, trustProxy: 1 })).toBe(true);
});

test.each(['127.0.0.1:8080', '[::1]:8080', 'localhost'])('the host may be %s', (host) => {
  expect(isOperator(request('127.0.0.1', { host }), local)).toBe(true);
});

test.each(['rebound.example:8080', 'localhost.example', '', 'local host'])('the host may not be "%s"', (host) => {
  expect(isOperator(request('127.0.0.1', { host }), local)).toBe(false);
});

test('with a token, it and nothing else opens, from anywhere', () => {
  const settings = { ...local, metricsToken: TOKEN };
  const asks = (address: string, authorization?: string) =>
    isOperator(request(address, authorization === undefined ? {} : { authorization }), settings);
  expect(asks('10.0.0.1', `Bearer ${TOKEN}`)).toBe(true);
  expect(asks('127.0.0.1', `bearer ${TOKEN}`)).toBe(true);
  expect(asks('127.0.0.1')).toBe(false);
  for (const wrong of [
    TOKEN,
    `Basic ${TOKEN}`,
    `Bearer ${TOKEN}x`,
    `Bearer ${TOKEN.slice(1)}`,
    'Bearer ',
    `Bearer ${TOKEN} x`,
  ])
    expect(asks('10.0.0.1', wrong), wrong).toBe(false);
});
