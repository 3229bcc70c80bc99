/** Tenants, agents and visitors, made inside the server: no benchmark measures signing up. */
import type { ConversationId, TenantId, UserId } from '../../protocol/ids.ts';
import { newestRevision } from '../../server/domain/conversations.ts';
import type { Domain } from '../../server/domain/domain.ts';
import { newUserId } from '../../server/domain/ids.ts';
import { createSession } from '../../server/domain/sessions.ts';
import { createTenant } from '../../server/domain/tenants.ts';

export interface Person {
  readonly tenantId: string;
  readonly userId: string;
}
export interface Visitor extends Person {
  readonly token: string;
  readonly conversationId: string;
}
export interface Agent extends Person {
  /** For the header of the upgrade. */
  readonly cookie: string;
}
export interface People {
  readonly visitors: readonly Visitor[];
  readonly agents: readonly Agent[];
}
export interface Wanted {
  readonly tenants: number;
  /** Of each tenant. */
  readonly visitors: number;
  readonly agents: number;
}

const TOGETHER = 500;

export async function makePeople(domain: Domain, wanted: Wanted): Promise<People> {
  const ids = Array.from({ length: wanted.tenants }, (_, at) => `bench-${at}` as TenantId);
  for (const tenantId of ids) await createTenant(domain, { tenantId, name: 'Bench', allowedOrigins: [] });
  const each = <T>(count: number, make: (tenantId: TenantId, at: number) => Promise<T>) =>
    inGroups(ids.flatMap((tenantId) => Array.from({ length: count }, (_, at) => () => make(tenantId, at))));
  return {
    agents: await each(wanted.agents, (tenantId, at) => makeAgent(domain, tenantId, at)),
    visitors: await each(wanted.visitors, (tenantId) => makeVisitor(domain, tenantId)),
  };
}

async function makeAgent(domain: Domain, tenantId: TenantId, at: number): Promise<Agent> {
  const userId = newUserId();
  const account = `agent-${at}@${tenantId}.example`;
  // Nobody signs in: the cookie is made here, and a real hash would take longer than the benchmark.
  const passwordHash = 'none';
  await domain.store.accounts.create({
    tenantId,
    userId,
    account,
    passwordHash,
    name: `Agent ${at}`,
    avatar: undefined,
    now: domain.now(),
  });
  return { tenantId, userId, cookie: await cookieOf(domain, { tenantId, userId }) };
}

/** As after a sign-in. */
export async function cookieOf(domain: Domain, { tenantId, userId }: Person): Promise<string> {
  const claims = { tenantId: tenantId as TenantId, userId: userId as UserId, version: 0 };
  return `inlay-session=${await domain.tokens.signAgent(claims)}`;
}

async function makeVisitor(domain: Domain, tenantId: TenantId): Promise<Visitor> {
  const visitorKey = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('base64url');
  const { user, token, conversation } = await createSession(
    domain,
    { kind: 'anonymous', tenantId },
    { visitorKey },
    {},
  );
  return { tenantId, userId: user.userId, token, conversationId: conversation.conversationId as ConversationId };
}

/** The newest revision of each. */
export function revisionsOf(domain: Domain, visitors: readonly Visitor[]): Promise<number[]> {
  return inGroups(
    visitors.map((visitor) => () => {
      const tenantId = visitor.tenantId as TenantId;
      const userId = visitor.userId as UserId;
      const conversationId = visitor.conversationId as ConversationId;
      return newestRevision(domain, { kind: 'visitor', tenantId, userId, conversationId });
    }),
  );
}

/** Some at a time: the store's queue is bounded, and a commit takes what is there together. */
export async function inGroups<T>(tasks: readonly (() => Promise<T>)[], size = TOGETHER): Promise<T[]> {
  const results: T[] = [];
  for (let at = 0; at < tasks.length; at += size)
    results.push(...(await Promise.all(tasks.slice(at, at + size).map((task) => task()))));
  return results;
}
