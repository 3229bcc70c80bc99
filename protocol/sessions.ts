/**
 * Who a visitor is. A mere view of a page makes nothing: the first thing that a visitor does creates the session.
 */
import { Type } from '@sinclair/typebox';
import { ConversationSchema } from './conversations.ts';
import { event, request } from './schema.ts';
import { VisitorContextSchema } from './service.ts';
import { UserSchema } from './users.ts';

const SessionResult = Type.Object({
  user: UserSchema,
  /** For the next hello. A secret; its life is 90 days, and each welcome may bring a younger one. */
  token: Type.String(),
  /** The visitor's own conversation with the desk, which may be empty. */
  conversation: ConversationSchema,
});

/**
 * Makes a guest and their conversation. `visitorKey` is 22 or more random base64url characters (128 bits) made by the device
 * and kept until the answer came: the same key again is the same guest, so a lost answer makes no second one.
 * On a socket that has a session already it returns that one. Errors: rate-limited, frame-invalid.
 */
export const SessionCreate = request('session.create', {
  visitorKey: Type.String({ pattern: '^[A-Za-z0-9_-]{22,64}$' }),
  context: Type.Optional(VisitorContextSchema),
});
export const SessionCreateResult = SessionResult;

/**
 * The host says who the visitor is: a JWT (RFC 7519) signed with the tenant's secret (HS256), claims `sub` (the host's id of the
 * user, 1 to 128 characters), `exp`, and optionally `name`, `avatar` (https), `iat`. The socket is that user's from then on. The
 * guest of this socket ends, and their messages become the user's: the guest's conversation becomes the user's own, or, if
 * they have one, is added to its end. Errors: identity-invalid, identity-expired, rate-limited.
 */
export const SessionIdentify = request('session.identify', {
  jwt: Type.String({ minLength: 1, maxLength: 4_000 }),
  context: Type.Optional(VisitorContextSchema),
});
export const SessionIdentifyResult = SessionResult;

/**
 * Sign out on this device: push subscription `endpoint`, if given, is forgotten and the socket has no session any more. With
 * `everywhere` all tokens of the user end. The client wipes what it keeps. Errors: session-required.
 */
export const SessionEnd = request('session.end', {
  endpoint: Type.Optional(Type.String({ maxLength: 2_048 })),
  everywhere: Type.Optional(Type.Boolean()),
});

/** The session of this socket ended elsewhere (signed out everywhere, merged); the socket is closed with 4004 or 4504. */
export const SessionEnded = event('session.ended', {
  reason: Type.Union([Type.Literal('signed-out'), Type.Literal('merged')]),
});

/**
 * Agents sign in over HTTP, JSON both ways:
 * - `POST /v1/console/session` { account, password } → 200 { tenantId, user } and a session cookie (HttpOnly, SameSite=Strict).
 *   Errors: credentials-invalid, rate-limited (with retryAfterMs).
 * - `GET /v1/console/session` → 200 { tenantId, user }. Errors: session-required.
 * - `DELETE /v1/console/session` → 204.
 */
export const SignInSchema = Type.Object({
  account: Type.String({ minLength: 1, maxLength: 200 }),
  password: Type.String({ minLength: 1, maxLength: 200 }),
});
export const SignedInSchema = Type.Object({ tenantId: Type.String(), user: UserSchema });
