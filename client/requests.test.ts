import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { REQUEST_TIMEOUT_MS, REQUESTS_MAX_COUNT, Requests } from './requests.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function setUp() {
  const sent: { type: string; ref: number }[] = [];
  const requests = new Requests((text) => sent.push(JSON.parse(text)));
  return { requests, sent };
}

test('an answer finds its request by the ref, in whatever order, alone or in an array', async () => {
  const { requests, sent } = setUp();
  requests.onOpen();
  const first = requests.ask('ping', {});
  const second = requests.ask('ping', {});
  requests.receive(JSON.stringify([{ type: 'ok', ref: sent[1]?.ref, result: { now: 2, revision: 0 } }]));
  requests.receive(JSON.stringify({ type: 'ok', ref: sent[0]?.ref, result: { now: 1, revision: 0 } }));
  expect([(await first).now, (await second).now]).toEqual([1, 2]);
});

test('events come back in their order, between answers and unknown frames', () => {
  const { requests } = setUp();
  const desk = { type: 'desk.changed', desk: { online: true } };
  const wire = [desk, { type: 'ok', ref: 99, result: {} }, { type: 'something.new' }];
  expect(requests.receive(JSON.stringify(wire)).map(({ type }) => type)).toEqual(['desk.changed', 'something.new']);
  expect(requests.receive('not JSON')).toEqual([]);
});

test('an error of the server rejects with its code and its time', async () => {
  const { requests, sent } = setUp();
  requests.onOpen();
  const asked = requests.ask('ping', {});
  const error = { code: 'rate-limited', message: 'Slow down.', retry: 'later', retryAfterMs: 900 };
  requests.receive(JSON.stringify({ type: 'error', ref: sent[0]?.ref, error }));
  await expect(asked).rejects.toMatchObject({ code: 'rate-limited', retryAfterMs: 900, retry: 'later' });
});

test('a code that nobody knows yet is treated by its retry rule', async () => {
  const { requests, sent } = setUp();
  requests.onOpen();
  const asked = requests.ask('ping', {});
  requests.receive(JSON.stringify({ type: 'error', ref: sent[0]?.ref, error: { code: 'brand-new', retry: 'never' } }));
  await expect(asked).rejects.toMatchObject({ retry: 'never' });
});

test('a request waits for the connection, leaves once, and fails with its socket', async () => {
  const { requests, sent } = setUp();
  const asked = requests.ask('ping', {});
  expect(sent).toHaveLength(0);
  requests.onDown();
  requests.onOpen();
  expect(sent).toHaveLength(1);
  requests.onDown();
  await expect(asked).rejects.toMatchObject({ retry: 'now' });
});

test('a request that nobody answers fails after its time', async () => {
  const { requests } = setUp();
  const asked = requests.ask('ping', {}).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(REQUEST_TIMEOUT_MS);
  expect(await asked).toMatchObject({ retry: 'now' });
});

test('more requests than the limit are refused at once, but what keeps the connection always leaves', async () => {
  const { requests, sent } = setUp();
  const asked = Array.from({ length: REQUESTS_MAX_COUNT + 1 }, () => requests.ask('session.end', {}));
  await expect(asked.at(-1)).rejects.toMatchObject({ code: 'server-busy' });
  const hello = requests.ask('hello', { protocol: { major: 1, minor: 0 } }, { unwelcomed: true });
  expect(sent.map(({ type }) => type)).toEqual(['hello']);
  requests.onOpen();
  const ping = requests.ask('ping', {});
  expect(sent.at(-1)?.type).toBe('ping');
  const settled = Promise.allSettled([...asked, hello, ping]);
  requests.rejectAll(new Error('over') as never);
  await settled;
});

test('what the server said last on one socket is not taken for a word on the next', () => {
  const { requests } = setUp();
  requests.onOpen();
  requests.receive(JSON.stringify({ type: 'error', error: { code: 'server-busy', retryAfterMs: 5_000 } }));
  expect(requests.lastError?.retryAfterMs).toBe(5_000);
  requests.onDown();
  expect(requests.lastError).toBeUndefined();
});

test('a time to wait that no timer can hold is no trap', () => {
  const { requests } = setUp();
  requests.receive(JSON.stringify({ type: 'error', error: { code: 'server-busy', retryAfterMs: 1e15 } }));
  expect(requests.lastError?.retryAfterMs).toBe(3_600_000);
});
