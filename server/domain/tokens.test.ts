import { randomBytes } from 'node:crypto';
import { SignJWT } from 'jose';
import { beforeEach, expect, test } from 'vitest';
import type { TenantId, UserId } from '../../protocol/ids.ts';
import { Tokens } from './tokens.ts';

const key = randomBytes(32).toString('base64url');
const who = { tenantId: 'demo' as TenantId, userId: 'ann' as UserId };
const START = 1_700_000_000_000;
const DAY_MS = 86_400_000;
let now = START;
beforeEach(() => {
  now = START;
});
const tokens = new Tokens(key, () => now);

test('what was signed is what is read, for each kind', async () => {
  const visitor = { ...who, version: 2, origin: 'https://shop.example' };
  expect(await tokens.verifyVisitor(await tokens.signVisitor(visitor))).toEqual({ ...visitor, issuedAt: START });
  const agent = { ...who, version: 0 };
  expect(await tokens.verifyAgent(await tokens.signAgent(agent))).toEqual({ ...agent, issuedAt: START });
  expect(await tokens.verifyTicket(await tokens.signTicket(who))).toEqual(who);
});

test('one kind never passes for another', async () => {
  const visitor = await tokens.signVisitor({ ...who, version: 0 });
  const agent = await tokens.signAgent({ ...who, version: 0 });
  await expect(tokens.verifyAgent(visitor)).rejects.toMatchObject({ code: 'token-invalid' });
  await expect(tokens.verifyVisitor(agent)).rejects.toMatchObject({ code: 'token-invalid' });
  await expect(tokens.verifyTicket(agent)).rejects.toMatchObject({ code: 'code-invalid' });
});

test('a token is good for its life and a minute, and too old afterwards', async () => {
  const visitor = await tokens.signVisitor({ ...who, version: 0 });
  const agent = await tokens.signAgent({ ...who, version: 0 });
  const ticket = await tokens.signTicket(who);
  now = START + 600_000 + 61_000;
  await expect(tokens.verifyTicket(ticket)).rejects.toMatchObject({ code: 'code-invalid' });
  now = START + DAY_MS / 2 + 59_000;
  await expect(tokens.verifyAgent(agent)).resolves.toMatchObject(who);
  now = START + DAY_MS / 2 + 61_000;
  await expect(tokens.verifyAgent(agent)).rejects.toMatchObject({ code: 'token-expired' });
  now = START + 90 * DAY_MS + 61_000;
  await expect(tokens.verifyVisitor(visitor)).rejects.toMatchObject({ code: 'token-expired' });
});

test('a token of another key, without a signature, or of nonsense is none', async () => {
  const stranger = new Tokens(randomBytes(32).toString('base64url'), () => now);
  const signed = await tokens.signVisitor({ ...who, version: 0 });
  const [, payload] = signed.split('.');
  const none = Buffer.from('{"alg":"none"}').toString('base64url');
  const forged = [
    await stranger.signVisitor({ ...who, version: 0 }),
    `${none}.${payload}.`,
    signed.slice(0, -2),
    'nonsense',
    '',
  ];
  for (const token of forged)
    await expect(tokens.verifyVisitor(token), token).rejects.toMatchObject({ code: 'token-invalid' });
});

test('a token without an end is none', async () => {
  const endless = await new SignJWT({ tid: 'demo', ver: 0 })
    .setProtectedHeader({ alg: 'HS256' })
    .setAudience('visitor')
    .setSubject('ann')
    .setIssuedAt()
    .sign(Buffer.from(key, 'base64url'));
  await expect(tokens.verifyVisitor(endless)).rejects.toMatchObject({ code: 'token-invalid' });
});

test('a key that can be guessed is refused', () => {
  expect(() => new Tokens('c2hvcnQ', () => now)).toThrow('32 bytes');
});
