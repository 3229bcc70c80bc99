/**
 * All that Web Push reads and writes. It is apart from the rest of the store because its worker looks across all tenants for
 * what is due; whatever a person asks for goes by tenant and user.
 */
import type { Content } from '../../../protocol/content.ts';
import type { ConversationId, TenantId, UserId } from '../../../protocol/ids.ts';
import type { PushContext, PushSubscription } from '../../../protocol/push.ts';

export interface PushStore {
  /**
   * Keeps a subscription; the same endpoint and context again replace it, also when it was another person's: whoever uses the
   * browser now gets its notifications. Beyond `maxPerUser` the oldest goes. Resolves with how many the persons concerned have now.
   */
  saveSubscription(input: NewSubscription): Promise<readonly SubscriptionCount[]>;
  /** Resolves with how many are left. */
  removeSubscription(tenantId: TenantId, userId: UserId, endpoint: string): Promise<SubscriptionCount>;

  createCode(code: NewCode): Promise<void>;
  /** Takes the code: a second time there is none. Also removes those that expired. */
  takeCode(codeHash: string, now: number): Promise<{ tenantId: TenantId; userId: UserId } | undefined>;

  /** When the next job or send is due; `undefined`: nothing waits. */
  nextDueAt(): Promise<number | undefined>;
  /** Ends the jobs that are due in tenants where nobody has a subscription. */
  dropUnheardJobs(now: number): Promise<void>;
  dueJobs(now: number, limit: number): Promise<readonly PushJob[]>;
  /** Who might have to be told of the job's conversation; `undefined`: it is gone (merged away). */
  jobFacts(job: PushJob): Promise<PushJobFacts | undefined>;
  /** One transaction: the outbox rows, what was told, and the end of the job or its next time. */
  finishJob(job: PushJob, decision: PushDecision): Promise<void>;
  /** It failed: again at `dueAt`. */
  postponeJob(job: PushJob, dueAt: number): Promise<void>;

  /** Removes what has expired and takes what is due for `leaseMs`; who does not finish a send within it leaves it to the next. */
  claimSends(now: number, leaseMs: number, limit: number): Promise<readonly number[]>;
  /** `undefined`: it, its subscription, its message or its reader is gone. */
  sendFacts(sendKey: number): Promise<PushSendFacts | undefined>;
  /** Sent, or not worth sending any more. A row that was meanwhile taken over by a newer message stays. */
  removeSend(sendKey: number, seq: number): Promise<void>;
  retrySend(sendKey: number, dueAt: number, failed: boolean): Promise<void>;
  /** The person came back before it was sent: back to a job that looks again at `dueAt`. */
  returnSend(facts: PushSendFacts, dueAt: number): Promise<void>;
  /** Sent: the subscription works. */
  markSubscriptionOk(subscriptionKey: number, now: number): Promise<void>;
  /** The push service said that it is gone; its sends go, too. Resolves with how many its owner has left. */
  dropSubscription(subscriptionKey: number): Promise<SubscriptionCount | undefined>;
}

export interface NewSubscription {
  readonly tenantId: TenantId;
  readonly userId: UserId;
  readonly subscription: PushSubscription;
  readonly context: PushContext;
  readonly pageUrl: string | undefined;
  /** The VAPID public key of this server. */
  readonly publicKey: string;
  readonly now: number;
  /** When to look whether a visitor has left with something unread from before they subscribed. */
  readonly lookAt: number;
  readonly maxPerUser: number;
}

export interface SubscriptionCount {
  readonly tenantId: TenantId;
  readonly userId: UserId;
  readonly subscriptions: number;
}

export interface NewCode {
  readonly codeHash: string;
  readonly tenantId: TenantId;
  readonly userId: UserId;
  readonly expiresAt: number;
}

export interface PushJob {
  readonly conversationKey: number;
  readonly dueAt: number;
}

export interface PushJobFacts {
  readonly tenantId: TenantId;
  readonly conversationId: ConversationId;
  /** The newest message when this was read. */
  readonly lastSeq: number;
  readonly readers: readonly PushReader[];
}

/** A person with a subscription, and messages of the other side that nobody of theirs has read and they were not told of. */
export interface PushReader {
  readonly userKey: number;
  readonly userId: UserId;
  /** The newest of those messages. */
  readonly seq: number;
  readonly sentAt: number;
}

export interface PushDecision {
  readonly lastSeq: number;
  readonly tell: readonly { readonly userKey: number; readonly seq: number; readonly expiresAt: number }[];
  readonly now: number;
  /** Absent: the job is done (unless a message came since `lastSeq`, then it runs at `ifNewerAt`). */
  readonly againAt?: number;
  readonly ifNewerAt: number;
}

export interface PushSendFacts {
  readonly sendKey: number;
  readonly subscriptionKey: number;
  readonly conversationKey: number;
  readonly userKey: number;
  readonly tenantId: TenantId;
  readonly userId: UserId;
  readonly conversationId: ConversationId;
  readonly seq: number;
  readonly attempts: number;
  readonly expiresAt: number;
  readonly recipient: 'visitor' | 'agent';
  /** Nobody of the recipient's side has read up to it. */
  readonly unread: boolean;
  readonly content: Content;
  /** It was taken back or away since. */
  readonly removed: boolean;
  readonly senderName: string | undefined;
  readonly locale: string | undefined;
  readonly subscription: PushSubscription;
  readonly publicKey: string;
  readonly context: PushContext;
  /** The page on which it was made, else where the visitor was last. */
  readonly pageUrl: string | undefined;
}
