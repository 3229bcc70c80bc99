import { expect, test } from 'vitest';
import type { Fetch } from './session.ts';
import { restoreSession, signIn, signOut } from './session.ts';

const answers =
  (status: number, body?: unknown): Fetch =>
  async () =>
    new Response(body === undefined ? null : JSON.stringify(body), { status });
const unreachable: Fetch = async () => {
  throw new TypeError('Failed to fetch');
};
const error = (code: string, extra = {}) => ({ error: { code, message: '', retry: 'never', ...extra } });
const session = { tenantId: 'demo', user: { userId: 'a', kind: 'agent' } };

test('a session is restored, or there is none, or nobody can tell', async () => {
  expect(await restoreSession(answers(200, session))).toEqual({ kind: 'signed-in', session });
  expect(await restoreSession(answers(401, error('session-required')))).toEqual({ kind: 'signed-out' });
  expect(await restoreSession(unreachable)).toEqual({ kind: 'problem', problem: { kind: 'unreachable' } });
});

test('each refusal of a sign-in is told apart', async () => {
  const problem = async (fetch: Fetch) => {
    const answer = await signIn(fetch, 'a', 'b');
    return answer.kind === 'problem' && answer.problem;
  };
  expect(await problem(answers(401, error('credentials-invalid')))).toEqual({ kind: 'credentials' });
  expect(await problem(answers(429, error('rate-limited', { retryAfterMs: 42_000 })))).toEqual({
    kind: 'limited',
    retryAfterMs: 42_000,
  });
  expect(await problem(answers(500, error('internal')))).toEqual({ kind: 'failed' });
  expect(await problem(answers(502))).toEqual({ kind: 'failed' });
  expect(await problem(answers(200, { odd: true }))).toEqual({ kind: 'failed' });
  expect(await problem(unreachable)).toEqual({ kind: 'unreachable' });
});

test('a sign-out counts when the server said so, or knows of no session', async () => {
  expect(await signOut(answers(204))).toBe(true);
  expect(await signOut(answers(401, error('session-required')))).toBe(true);
  expect(await signOut(answers(500))).toBe(false);
  expect(await signOut(unreachable)).toBe(false);
});
