/** Signing in and out over HTTP; the session itself is a cookie that no script sees. */
import type { ErrorBody } from '../protocol/errors.ts';
import type { TenantId } from '../protocol/ids.ts';
import type { User } from '../protocol/users.ts';

export interface SignedIn {
  readonly tenantId: TenantId;
  readonly user: User;
}

export type SignInProblem =
  | { readonly kind: 'credentials' }
  | { readonly kind: 'limited'; readonly retryAfterMs: number }
  /** No answer at all. */
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'failed' };

export type Answer =
  | { readonly kind: 'signed-in'; readonly session: SignedIn }
  | { readonly kind: 'signed-out' }
  | { readonly kind: 'problem'; readonly problem: SignInProblem };

export type Fetch = (path: string, init: RequestInit) => Promise<Response>;

const PATH = '/v1/console/session';
/** Milliseconds without an answer after which the server counts as unreachable. */
const TIMEOUT_MS = 15_000;
/** Taken where the server does not say how long. */
const DEFAULT_RETRY_MS = 60_000;

/** Who is signed in on this browser. */
export const restoreSession = (fetch: Fetch): Promise<Answer> => ask(fetch, { method: 'GET' });

export function signIn(fetch: Fetch, account: string, password: string): Promise<Answer> {
  return ask(fetch, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ account, password }),
  });
}

/** False: the server was not reached, and the cookie is still good. */
export async function signOut(fetch: Fetch): Promise<boolean> {
  try {
    const { ok, status } = await fetch(PATH, { method: 'DELETE', signal: AbortSignal.timeout(TIMEOUT_MS) });
    return ok || status === 401;
  } catch {
    // No network: said by the result.
    return false;
  }
}

async function ask(fetch: Fetch, init: RequestInit): Promise<Answer> {
  try {
    const response = await fetch(PATH, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
    const body: unknown = await response.json().catch(() => undefined);
    return response.ok ? signedIn(body) : refused(body);
  } catch {
    // fetch rejects for one reason only: there was no answer.
    return { kind: 'problem', problem: { kind: 'unreachable' } };
  }
}

function signedIn(body: unknown): Answer {
  const { tenantId, user } = (body ?? {}) as Partial<SignedIn>;
  if (!tenantId || !user) return { kind: 'problem', problem: { kind: 'failed' } };
  return { kind: 'signed-in', session: { tenantId, user } };
}

function refused(body: unknown): Answer {
  const error = ((body ?? {}) as { error?: Partial<ErrorBody> }).error;
  switch (error?.code) {
    case 'session-required':
    case 'token-invalid':
    case 'token-expired':
      return { kind: 'signed-out' };
    case 'credentials-invalid':
      return { kind: 'problem', problem: { kind: 'credentials' } };
    case 'rate-limited':
      return { kind: 'problem', problem: { kind: 'limited', retryAfterMs: error.retryAfterMs ?? DEFAULT_RETRY_MS } };
    default:
      return { kind: 'problem', problem: { kind: 'failed' } };
  }
}
