import { expect, test } from 'vitest';
import { outcomeOf } from './outcome.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const answer = (status: number, body = '', retryAfter?: string) => outcomeOf({ status, body, retryAfter }, now);

test.each([200, 201, 202])('%i: sent', (status) => expect(answer(status)).toEqual({ kind: 'sent' }));

test.each([404, 410])('%i: the subscription is gone', (status) => expect(answer(status)).toEqual({ kind: 'gone' }));

test.each([
  [403, 'the VAPID credentials in the authorization header do not correspond to the credentials used'],
  [401, '{"errno":109,"message":"VAPID public key mismatch"}'],
  [400, '{"reason":"VapidPkHashMismatch"}'],
])('%i %s: made with another key, so gone', (status, body) => expect(answer(status, body)).toEqual({ kind: 'gone' }));

test.each([301, 400, 401, 403, 413])('%i: our fault, and nobody loses a subscription by it', (status) => {
  expect(answer(status, 'why')).toEqual({ kind: 'refused', status, reason: `${status} why` });
});

test.each([408, 429, 500, 502, 503])('%i: again later', (status) => {
  expect(answer(status)).toEqual({ kind: 'retry', reason: String(status) });
});

test('Retry-After is seconds or a date, and never more than a day', () => {
  expect(answer(429, '', '7')).toMatchObject({ afterMs: 7_000 });
  expect(answer(503, '', 'Thu, 01 Jan 2026 00:01:00 GMT')).toMatchObject({ afterMs: 60_000 });
  expect(answer(503, '', 'Wed, 31 Dec 2025 00:01:00 GMT')).toMatchObject({ afterMs: 0 });
  expect(answer(429, '', '99999999')).toMatchObject({ afterMs: 86_400_000 });
  expect(answer(429, '', 'soon')).not.toHaveProperty('afterMs');
});
