import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { errorStatus } from './error-status.ts';
import { bodyOf, type ErrorCode, errorKinds, InlayError, retryAfterClose } from './errors.ts';

const readme = readFileSync(new URL('./README.md', import.meta.url), 'utf8');
const rows = [...readme.matchAll(/^\| `([a-z-]+)` +\| (now|later|never) +\| (\d{3}) +\| (\d{4})? +\|/gm)].map(
  (row) => ({
    code: row[1],
    retry: row[2],
    http: Number(row[3]),
    close: row[4] ? Number(row[4]) : undefined,
  }),
);

test('the README lists each error with its retry rule, status and close code, and no other', () => {
  const catalogue = Object.entries(errorKinds).map(([code, kind]) => ({
    code,
    retry: kind.retry,
    http: errorStatus[code as ErrorCode],
    close: kind.close,
  }));
  expect(rows).toEqual(catalogue);
});

test('the range of a close code says the same as the retry rule of its error', () => {
  for (const kind of Object.values(errorKinds)) {
    if (kind.close !== undefined) expect([kind.close, retryAfterClose(kind.close)]).toEqual([kind.close, kind.retry]);
  }
});

test('close codes of RFC 6455 and codes nobody knows yet mean: come back', () => {
  expect(retryAfterClose(1006)).toBe('now');
  expect(retryAfterClose(4099)).toBe('now');
  expect(retryAfterClose(4599)).toBe('never');
});

test('an error becomes a body that tells when to try again', () => {
  expect(bodyOf(new InlayError('rate-limited', 'Slow down.', 1500))).toEqual({
    code: 'rate-limited',
    message: 'Slow down.',
    retry: 'later',
    retryAfterMs: 1500,
  });
  expect(bodyOf(new InlayError('not-found'))).toEqual({ code: 'not-found', message: 'not-found', retry: 'never' });
});
