import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { asset } from './assets.ts';
import { Compression, chooseEncoding } from './compression.ts';

test('brotli goes before gzip, and what is refused is not used', () => {
  expect(chooseEncoding('gzip, deflate, br, zstd')).toBe('br');
  expect(chooseEncoding('gzip;q=1.0, br;q=0')).toBe('gzip');
  expect(chooseEncoding('GZIP')).toBe('gzip');
  expect(chooseEncoding('deflate')).toBe('identity');
  expect(chooseEncoding(undefined)).toBe('identity');
});

test('a body comes out of each encoding as it went in', async () => {
  const compression = new Compression();
  const page = asset(Buffer.from('inlay '.repeat(500)), 'text/html');
  const br = await compression.encode(page, 'br');
  const gz = await compression.encode(page, 'gzip');
  expect(brotliDecompressSync(br.body)).toEqual(page.body);
  expect(gunzipSync(gz.body)).toEqual(page.body);
  expect(br.body.length).toBeLessThan(page.body.length / 10);
  expect(await compression.encode(page, '')).toEqual({ body: page.body, encoding: 'identity' });
});

test('pictures and tiny bodies stay as they are', async () => {
  const compression = new Compression();
  expect((await compression.encode(asset(Buffer.alloc(9_000), 'image/png'), 'br')).encoding).toBe('identity');
  expect((await compression.encode(asset(Buffer.from('{}'), 'text/css'), 'br')).encoding).toBe('identity');
});
