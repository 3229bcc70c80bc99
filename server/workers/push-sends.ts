/**
 * Empties the outbox: looks once more whether it is still worth it, sends, and does what the answer says. A row is removed
 * after the push service has the message, never before.
 */
import { createHash } from 'node:crypto';
import type { Domain } from '../domain/domain.ts';
import { allowedPage, announceSubscriptions } from '../domain/push.ts';
import type { PushOutcome } from '../push/push.ts';
import type { PushSendFacts, PushStore } from '../store/queries/push-store.ts';
import { HostWaits } from './host-waits.ts';
import { pushPayload } from './push-payload.ts';

/** Sends at a time, to all services together. */
const CONCURRENCY = 8;
/** Longer than a send may take (the deadline of server/push/web-push.ts is 10 s); a killed process leaves rows behind for so long. */
const LEASE_MS = 15_000;
/** First pause after a failure; doubles with each. */
const BACKOFF_MS = 5_000;
const BACKOFF_MAX_MS = 3_600_000;
/** After an error of our own. */
const FAULT_PAUSE_MS = 60_000;

export class PushSends {
  readonly #domain: Domain;
  readonly #store: PushStore;
  readonly #waits: HostWaits;

  constructor(domain: Domain, store: PushStore) {
    this.#domain = domain;
    this.#store = store;
    this.#waits = new HostWaits(domain.now);
  }

  /** Until nothing is due, or `stopped` says so. */
  async sendAll(stopped: () => boolean): Promise<void> {
    while (!stopped()) {
      const sends = await this.#store.claimSends(this.#domain.now(), LEASE_MS, CONCURRENCY);
      if (sends.length === 0) return;
      await Promise.all(sends.map((sendKey) => this.#sendOrPostpone(sendKey)));
    }
  }

  /** Whatever goes wrong with one, the others have their turn; it is tried again until it expires. */
  async #sendOrPostpone(sendKey: number): Promise<void> {
    try {
      await this.#send(sendKey);
    } catch (error) {
      this.#domain.log.error({ err: error }, 'push: a send failed and is tried again');
      await this.#store.retrySend(sendKey, this.#domain.now() + FAULT_PAUSE_MS, true);
    }
  }

  async #send(sendKey: number): Promise<void> {
    const facts = await this.#store.sendFacts(sendKey);
    if (!facts) return this.#store.removeSend(sendKey, Number.MAX_SAFE_INTEGER);
    const now = this.#domain.now();
    // It was taken away since: what else is unread is decided anew.
    if (facts.removed) return this.#store.returnSend(facts, now);
    if (!facts.unread) return this.#store.removeSend(sendKey, facts.seq);
    if (await this.#domain.presence.isConnected(facts.tenantId, facts.userId))
      return this.#store.returnSend(facts, now + this.#domain.settings.pushDelayMs);
    if (facts.publicKey !== this.#domain.push.publicKey) return this.#drop(facts, 'made with another key');
    const wait = this.#waits.untilFor(facts.subscription.endpoint);
    if (wait !== undefined) return this.#store.retrySend(sendKey, withJitter(wait, now), false);
    return this.#finish(facts, await this.#push(facts, now));
  }

  async #push(facts: PushSendFacts, now: number): Promise<PushOutcome> {
    const { publicUrl } = this.#domain.settings;
    // Looked at now: the tenant may have taken an origin from its list since.
    const pageUrl = await allowedPage(this.#domain, facts.tenantId, facts.pageUrl);
    const payload = pushPayload({ ...facts, pageUrl, publicUrl });
    const begun = performance.now();
    const outcome = await this.#domain.push.send(facts.subscription, payload, {
      ttlSeconds: Math.max(1, Math.floor((facts.expiresAt - now) / 1_000)),
      urgency: 'high',
      topic: topicOf(facts),
    });
    this.#note(facts, outcome, performance.now() - begun);
    return outcome;
  }

  #note({ conversationId, seq, recipient }: PushSendFacts, { kind }: PushOutcome, tookMs: number): void {
    const mark = kind === 'sent' ? 'push-sent' : 'push-failed';
    this.#domain.metrics.pushSent(kind, tookMs);
    this.#domain.traces.mark(mark, conversationId, seq, recipient === 'agent' ? 'desk' : 'visitor');
  }

  async #finish(facts: PushSendFacts, outcome: PushOutcome): Promise<void> {
    const now = this.#domain.now();
    const about = { tenantId: facts.tenantId, service: serviceOf(facts), attempts: facts.attempts };
    switch (outcome.kind) {
      case 'sent':
        await this.#store.markSubscriptionOk(facts.subscriptionKey, now);
        return this.#store.removeSend(facts.sendKey, facts.seq);
      case 'gone':
        return this.#drop(facts, 'the push service does not know it any more');
      case 'refused':
        this.#domain.log.error({ ...about, status: outcome.status, reason: outcome.reason }, 'push: refused');
        return this.#store.removeSend(facts.sendKey, facts.seq);
      case 'retry': {
        this.#domain.log.warn({ ...about, reason: outcome.reason }, 'push: failed and is tried again');
        const dueAt = now + (outcome.afterMs ?? backoffMs(facts.attempts));
        if (outcome.afterMs !== undefined) this.#waits.set(facts.subscription.endpoint, dueAt);
        return this.#store.retrySend(facts.sendKey, withJitter(dueAt, now), true);
      }
    }
  }

  async #drop(facts: PushSendFacts, reason: string): Promise<void> {
    this.#domain.log.info(
      { tenantId: facts.tenantId, service: serviceOf(facts), reason },
      'push: subscription deleted',
    );
    const count = await this.#store.dropSubscription(facts.subscriptionKey);
    if (count) announceSubscriptions(this.#domain, [count]);
  }
}

/** The service's name without the path, which is as good as a key to the subscription. */
const serviceOf = ({ subscription }: PushSendFacts) => new URL(subscription.endpoint).host;

/** A later notification of the same conversation takes the place of one that the service still holds. */
function topicOf({ tenantId, conversationId }: PushSendFacts): string {
  return createHash('sha256').update(`${tenantId}/${conversationId}`).digest('base64url').slice(0, 32);
}

function backoffMs(attempts: number): number {
  return Math.min(BACKOFF_MS * 2 ** attempts, BACKOFF_MAX_MS);
}

/** Up to a fifth later: what waited together does not come back together. */
function withJitter(dueAt: number, now: number): number {
  return Math.round(dueAt + ((dueAt - now) * Math.random()) / 5);
}
