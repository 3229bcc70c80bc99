/**
 * Who wants to be told, and on which browsers. Deciding and sending is the work of server/workers/push-jobs.ts.
 *
 * The popup (protocol/push.ts, context `popup`) is another partition of the browser's storage and does not know the visitor.
 * It is trusted by a chain: the visitor's socket asks for a code (good once, for a few minutes; only its hash is kept), the
 * popup redeems it for a signed ticket, the ticket names tenant and user.
 */
import { createHash, randomBytes } from 'node:crypto';
import { InlayError } from '../../protocol/errors.ts';
import type { TenantId, UserId } from '../../protocol/ids.ts';
import type { PushContext, PushRedeemResult, PushSubscription } from '../../protocol/push.ts';
import type { Input, Result } from '../../protocol/up.ts';
import type { SubscriptionCount } from '../store/queries/push-store.ts';
import type { Actor } from './actor.ts';
import type { Domain } from './domain.ts';
import { getTenant } from './tenants.ts';

/** Browsers of one person; the oldest goes when there is one more. */
const SUBSCRIPTIONS_PER_USER = 10;
const CODE_LIFETIME_MS = 5 * 60_000;

export async function subscribePush(
  domain: Domain,
  actor: Actor,
  { context, subscription, pageUrl }: Input<'push.subscribe'>,
): Promise<Result<'push.subscribe'>> {
  const person = signedIn(actor);
  // An agent has no host page, and the popup is not the way in of an agent's console.
  const allowed = context === 'host' ? await allowedPage(domain, person.tenantId, pageUrl) : undefined;
  await save(domain, person, context, subscription, allowed);
  return {};
}

export async function unsubscribePush(
  domain: Domain,
  actor: Actor,
  { endpoint }: Input<'push.unsubscribe'>,
): Promise<Result<'push.unsubscribe'>> {
  const { tenantId, userId } = signedIn(actor);
  announceSubscriptions(domain, [await domain.store.push.removeSubscription(tenantId, userId, endpoint)]);
  return {};
}

export async function createPushCode(domain: Domain, actor: Actor): Promise<Result<'push.code.create'>> {
  const { tenantId, userId } = signedIn(actor);
  const code = randomBytes(24).toString('base64url');
  const expiresAt = domain.now() + CODE_LIFETIME_MS;
  await domain.store.push.createCode({ codeHash: hashOf(code), tenantId, userId, expiresAt });
  return { code, expiresAt };
}

export async function redeemPushCode(domain: Domain, { code }: { readonly code: string }): Promise<PushRedeemResult> {
  const owner = await domain.store.push.takeCode(hashOf(code), domain.now());
  const tenant = owner && (await getTenant(domain, owner.tenantId));
  if (!tenant) throw new InlayError('code-invalid', 'The code was used already or has expired.');
  const { tenantId, name, accent } = tenant.tenant;
  const ticket = domain.tokens.signTicket({ tenantId: owner.tenantId, userId: owner.userId });
  return { tenant: { tenantId, name, ...(accent && { accent }) }, publicKey: domain.push.publicKey, ticket };
}

export async function subscribeByTicket(
  domain: Domain,
  { ticket, subscription }: { readonly ticket: string; readonly subscription: PushSubscription },
): Promise<void> {
  await save(domain, domain.tokens.verifyTicket(ticket), 'popup', subscription, undefined);
}

/** Tells all devices of each person how many browsers they are told on. */
export function announceSubscriptions(domain: Domain, counts: readonly SubscriptionCount[]): void {
  domain.bus.publish(
    counts.map(({ tenantId, userId, subscriptions }) => ({
      tenantId,
      userIds: [userId],
      frame: { type: 'push.changed', subscriptions },
    })),
  );
}

interface Person {
  readonly tenantId: TenantId;
  readonly userId: UserId;
}

async function save(
  domain: Domain,
  { tenantId, userId }: Person,
  context: PushContext,
  { endpoint, keys }: PushSubscription,
  pageUrl: string | undefined,
): Promise<void> {
  const subscription = { endpoint, keys: { p256dh: keys.p256dh, auth: keys.auth } };
  const verdict = domain.push.check(subscription);
  if (verdict !== 'ok') throw new InlayError(verdict);
  const counts = await domain.store.push.saveSubscription({
    tenantId,
    userId,
    subscription,
    context,
    pageUrl,
    publicKey: domain.push.publicKey,
    now: domain.now(),
    lookAt: domain.now() + domain.settings.pushDelayMs,
    maxPerUser: SUBSCRIPTIONS_PER_USER,
  });
  announceSubscriptions(domain, counts);
}

function signedIn(actor: Actor): Person {
  if (actor.kind === 'anonymous') throw new InlayError('session-required');
  return actor;
}

/** A click leads to this page, so it must be one of the tenant's: else a stranger's page could pose as the shop. */
export async function allowedPage(
  domain: Domain,
  tenantId: TenantId,
  pageUrl: string | undefined,
): Promise<string | undefined> {
  if (!pageUrl || !URL.canParse(pageUrl)) return undefined;
  const { origin, protocol, username, password, href } = new URL(pageUrl);
  if (!/^https?:$/.test(protocol) || username || password) return undefined;
  const allowed = (await getTenant(domain, tenantId))?.allowedOrigins ?? [];
  return allowed.includes('*') || allowed.includes(origin) ? href : undefined;
}

const hashOf = (code: string) => createHash('sha256').update(code).digest('base64url');
