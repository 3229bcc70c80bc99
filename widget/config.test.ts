import { expect, test } from 'vitest';
import { parseConfig } from './config.ts';

test('the page says how it is shown and for whom', () => {
  const tenant = { tenantId: 'demo', name: 'Demo' };
  const config = parseConfig(
    JSON.stringify({ mode: 'embed', tenant, allowedOrigins: ['https://a.example'], version: '1' }),
  );
  expect(config).toEqual({ mode: 'embed', tenant, allowedOrigins: ['https://a.example'], version: '1' });
});

test('an unknown tenant has no name, and may be told to any host', () => {
  expect(parseConfig('{"mode":"embed","error":"tenant-unknown"}')).toMatchObject({
    tenant: undefined,
    allowedOrigins: ['*'],
  });
});

test('without a word from the server nobody may embed', () => {
  expect(parseConfig(undefined)).toMatchObject({ tenant: undefined, allowedOrigins: [] });
});
