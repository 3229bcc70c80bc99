/**
 * The host's word on who a visitor is: a JWT signed with the tenant's secret. HS256 and nothing else, so that nobody chooses
 * the algorithm, and never without an end.
 */
import { errors, type JWTPayload, jwtVerify } from 'jose';
import { InlayError } from '../../protocol/errors.ts';
import { NAME_MAX_LENGTH, URL_MAX_LENGTH } from '../../protocol/limits.ts';
import { cleanLine } from './text.ts';
import { CLOCK_LEEWAY_SECONDS } from './tokens.ts';

export interface Identity {
  readonly externalId: string;
  readonly name: string | undefined;
  readonly avatar: string | undefined;
}

const EXTERNAL_ID_MAX_LENGTH = 128;

/** Throws `identity-expired` or `identity-invalid`. */
export async function verifyIdentity(jwt: string, secret: string, now: number): Promise<Identity> {
  const { sub, name, avatar } = await verify(jwt, secret, now);
  if (typeof sub !== 'string' || sub.length === 0 || sub.length > EXTERNAL_ID_MAX_LENGTH || sub.includes('\0'))
    throw new InlayError('identity-invalid', `sub must have 1 to ${EXTERNAL_ID_MAX_LENGTH} characters.`);
  return { externalId: sub, name: checkName(name), avatar: checkAvatar(avatar) };
}

async function verify(jwt: string, secret: string, now: number): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(jwt, new TextEncoder().encode(secret), {
      algorithms: ['HS256'],
      clockTolerance: CLOCK_LEEWAY_SECONDS,
      currentDate: new Date(now),
      requiredClaims: ['sub', 'exp'],
    });
    return payload;
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw new InlayError('identity-expired', 'The JWT is too old.');
    throw new InlayError('identity-invalid', 'The JWT is not one signed with the tenant’s secret, with sub and exp.');
  }
}

function checkName(name: unknown): string | undefined {
  if (name === undefined || name === null) return undefined;
  if (typeof name !== 'string') throw new InlayError('identity-invalid', 'name must be a text.');
  return cleanLine(name, NAME_MAX_LENGTH) || undefined;
}

function checkAvatar(avatar: unknown): string | undefined {
  if (avatar === undefined || avatar === null || avatar === '') return undefined;
  const isAddress = typeof avatar === 'string' && avatar.length <= URL_MAX_LENGTH && URL.canParse(avatar);
  if (!isAddress || new URL(avatar).protocol !== 'https:')
    throw new InlayError('identity-invalid', 'avatar must be an https address.');
  return new URL(avatar).href;
}
