import { SignJWT, UnsecuredJWT } from 'jose';
import { expect, test } from 'vitest';
import { verifyIdentity } from './identity.ts';

const secret = 'a secret of the tenant that is long enough';
const NOW = 1_700_000_000_000;
const exp = NOW / 1_000 + 300;

function sign(claims: Record<string, unknown>, { key = secret, alg = 'HS256' } = {}): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg }).sign(new TextEncoder().encode(key));
}
const verify = (jwt: string, now = NOW) => verifyIdentity(jwt, secret, now);

test('the host’s word is taken: who, by what name, with which picture', async () => {
  const jwt = await sign({ sub: 'u-1', exp, name: ' Ann\nLee ', avatar: 'https://shop.example/ann.png' });
  expect(await verify(jwt)).toEqual({ externalId: 'u-1', name: 'Ann Lee', avatar: 'https://shop.example/ann.png' });
  expect(await verify(await sign({ sub: 'u-1', exp }))).toMatchObject({ externalId: 'u-1', name: undefined });
});

test('it is good until exp and a minute, for clocks differ', async () => {
  const jwt = await sign({ sub: 'u-1', exp });
  await expect(verify(jwt, exp * 1_000 + 59_000)).resolves.toMatchObject({ externalId: 'u-1' });
  await expect(verify(jwt, exp * 1_000 + 61_000)).rejects.toMatchObject({ code: 'identity-expired' });
});

test.each([
  ['another secret', () => sign({ sub: 'u-1', exp }, { key: 'the secret of somebody else, long enough' })],
  ['another algorithm', () => sign({ sub: 'u-1', exp }, { key: secret.repeat(2), alg: 'HS512' })],
  ['no signature', async () => new UnsecuredJWT({ sub: 'u-1', exp }).encode()],
  ['no exp', () => sign({ sub: 'u-1' })],
  ['no sub', () => sign({ exp })],
  ['an empty sub', () => sign({ sub: '', exp })],
  ['a sub of 129 characters', () => sign({ sub: 'u'.repeat(129), exp })],
  ['a name that is no text', () => sign({ sub: 'u-1', exp, name: { first: 'Ann' } })],
  ['a picture that is a script', () => sign({ sub: 'u-1', exp, avatar: 'javascript:alert(1)' })],
  ['a picture without https', () => sign({ sub: 'u-1', exp, avatar: 'http://shop.example/ann.png' })],
  ['no JWT at all', async () => 'nonsense'],
])('%s is identity-invalid', async (_, jwt) => {
  await expect(verify(await jwt())).rejects.toMatchObject({ code: 'identity-invalid' });
});
