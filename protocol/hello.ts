/**
 * The first words on a socket, and the heartbeat.
 *
 * Address: `wss://HOST/v1/tenants/{tenantId}/socket`, no sub-protocol, no token in the address. The client says `hello` within
 * 10 s; the server answers `ok` with a Welcome, or `error` and a close.
 */
import { type Static, Type } from '@sinclair/typebox';
import { RevisionSchema, request, TimeSchema } from './schema.ts';
import { DeskSchema } from './service.ts';
import { TenantSchema } from './tenants.ts';
import { UserSchema } from './users.ts';

export const HelloAuthSchema = Type.Union([
  /** A visitor's token, as session.create, session.identify or an earlier welcome gave it. */
  Type.Object({ kind: Type.Literal('visitor'), token: Type.String({ minLength: 1, maxLength: 2_000 }) }),
  /** An agent: the signed session cookie of the console came with the upgrade. */
  Type.Object({ kind: Type.Literal('agent') }),
]);

export const Hello = request('hello', {
  protocol: Type.Object({ major: Type.Integer({ minimum: 0 }), minor: Type.Integer({ minimum: 0 }) }),
  /** Absent: a visitor who has not said anything yet. Only hello, ping, session.create and session.identify work then. */
  auth: Type.Optional(HelloAuthSchema),
  /** Name and version of the client, for the logs, e.g. `inlay-widget/0.1.0`. */
  client: Type.Optional(Type.String({ maxLength: 64 })),
  /**
   * The origin of the page that embeds the client, given only when that page keeps the token (the browser blocks the client's
   * own storage). Tokens given on this socket are good with the same hostOrigin only.
   */
  hostOrigin: Type.Optional(Type.String({ maxLength: 300 })),
});

export const WelcomeSchema = Type.Object({
  protocol: Type.Object({ major: Type.Integer(), minor: Type.Integer() }),
  /** The server's clock; the client shows times by it, whatever its own says. */
  now: TimeSchema,
  tenant: TenantSchema,
  desk: DeskSchema,
  /** Who the asker is; absent without a session. */
  user: Type.Optional(UserSchema),
  /** A fresh token that takes the old one's place: tokens rotate. */
  token: Type.Optional(Type.String()),
  /** The newest revision that the asker may see, see conversations.ts. */
  revision: RevisionSchema,
  /** VAPID public key, base64url. */
  pushPublicKey: Type.String(),
  limits: Type.Object({
    /** Bytes of one upload. */
    fileMaxBytes: Type.Integer(),
    /** Media types that may be uploaded, e.g. `image/png`. */
    fileMediaTypes: Type.Array(Type.String()),
    /** Seconds in which an own message can be taken back; 0: never. Absent from a server that cannot. */
    recallSeconds: Type.Optional(Type.Integer({ minimum: 0 })),
  }),
});
export type Welcome = Static<typeof WelcomeSchema>;

/**
 * A client that has heard nothing for 5 to 60 s, as its network asks for, says `ping`, and at least every 60 s in any case; when
 * nothing comes in time the socket is dead and it connects again. (The server sends websocket pings of its own and finds
 * a dead client within 30 s.) Works before hello, too.
 */
export const Ping = request('ping', {});
export const PongSchema = Type.Object({
  now: TimeSchema,
  /** The newest revision that the asker may see; 0 without a session. */
  revision: RevisionSchema,
});
