import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { clientAddress } from './address.ts';

const request = (remoteAddress: string, forwarded?: string) =>
  ({ socket: { remoteAddress }, headers: { 'x-forwarded-for': forwarded } }) as unknown as IncomingMessage;

test('without a trusted proxy the header is not believed', () => {
  expect(clientAddress(request('198.51.100.7', '10.0.0.1'), 0)).toBe('198.51.100.7');
});

test('with trusted proxies the address is the one that the outermost of them saw', () => {
  const header = 'made-up, 203.0.113.9, 10.0.0.2';
  expect(clientAddress(request('10.0.0.3', header), 2)).toBe('203.0.113.9');
  expect(clientAddress(request('10.0.0.3', header), 1)).toBe('10.0.0.2');
  expect(clientAddress(request('10.0.0.3'), 1)).toBe('10.0.0.3');
});

test('IPv6 counts by its first 64 bits, IPv4 in IPv6 as IPv4', () => {
  expect(clientAddress(request('2001:db8:1:2:3:4:5:6'), 0)).toBe('2001:db8:1:2::');
  expect(clientAddress(request('2001:db8:1:2::9'), 0)).toBe('2001:db8:1:2::');
  expect(clientAddress(request('2001:db8::9'), 0)).toBe('2001:db8:0:0::');
  expect(clientAddress(request('::1'), 0)).toBe('0:0:0:0::');
  expect(clientAddress(request('::ffff:192.0.2.1'), 0)).toBe('192.0.2.1');
});
