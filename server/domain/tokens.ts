/**
 * What the server signs for itself: JWT (RFC 7519), HS256, one key that is made once and kept. Each kind has its own audience,
 * so that one can never pass for another.
 */
import { webcrypto } from 'node:crypto';
import { errors, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { type ErrorCode, InlayError } from '../../protocol/errors.ts';
import type { TenantId, UserId } from '../../protocol/ids.ts';

/** Clocks of several processes differ by so much at most. */
export const CLOCK_LEEWAY_SECONDS = 60;
export const VISITOR_TOKEN_SECONDS = 90 * 86_400;
export const AGENT_TOKEN_SECONDS = 12 * 3_600;
const TICKET_SECONDS = 600;

export interface VisitorClaims {
  readonly tenantId: TenantId;
  readonly userId: UserId;
  /** StoredUser.tokenVersion. */
  readonly version: number;
  /** The only host page on which it is good. */
  readonly origin?: string;
}
export interface AgentClaims {
  readonly tenantId: TenantId;
  readonly userId: UserId;
  readonly version: number;
}
export interface TicketClaims {
  readonly tenantId: TenantId;
  readonly userId: UserId;
}
/** Milliseconds since 1970. */
export type Issued<Claims> = Claims & { readonly issuedAt: number };

type Audience = 'visitor' | 'agent' | 'ticket';

export class Tokens {
  /** Imported once: jose would do it for each token, which takes longer than the token. */
  readonly #key: Promise<webcrypto.CryptoKey>;

  /** `key`: base64url of 32 bytes, see newTokenKey. */
  constructor(
    key: string,
    private readonly now: () => number,
  ) {
    const bytes = Buffer.from(key, 'base64url');
    if (bytes.length < 32) throw new Error('tokens: the key has fewer than 32 bytes');
    this.#key = webcrypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']);
  }

  signVisitor({ tenantId, userId, version, origin }: VisitorClaims): Promise<string> {
    const claims = { tid: tenantId, ver: version, ...(origin !== undefined && { origin }) };
    return this.#sign('visitor', userId, claims, VISITOR_TOKEN_SECONDS);
  }

  /** Throws `token-expired` or `token-invalid`. */
  async verifyVisitor(token: string): Promise<Issued<VisitorClaims>> {
    const payload = await this.#verify('visitor', token, 'token-expired', 'token-invalid');
    const { origin } = payload;
    return { ...versioned(payload), ...(typeof origin === 'string' && { origin }) };
  }

  signAgent({ tenantId, userId, version }: AgentClaims): Promise<string> {
    return this.#sign('agent', userId, { tid: tenantId, ver: version }, AGENT_TOKEN_SECONDS);
  }

  /** Throws `token-expired` or `token-invalid`. */
  async verifyAgent(token: string): Promise<Issued<AgentClaims>> {
    return versioned(await this.#verify('agent', token, 'token-expired', 'token-invalid'));
  }

  signTicket({ tenantId, userId }: TicketClaims): Promise<string> {
    return this.#sign('ticket', userId, { tid: tenantId }, TICKET_SECONDS);
  }

  /** Throws `code-invalid`. */
  async verifyTicket(token: string): Promise<TicketClaims> {
    return person(await this.#verify('ticket', token, 'code-invalid', 'code-invalid'));
  }

  async #sign(audience: Audience, userId: UserId, claims: JWTPayload, lifeSeconds: number): Promise<string> {
    const issuedAt = Math.floor(this.now() / 1_000);
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256' })
      .setAudience(audience)
      .setSubject(userId)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + lifeSeconds)
      .sign(await this.#key);
  }

  async #verify(audience: Audience, token: string, expired: ErrorCode, invalid: ErrorCode): Promise<JWTPayload> {
    try {
      const { payload } = await jwtVerify(token, await this.#key, {
        algorithms: ['HS256'],
        audience,
        clockTolerance: CLOCK_LEEWAY_SECONDS,
        currentDate: new Date(this.now()),
        requiredClaims: ['sub', 'tid', 'exp', 'iat'],
      });
      return payload;
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw new InlayError(expired, 'The token is too old.');
      throw new InlayError(invalid, 'The token is not one of this server.');
    }
  }
}

// The signature was checked, so the claims are what #sign put there: the ids are ids.
function person({ sub, tid }: JWTPayload): TicketClaims {
  return { tenantId: String(tid) as TenantId, userId: String(sub) as UserId };
}

function versioned(payload: JWTPayload): Issued<AgentClaims> {
  return { ...person(payload), version: Number(payload.ver), issuedAt: Number(payload.iat) * 1_000 };
}
