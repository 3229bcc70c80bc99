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
  expect(tokens.verifyVisitor(tokens.signVisitor(visitor))).toEqual({ ...visitor, issuedAt: START });
  const agent = { ...who, version: 0 };
  expect(tokens.verifyAgent(tokens.signAgent(agent))).toEqual({ ...agent, issuedAt: START });
  expect(tokens.verifyTicket(tokens.signTicket(who))).toEqual(who);
});

test('one kind never passes for another', async () => {
  const visitor = tokens.signVisitor({ ...who, version: 0 });
  const agent = tokens.signAgent({ ...who, version: 0 });
  expect(() => tokens.verifyAgent(visitor)).toThrow(expect.objectContaining({ code: 'token-invalid' }));
  expect(() => tokens.verifyVisitor(agent)).toThrow(expect.objectContaining({ code: 'token-invalid' }));
  expect(() => tokens.verifyTicket(agent)).toThrow(expect.objectContaining({ code: 'code-invalid' }));
});

test('a token is good for its life and a minute, and too old afterwards', async () => {
  const visitor = tokens.signVisitor({ ...who, version: 0 });
  const agent = tokens.signAgent({ ...who, version: 0 });
  const ticket = tokens.signTicket(who);
  now = START + 600_000 + 61_000;
  expect(() => tokens.verifyTicket(ticket)).toThrow(expect.objectContaining({ code: 'code-invalid' }));
  now = START + DAY_MS / 2 + 59_000;
  expect(tokens.verifyAgent(agent)).toMatchObject(who);
  now = START + DAY_MS / 2 + 61_000;
  expect(() => tokens.verifyAgent(agent)).toThrow(expect.objectContaining({ code: 'token-expired' }));
  now = START + 90 * DAY_MS + 61_000;
  expect(() => tokens.verifyVisitor(visitor)).toThrow(expect.objectContaining({ code: 'token-expired' }));
});

test('a token of another key, without a signature, or of nonsense is none', async () => {
  const stranger = new Tokens(randomBytes(32).toString('base64url'), () => now);
  const signed = tokens.signVisitor({ ...who, version: 0 });
  const [, payload] = signed.split('.');
  const none = Buffer.from('{"alg":"none"}').toString('base64url');
  const forged = [
    stranger.signVisitor({ ...who, version: 0 }),
    `${none}.${payload}.`,
    signed.slice(0, -2),
    'nonsense',
    '',
  ];
  for (const token of forged)
    expect(() => tokens.verifyVisitor(token), token).toThrow(expect.objectContaining({ code: 'token-invalid' }));
});

test('a token without an end is none', async () => {
  const endless = await new SignJWT({ tid: 'demo', ver: 0 })
    .setProtectedHeader({ alg: 'HS256' })
    .setAudience('visitor')
    .setSubject('ann')
    .setIssuedAt()
    .sign(Buffer.from(key, 'base64url'));
  expect(() => tokens.verifyVisitor(endless)).toThrow(expect.objectContaining({ code: 'token-invalid' }));
});

test('a key that can be guessed is refused', () => {
  expect(() => new Tokens('c2hvcnQ', () => now)).toThrow('32 bytes');
});
