import { InlayError } from '../../protocol/errors.ts';
import type { TenantId } from '../../protocol/ids.ts';
import { NAME_MAX_LENGTH } from '../../protocol/limits.ts';
import type { User } from '../../protocol/users.ts';
import type { AgentActor } from './actor.ts';
import type { Domain } from './domain.ts';
import { newUserId } from './ids.ts';
import { hashPassword, verifyPassword } from './passwords.ts';
import { cleanLine } from './text.ts';
import { AGENT_TOKEN_SECONDS } from './tokens.ts';

/** A cookie older than this is replaced when it is used, so that nobody is signed out in the middle of their work. */
const FRESH_MS = 3_600_000;
const ACCOUNT_MAX_LENGTH = 200;
const PASSWORD_MIN_LENGTH = 8;

export interface SignIn {
  readonly account: string;
  readonly password: string;
  readonly address: string;
}
export interface SignedInAgent {
  /** The value of the session cookie. */
  readonly session: string;
  readonly maxAgeSeconds: number;
  readonly tenantId: TenantId;
  readonly user: User;
}

/** Throws `credentials-invalid`, for whatever reason it is, or `rate-limited`. */
export async function signIn(domain: Domain, { account, password, address }: SignIn): Promise<SignedInAgent> {
  const name = accountName(account);
  domain.limits.take('signInsPerAddress', address);
  domain.limits.take('signInsPerAccount', name);
  const stored = await domain.store.accounts.find(name);
  const matches = await verifyPassword(password, stored?.passwordHash);
  if (!stored || !matches) throw new InlayError('credentials-invalid', 'Account or password is wrong.');
  const { tenantId, user, tokenVersion } = stored;
  const session = domain.tokens.signAgent({ tenantId, userId: user.userId, version: tokenVersion });
  return { session, maxAgeSeconds: AGENT_TOKEN_SECONDS, tenantId, user };
}

export interface AgentSession {
  readonly actor: AgentActor;
  readonly user: User;
  /** To be set in the cookie's place, with `maxAgeSeconds`. */
  readonly fresh?: { readonly session: string; readonly maxAgeSeconds: number };
}

/** Throws `token-expired` or `token-invalid`. */
export async function agentFromCookie(domain: Domain, value: string): Promise<AgentSession> {
  const claims = domain.tokens.verifyAgent(value);
  const { tenantId, userId, version, issuedAt } = claims;
  const stored = await domain.store.of(tenantId).findUser(userId);
  if (stored?.user.kind !== 'agent' || stored.tokenVersion !== version)
    throw new InlayError('token-invalid', 'The session has ended.');
  const actor: AgentActor = { kind: 'agent', tenantId, userId };
  if (domain.now() - issuedAt < FRESH_MS) return { actor, user: stored.user };
  const fresh = { session: domain.tokens.signAgent(claims), maxAgeSeconds: AGENT_TOKEN_SECONDS };
  return { actor, user: stored.user, fresh };
}

export interface NewAgent {
  readonly tenantId: TenantId;
  /** Unique over all tenants; upper and lower case are the same. */
  readonly account: string;
  readonly password: string;
  readonly name: string;
  /** An https address. */
  readonly avatar?: string;
}

/** Throws `forbidden` when the account is taken. */
export async function createAgent(domain: Domain, input: NewAgent): Promise<User> {
  const account = accountName(input.account);
  const name = cleanLine(input.name, NAME_MAX_LENGTH);
  if (account === '' || account.length > ACCOUNT_MAX_LENGTH || name === '')
    throw new InlayError('request-invalid', 'An agent has an account and a name.');
  return domain.store.accounts.create({
    tenantId: input.tenantId,
    account,
    passwordHash: await hashPassword(checkPassword(input.password)),
    userId: newUserId(),
    name,
    avatar: input.avatar,
    now: domain.now(),
  });
}

/** Ends all sessions of the agent. Throws `not-found`. */
export async function setPassword(
  domain: Domain,
  { account, password }: Pick<NewAgent, 'account' | 'password'>,
): Promise<void> {
  const hash = await hashPassword(checkPassword(password));
  const isKnown = await domain.store.accounts.setPassword(accountName(account), hash);
  if (!isKnown) throw new InlayError('not-found', 'There is no such account.');
}

function checkPassword(password: string): string {
  if (password.length >= PASSWORD_MIN_LENGTH) return password;
  throw new InlayError('request-invalid', `A password has at least ${PASSWORD_MIN_LENGTH} characters.`);
}

function accountName(account: string): string {
  return account.normalize('NFC').trim().toLowerCase();
}
