import type { ColumnType, Generated } from 'kysely';
import type { PushContext } from '../../protocol/push.ts';

/** The tables of Web Push. Times are milliseconds since 1970. */
export interface PushTables {
  push_subscriptions: PushSubscriptionTable;
  push_jobs: PushJobTable;
  push_marks: PushMarkTable;
  push_sends: PushSendTable;
  one_time_codes: OneTimeCodeTable;
}

/**
 * A browser that a person said yes on. Within a tenant and a context an endpoint belongs to the person who subscribed last on
 * it. The contexts are apart because one person is two visitors in one browser: in the widget on a host's page, and on the
 * link page; the popup subscribes the first on the endpoint of the second.
 */
export interface PushSubscriptionTable {
  subscription_key: Generated<number>;
  tenant_key: ColumnType<number, number, never>;
  user_key: number;
  endpoint: string;
  /** SHA-256 of the endpoint, base64url: endpoints are long, indexes should not be. */
  endpoint_hash: string;
  p256dh: string;
  auth: string;
  context: PushContext;
  /** Where a click leads, for the context `host`. */
  page_url: string | null;
  /** The VAPID public key it was made with. */
  public_key: string;
  /** When its browser sent it last. */
  confirmed_at: number;
  last_ok_at: number | null;
}

/** "Somebody may have to be told of this conversation": at most one a conversation, made in the transaction of its message. */
export interface PushJobTable {
  conversation_key: number;
  tenant_key: number;
  due_at: number;
}

/** Up to which message a person was told of a conversation. */
export interface PushMarkTable {
  conversation_key: number;
  user_key: number;
  seq: number;
}

/** The outbox: one notification to one browser. A newer one about the same conversation takes the place of the waiting one. */
export interface PushSendTable {
  send_key: Generated<number>;
  subscription_key: number;
  conversation_key: number;
  /** The message it tells of. */
  seq: number;
  due_at: number;
  expires_at: number;
  /** Tries that failed so far. */
  attempts: number;
}

/** A code for the popup, good once. The code itself is nowhere, only its hash. */
export interface OneTimeCodeTable {
  /** SHA-256, base64url. */
  code_hash: string;
  tenant_key: number;
  user_key: number;
  expires_at: number;
}
