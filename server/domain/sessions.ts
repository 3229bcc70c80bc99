import { createHash } from 'node:crypto';
import { InlayError } from '../../protocol/errors.ts';
import type { TenantId } from '../../protocol/ids.ts';
import type { Input, Result } from '../../protocol/up.ts';
import type { User } from '../../protocol/users.ts';
import type { Identified, NewIdentity, VisitorSession } from '../store/store.ts';
import { checkSignedIn } from './access.ts';
import type { Actor, VisitorActor } from './actor.ts';
import { checkContext } from './context.ts';
import { deviceOf } from './device.ts';
import type { Domain } from './domain.ts';
import { changeEvents, removedEvent, sessionEndedEvent } from './events.ts';
import { verifyIdentity } from './identity.ts';
import { newConversationId, newUserId } from './ids.ts';
import { unsubscribePush } from './push.ts';
import type { DeviceHints } from './service.ts';
import { getTenant } from './tenants.ts';
import type { Issued, VisitorClaims } from './tokens.ts';

/** A token older than this is replaced when it is used. */
const FRESH_MS = 24 * 3_600_000;

export interface ResumedSession {
  readonly actor: VisitorActor;
  readonly user: User;
  readonly freshToken?: string;
}

/** Throws `token-expired` or `token-invalid`. */
export async function resumeSession(
  domain: Domain,
  tenantId: TenantId,
  token: string,
  hostOrigin?: string,
): Promise<ResumedSession> {
  const claims = domain.tokens.verifyVisitor(token);
  if (claims.tenantId !== tenantId) throw new InlayError('token-invalid', 'The token is of another tenant.');
  if (claims.origin !== undefined && claims.origin !== hostOrigin)
    throw new InlayError('token-invalid', 'The token is good on another page only.');
  const stored = await domain.store.of(tenantId).findUser(claims.userId);
  if (!stored?.conversationId || stored.ended || stored.tokenVersion !== claims.version)
    throw new InlayError('token-invalid', 'The session has ended.');
  const { user, conversationId } = stored;
  const actor: VisitorActor = { kind: 'visitor', tenantId, userId: user.userId, conversationId };
  return { actor, user, ...refreshed(domain, claims) };
}

function refreshed(domain: Domain, claims: Issued<VisitorClaims>): { freshToken?: string } {
  if (domain.now() - claims.issuedAt < FRESH_MS) return {};
  return { freshToken: domain.tokens.signVisitor(claims) };
}

export async function createSession(
  domain: Domain,
  actor: Actor,
  { visitorKey, context }: Input<'session.create'>,
  { userAgent, hostOrigin }: DeviceHints,
): Promise<Result<'session.create'>> {
  if (actor.kind === 'agent') throw new InlayError('forbidden', 'An agent is no visitor.');
  if (actor.kind === 'visitor') return presentSession(domain, actor, hostOrigin);
  const guest = await domain.store.of(actor.tenantId).createGuest({
    visitorKeyHash: createHash('sha256').update(visitorKey).digest('base64url'),
    userId: newUserId(),
    conversationId: newConversationId(),
    context: context && checkContext(context),
    device: deviceOf(userAgent),
    now: domain.now(),
  });
  return sessionResult(domain, actor.tenantId, guest, hostOrigin);
}

async function presentSession(
  domain: Domain,
  actor: VisitorActor,
  hostOrigin: string | undefined,
): Promise<Result<'session.create'>> {
  const { tenantId, userId, conversationId } = actor;
  const store = domain.store.of(tenantId);
  const viewer = { userId, side: 'visitor' } as const;
  const stored = await store.findUser(userId);
  const ref = await store.findConversation(viewer, conversationId);
  if (!stored || stored.ended || !ref) throw new InlayError('token-invalid', 'The session has ended.');
  const conversation = await store.getConversation(viewer, ref);
  return sessionResult(domain, tenantId, { ...stored, conversation }, hostOrigin);
}

export async function identify(
  domain: Domain,
  actor: Actor,
  { jwt, context }: Input<'session.identify'>,
  { userAgent, hostOrigin }: DeviceHints,
): Promise<Result<'session.identify'>> {
  if (actor.kind === 'agent') throw new InlayError('forbidden', 'An agent is no visitor.');
  const { tenantId } = actor;
  const tenant = await getTenant(domain, tenantId);
  if (!tenant) throw new InlayError('tenant-unknown');
  const now = domain.now();
  const input: NewIdentity = {
    ...(await verifyIdentity(jwt, tenant.secret, now)),
    guestId: actor.kind === 'visitor' ? actor.userId : undefined,
    userId: newUserId(),
    conversationId: newConversationId(),
    context: context && checkContext(context),
    device: deviceOf(userAgent),
    now,
    pushDueAt: now + domain.settings.pushDelayMs,
  };
  const identified = await domain.store.of(tenantId).identify(input, (done) => announce(domain, tenantId, done));
  return sessionResult(domain, tenantId, identified, hostOrigin);
}

function announce(domain: Domain, tenantId: TenantId, { conversation, ...done }: Identified): void {
  domain.bus.publish([
    ...(done.removed ? [removedEvent(tenantId, done.removed, conversation.conversationId)] : []),
    ...(done.change ? changeEvents(tenantId, done.change) : []),
    ...(done.endedGuestId ? [sessionEndedEvent(tenantId, done.endedGuestId, 'merged')] : []),
  ]);
}

function sessionResult(
  domain: Domain,
  tenantId: TenantId,
  { user, tokenVersion, conversation }: VisitorSession,
  hostOrigin: string | undefined,
): Result<'session.create'> {
  const claims = { tenantId, userId: user.userId, version: tokenVersion };
  const token = domain.tokens.signVisitor(hostOrigin === undefined ? claims : { ...claims, origin: hostOrigin });
  return { user, token, conversation };
}

export async function endSession(
  domain: Domain,
  actor: Actor,
  { endpoint, everywhere }: Input<'session.end'>,
): Promise<Result<'session.end'>> {
  const { tenantId, userId } = checkSignedIn(actor);
  if (endpoint !== undefined) await unsubscribePush(domain, actor, { endpoint });
  if (everywhere)
    await domain.store
      .of(tenantId)
      .endTokens(userId, () => domain.bus.publish([sessionEndedEvent(tenantId, userId, 'signed-out')]));
  return {};
}
