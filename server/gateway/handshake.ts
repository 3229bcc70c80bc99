/** Who is on the other end: from a hello, and what came with the upgrade, to an actor and a welcome. */
import { InlayError } from '../../protocol/errors.ts';
import type { Welcome } from '../../protocol/hello.ts';
import type { TenantId } from '../../protocol/ids.ts';
import type { Tenant } from '../../protocol/tenants.ts';
import type { UpFrame } from '../../protocol/up.ts';
import type { User } from '../../protocol/users.ts';
import { PROTOCOL_MAJOR, PROTOCOL_MINOR } from '../../protocol/version.ts';
import type { Actor } from '../domain/actor.ts';
import { agentFromCookie } from '../domain/agents.ts';
import { newestRevision } from '../domain/conversations.ts';
import type { Domain } from '../domain/domain.ts';
import { FILE_MEDIA_TYPES } from '../domain/files.ts';
import { resumeSession } from '../domain/sessions.ts';

/** What is known of a socket before it says a word. */
export interface Upgrade {
  readonly tenantId: TenantId;
  readonly tenant: Tenant;
  readonly address: string;
  readonly userAgent: string | undefined;
  /** The agents' session cookie. */
  readonly session: string | undefined;
  /** No Origin header, or this server's own: the only pages that may use the cookie. */
  readonly ownPage: boolean;
}

export interface Identity {
  readonly actor: Actor;
  readonly user?: User;
  readonly freshToken?: string;
}

export async function authenticate(domain: Domain, upgrade: Upgrade, hello: UpFrame<'hello'>): Promise<Identity> {
  const { auth } = hello;
  if (auth === undefined) return { actor: { kind: 'anonymous', tenantId: upgrade.tenantId } };
  if (auth.kind === 'visitor') return resumeSession(domain, upgrade.tenantId, auth.token, hello.hostOrigin);
  return authenticateAgent(domain, upgrade);
}

async function authenticateAgent(domain: Domain, upgrade: Upgrade): Promise<Identity> {
  // A page of an allowed host on the same site (another port, a sibling domain) would send the cookie along, too.
  if (!upgrade.ownPage) throw new InlayError('forbidden', 'Agents connect from the console only.');
  if (upgrade.session === undefined)
    throw new InlayError('session-required', 'No session cookie came with the upgrade.');
  const { actor, user } = await agentFromCookie(domain, upgrade.session);
  if (actor.tenantId !== upgrade.tenantId) throw new InlayError('token-invalid', 'The session is of another tenant.');
  return { actor, user };
}

export async function welcome(domain: Domain, upgrade: Upgrade, identity: Identity): Promise<Welcome> {
  const [online, revision] = await Promise.all([
    domain.presence.areAgentsConnected(upgrade.tenantId),
    revisionFor(domain, identity.actor),
  ]);
  return {
    protocol: { major: PROTOCOL_MAJOR, minor: PROTOCOL_MINOR },
    now: domain.now(),
    tenant: upgrade.tenant,
    desk: { online },
    ...(identity.user && { user: identity.user }),
    ...(identity.freshToken !== undefined && { token: identity.freshToken }),
    revision,
    pushPublicKey: domain.push.publicKey,
    limits: {
      fileMaxBytes: domain.settings.fileMaxBytes,
      fileMediaTypes: [...FILE_MEDIA_TYPES],
      recallSeconds: domain.settings.recallSeconds,
    },
  };
}

/** 0 without a session: there is nothing to have missed. */
export async function revisionFor(domain: Domain, actor: Actor | undefined): Promise<number> {
  return actor === undefined || actor.kind === 'anonymous' ? 0 : newestRevision(domain, actor);
}
