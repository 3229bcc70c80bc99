/** What the answer of a push service (RFC 8030) means for the notification and its subscription. */
import type { PushOutcome } from './push.ts';

export interface PushAnswer {
  readonly status: number;
  /** Seconds, or a date. */
  readonly retryAfter?: string | undefined;
  /** The beginning of the body; services say there what they did not like. */
  readonly body: string;
}

const DAY_MS = 86_400_000;

export function outcomeOf({ status, retryAfter, body }: PushAnswer, now: number): PushOutcome {
  if (status >= 200 && status < 300) return { kind: 'sent' };
  if (status === 404 || status === 410 || isKeyMismatch(status, body)) return { kind: 'gone' };
  const reason = `${status} ${body.replaceAll(/\s+/g, ' ').slice(0, 200)}`.trim();
  if (status === 408 || status === 429 || status >= 500) return retry(reason, retryAfterMs(retryAfter, now));
  return { kind: 'refused', status, reason };
}

/**
 * The subscription was made with another VAPID key: it can never be reached again, while the same status without these
 * words means that our key or its token is at fault, which must not delete everybody's subscriptions. The words are those of
 * Google (`do not correspond to the credentials`), Mozilla (`public key mismatch`) and Apple (`VapidPkHashMismatch`).
 */
function isKeyMismatch(status: number, body: string): boolean {
  return [400, 401, 403].includes(status) && /do not correspond|mismatch/i.test(body);
}

function retry(reason: string, afterMs: number | undefined): PushOutcome {
  return afterMs === undefined ? { kind: 'retry', reason } : { kind: 'retry', reason, afterMs };
}

function retryAfterMs(value: string | undefined, now: number): number | undefined {
  if (!value) return undefined;
  const wait = /^\s*\d+\s*$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - now;
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(wait, 0), DAY_MS);
}
