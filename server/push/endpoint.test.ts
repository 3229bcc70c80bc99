import { createECDH } from 'node:crypto';
import { expect, test } from 'vitest';
import { areKeysValid, isPrivateAddress, judgeEndpoint, publicLookup } from './endpoint.ts';

const none = { allow: [] };

test.each([
  'https://fcm.googleapis.com/fcm/send/abc',
  'https://updates.push.services.mozilla.com/wpush/v2/abc',
  'https://web.push.apple.com/abc',
  'https://wns2-by3p.notify.windows.com/w/?token=abc',
  'https://fcm.googleapis.com:443/fcm/send/abc',
])('%s is a push service', (endpoint) => {
  expect(judgeEndpoint(endpoint, none)).toBe('public');
});

test.each([
  'http://fcm.googleapis.com/fcm/send/abc',
  'https://fcm.googleapis.com:8443/abc',
  'https://user:secret@fcm.googleapis.com/abc',
  'https://fcm.googleapis.com@evil.example/abc',
  'https://fcm.googleapis.com.evil.example/abc',
  'https://evilfcm.googleapis.com/abc',
  'https://evil.example/fcm.googleapis.com',
  'https://127.0.0.1/abc',
  'https://2130706433/abc',
  'https://[::1]/abc',
  'https://localhost/abc',
  'file:///etc/passwd',
  'not an address',
])('%s is refused', (endpoint) => {
  expect(judgeEndpoint(endpoint, none)).toBe('forbidden');
});

test('the setting allows a host with the port it names, and no other port', () => {
  const rules = { allow: ['localhost:9443', 'push.corp.example', '127.0.0.1:9443'] };
  expect(judgeEndpoint('https://localhost:9443/p/1', rules)).toBe('private-allowed');
  expect(judgeEndpoint('https://127.0.0.1:9443/p/1', rules)).toBe('private-allowed');
  expect(judgeEndpoint('https://eu.push.corp.example/p/1', rules)).toBe('private-allowed');
  expect(judgeEndpoint('https://localhost:9444/p/1', rules)).toBe('forbidden');
  expect(judgeEndpoint('https://push.corp.example:9443/p/1', rules)).toBe('forbidden');
  expect(judgeEndpoint('http://localhost:9443/p/1', rules)).toBe('forbidden');
});

test.each(['127.0.0.1', '10.1.2.3', '172.31.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0'])(
  '%s is private',
  (address) => expect(isPrivateAddress(address)).toBe(true),
);
test.each(['::1', '::', 'fe80::1', 'fd00::1', '::ffff:127.0.0.1', '64:ff9b::7f00:1', 'ff02::1', 'no address'])(
  '%s is private',
  (address) => expect(isPrivateAddress(address)).toBe(true),
);
test.each(['8.8.8.8', '172.32.0.1', '142.250.74.74', '2a00:1450:4001:80b::200a'])('%s is public', (address) =>
  expect(isPrivateAddress(address)).toBe(false),
);

test('a name that leads into a private network cannot be connected to', async () => {
  const error = await new Promise((resolve) => publicLookup('localhost', { all: true }, (problem) => resolve(problem)));
  expect(String(error)).toContain('private address');
});

test('keys must be a point of the curve and 16 bytes', () => {
  const browser = createECDH('prime256v1');
  const p256dh = browser.generateKeys('base64url');
  const auth = Buffer.alloc(16, 1).toString('base64url');
  const valid = (keys: { p256dh: string; auth: string }) => areKeysValid({ endpoint: 'https://x', keys });
  expect(valid({ p256dh, auth })).toBe(true);
  expect(valid({ p256dh, auth: Buffer.alloc(15).toString('base64url') })).toBe(false);
  expect(valid({ p256dh: Buffer.alloc(65, 4).toString('base64url'), auth })).toBe(false);
  expect(valid({ p256dh: p256dh.slice(0, 60), auth })).toBe(false);
  expect(valid({ p256dh: '', auth })).toBe(false);
  expect(valid({ p256dh: 'not base64!', auth })).toBe(false);
});
