import { expect, test } from 'vitest';
import { deviceOf } from './device.ts';

const webkit = 'AppleWebKit/537.36 (KHTML, like Gecko)';
const iphone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)';

test.each([
  [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webkit} Chrome/128.0 Safari/537.36`, 'Chrome · Windows'],
  [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webkit} Chrome/128.0 Safari/537.36 Edg/128.0`, 'Edge · Windows'],
  [`Mozilla/5.0 (Linux; Android 14; Pixel 8) ${webkit} Chrome/128.0 Mobile Safari/537.36`, 'Chrome · Android'],
  [
    `Mozilla/5.0 (Linux; Android 14; SM-S9) ${webkit} SamsungBrowser/25.0 Chrome/121.0 Mobile Safari/537.36`,
    'Samsung Internet · Android',
  ],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0', 'Firefox · Linux'],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 14_4) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15',
    'Safari · macOS',
  ],
  [`${iphone} Version/17.4 Mobile/15E148 Safari/604.1`, 'Safari · iOS'],
  [`${iphone} CriOS/128.0 Mobile/15E148 Safari/604.1`, 'Chrome · iOS'],
  [`${iphone} Mobile/15E148 MicroMessenger/8.0.47 NetType/WIFI`, 'WeChat · iOS'],
  [`${iphone} Mobile/15E148 MicroMessenger/8.0.47 miniProgram/wx1`, 'WeChat Mini Program · iOS'],
  [`${iphone} Mobile/15E148`, 'Web view · iOS'],
  ['curl/8.5.0', undefined],
  ['', undefined],
  [undefined, undefined],
])('%s', (userAgent, device) => {
  expect(deviceOf(userAgent)).toBe(device);
});

test('words without end are read for a while only', () => {
  expect(deviceOf(`${'x'.repeat(100_000)} Firefox/1 Windows`)).toBeUndefined();
});
