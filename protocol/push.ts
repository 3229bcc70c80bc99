/**
 * Web Push: a visitor or agent who is away gets a notification. The server's public key (VAPID, RFC 8292) is in the
 * `welcome`. Three contexts, see ARCHITECTURE.md:
 * - `host`: the host's own page subscribed with its own worker file;
 * - `popup`: a window on the widget's origin, which knows who asks by a one-time code;
 * - `page`: the link page or the console, which is on the widget's origin itself.
 */
import { type Static, Type } from '@sinclair/typebox';
import { URL_MAX_LENGTH } from './limits.ts';
import { event, request, TimeSchema } from './schema.ts';

/** PushSubscription.toJSON() of the Push API (W3C), without its expirationTime. */
export const PushSubscriptionSchema = Type.Object({
  /** https, at a known push service. */
  endpoint: Type.String({ minLength: 1, maxLength: URL_MAX_LENGTH }),
  keys: Type.Object({
    /** Public key of the browser, base64url of 65 bytes. */
    p256dh: Type.String({ maxLength: 100 }),
    /** Shared secret of the browser, base64url of 16 bytes. */
    auth: Type.String({ maxLength: 40 }),
  }),
});
export type PushSubscription = Static<typeof PushSubscriptionSchema>;

export const PushContextSchema = Type.Union([Type.Literal('host'), Type.Literal('popup'), Type.Literal('page')]);
export type PushContext = Static<typeof PushContextSchema>;

/**
 * Keeps a subscription for the asker; the same endpoint again replaces it. `pageUrl` is where a click on the notification
 * leads when the context is `host`: it must lie on an allowed origin of the tenant; else the link page is taken.
 * Errors: session-required, push-endpoint-forbidden, push-subscription-invalid.
 */
export const PushSubscribe = request('push.subscribe', {
  context: PushContextSchema,
  subscription: PushSubscriptionSchema,
  pageUrl: Type.Optional(Type.String({ maxLength: URL_MAX_LENGTH })),
});
export const PushUnsubscribe = request('push.unsubscribe', {
  endpoint: Type.String({ minLength: 1, maxLength: URL_MAX_LENGTH }),
});

/** A code for the popup, good once and for a few minutes: `/push#<code>`. Errors: session-required. */
export const PushCodeCreate = request('push.code.create', {});
export const PushCodeCreateResult = Type.Object({ code: Type.String(), expiresAt: TimeSchema });

/** The asker's subscriptions changed, on whatever device: how many there are. */
export const PushChanged = event('push.changed', { subscriptions: Type.Integer({ minimum: 0 }) });

/**
 * What the push service carries to the browser, encrypted: the declarative form of Web Push (WebKit, Safari 18.4), which our
 * service worker reads in the other browsers. At most 2 KB as JSON.
 */
export const PushPayloadSchema = Type.Object({
  web_push: Type.Literal(8030),
  notification: Type.Object({
    title: Type.String(),
    body: Type.String(),
    /** Where a click leads: absolute. */
    navigate: Type.String(),
    /** One conversation, one notification. */
    tag: Type.String(),
    lang: Type.Optional(Type.String()),
    data: Type.Object({ conversationId: Type.String(), seq: Type.Integer() }),
  }),
});
export type PushPayload = Static<typeof PushPayloadSchema>;

/**
 * HTTP for the popup, JSON both ways:
 * - `POST /v1/push/redeem` { code } → { tenant: { tenantId, name, accent? }, publicKey, ticket }. Errors: code-invalid.
 * - `POST /v1/push/subscriptions` { ticket, subscription } → 201 {}. The ticket is good for ten minutes. Errors: code-invalid,
 *   push-endpoint-forbidden, push-subscription-invalid.
 */
export const PushRedeemSchema = Type.Object({ code: Type.String({ minLength: 1, maxLength: 200 }) });
export const PushTicketSchema = Type.Object({
  ticket: Type.String({ minLength: 1, maxLength: 2_000 }),
  subscription: PushSubscriptionSchema,
});
export interface PushRedeemResult {
  readonly tenant: { readonly tenantId: string; readonly name: string; readonly accent?: string };
  readonly publicKey: string;
  readonly ticket: string;
}
