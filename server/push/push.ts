import type { PushPayload, PushSubscription } from '../../protocol/push.ts';

/** A push service reached with one VAPID key pair. */
export interface Push {
  /** base64url, for PushManager.subscribe(). */
  readonly publicKey: string;
  /** Says why an endpoint or its keys cannot be accepted, before anything is stored: it is client input (SSRF). */
  check(subscription: PushSubscription): 'ok' | 'push-endpoint-forbidden' | 'push-subscription-invalid';
  /** Never throws; every way to fail is an outcome. */
  send(subscription: PushSubscription, payload: PushPayload, options: PushSendOptions): Promise<PushOutcome>;
}

export interface PushSendOptions {
  /** Seconds the push service may keep it. */
  readonly ttlSeconds: number;
  readonly urgency: 'normal' | 'high';
  /** At most 32 base64url characters: a later message with the same topic takes its place. */
  readonly topic: string;
}

export type PushOutcome =
  | { readonly kind: 'sent' }
  /** 404, 410, or a subscription made with another key: delete it. */
  | { readonly kind: 'gone' }
  /** 429, 5xx, no connection: again after so long, if the service said it. */
  | { readonly kind: 'retry'; readonly afterMs?: number; readonly reason: string }
  /** Our fault (payload, key); again is no use. */
  | { readonly kind: 'refused'; readonly status: number; readonly reason: string };
