/** Errors as the client meets them: from the server, from the network, and its own. */
import { type ErrorBody, type ErrorCode, errorKinds, InlayError } from '../protocol/errors.ts';

/** The socket went away before the answer; the request may have been carried out or not. */
export const connectionLost = () =>
  new InlayError('server-shutdown', 'The connection was lost before the answer came.');

export const noAnswer = () => new InlayError('heartbeat-timeout', 'No answer came in time.');

/** A newer server may use a code that is not in our catalogue: its retry rule is what counts. */
const codeByRetry = { now: 'server-shutdown', later: 'internal', never: 'request-invalid' } as const;

/** Milliseconds: nobody waits longer, whatever was told; a timer of more than 24 days would fire at once. */
const RETRY_AFTER_MAX_MS = 3_600_000;

export function errorOf(body: Partial<ErrorBody> | undefined): InlayError {
  const { code, message, retry = 'later', retryAfterMs } = body ?? {};
  const known = code && code in errorKinds ? code : codeByRetry[retry];
  return new InlayError(known, message ?? code, retryAfterMs && Math.min(retryAfterMs, RETRY_AFTER_MAX_MS));
}

/** Whatever was thrown. What is no error of the protocol is taken for a passing one. */
export function asInlayError(thrown: unknown): InlayError {
  return thrown instanceof InlayError ? thrown : new InlayError('internal', String(thrown));
}

/** The error behind a close code of our ranges; `fallback` for one that this version does not know. */
export function codeOfClose(close: number, fallback: ErrorCode): ErrorCode {
  const found = Object.entries(errorKinds).find(([, kind]) => kind.close === close);
  return found ? (found[0] as ErrorCode) : fallback;
}
