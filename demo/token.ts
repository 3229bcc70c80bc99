import { createHmac } from 'node:crypto';

const LIFE_SECONDS = 300;

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** What a host's server does for a visitor who is signed in there: a JWT (RFC 7519, HS256) with the tenant's secret. */
export function signIdentity(secret: string, user: { readonly id: string; readonly name: string }): string {
  const now = Math.floor(Date.now() / 1000);
  const signed = `${base64url({ alg: 'HS256', typ: 'JWT' })}.${base64url({ sub: user.id, name: user.name, iat: now, exp: now + LIFE_SECONDS })}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}
