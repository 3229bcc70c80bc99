/**
 * What the server signs for itself: JWT (RFC 7519), HS256, one key that is made once and kept. Each kind has its own audience,
 * so that one can never pass for another.
 *
 * Made by hand and not by jose, which checks what hosts sign (identity.ts): every connection brings a token, and a round trip to the
 * thread pool for each took longer than all the rest of a welcome.
 */
import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
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

interface Claims {
  readonly [name: string]: unknown;
}

/** {"alg":"HS256"}: what carries another one is none of ours, so that no token ever says how it is to be checked. */
const HEADER = 'eyJhbGciOiJIUzI1NiJ9';

type Audience = 'visitor' | 'agent' | 'ticket';

export class Tokens {
  readonly #key: KeyObject;

  /** `key`: base64url of 32 bytes, see newTokenKey. */
  constructor(
    key: string,
    private readonly now: () => number,
  ) {
    const bytes = Buffer.from(key, 'base64url');
    if (bytes.length < 32) throw new Error('tokens: the key has fewer than 32 bytes');
    this.#key = createSecretKey(bytes);
  }

  signVisitor({ tenantId, userId, version, origin }: VisitorClaims): string {
    const claims = { tid: tenantId, ver: version, ...(origin !== undefined && { origin }) };
    return this.#sign('visitor', userId, claims, VISITOR_TOKEN_SECONDS);
  }

  /** Throws `token-expired` or `token-invalid`. */
  verifyVisitor(token: string): Issued<VisitorClaims> {
    const payload = this.#verify('visitor', token, 'token-expired', 'token-invalid');
    const { origin } = payload;
    return { ...versioned(payload), ...(typeof origin === 'string' && { origin }) };
  }

  signAgent({ tenantId, userId, version }: AgentClaims): string {
    return this.#sign('agent', userId, { tid: tenantId, ver: version }, AGENT_TOKEN_SECONDS);
  }

  /** Throws `token-expired` or `token-invalid`. */
  verifyAgent(token: string): Issued<AgentClaims> {
    return versioned(this.#verify('agent', token, 'token-expired', 'token-invalid'));
  }

  signTicket({ tenantId, userId }: TicketClaims): string {
    return this.#sign('ticket', userId, { tid: tenantId }, TICKET_SECONDS);
  }

  /** Throws `code-invalid`. */
  verifyTicket(token: string): TicketClaims {
    return person(this.#verify('ticket', token, 'code-invalid', 'code-invalid'));
  }

  #sign(audience: Audience, userId: UserId, claims: Claims, lifeSeconds: number): string {
    const iat = Math.floor(this.now() / 1_000);
    const payload = { ...claims, aud: audience, sub: userId, iat, exp: iat + lifeSeconds };
    const signed = `${HEADER}.${Buffer.from(JSON.stringify(payload)).toString('base64url')}`;
    return `${signed}.${this.#signature(signed).toString('base64url')}`;
  }

  #signature(signed: string): Buffer {
    return createHmac('sha256', this.#key).update(signed).digest();
  }

  #verify(audience: Audience, token: string, expired: ErrorCode, invalid: ErrorCode): Claims {
    const claims = this.#claimsOf(token);
    if (claims?.aud !== audience || typeof claims.exp !== 'number' || typeof claims.iat !== 'number')
      throw new InlayError(invalid, 'The token is not one of this server.');
    if (claims.exp + CLOCK_LEEWAY_SECONDS <= this.now() / 1_000) throw new InlayError(expired, 'The token is too old.');
    return claims;
  }

  /** Undefined: not signed here. */
  #claimsOf(token: string): Claims | undefined {
    const end = token.lastIndexOf('.');
    const signed = token.slice(0, end);
    if (!signed.startsWith(`${HEADER}.`)) return undefined;
    const given = Buffer.from(token.slice(end + 1), 'base64url');
    const right = this.#signature(signed);
    if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
    return JSON.parse(Buffer.from(signed.slice(HEADER.length + 1), 'base64url').toString()) as Claims;
  }
}

// The signature was checked, so the claims are what #sign put there: the ids are ids.
function person({ sub, tid }: Claims): TicketClaims {
  return { tenantId: String(tid) as TenantId, userId: String(sub) as UserId };
}

function versioned(payload: Claims): Issued<AgentClaims> {
  return { ...person(payload), version: Number(payload.ver), issuedAt: Number(payload.iat) * 1_000 };
}
