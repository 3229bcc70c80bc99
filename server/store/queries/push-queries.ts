import type { Connections } from '../connections.ts';
import { jobFacts } from './push-readers.ts';
import {
  claimSends,
  dropUnheardJobs,
  dueJobs,
  finishJob,
  nextDueAt,
  postponeJob,
  removeSend,
  retrySend,
  returnSend,
  sendFacts,
} from './push-sends.ts';
import type { PushStore } from './push-store.ts';
import {
  createCode,
  dropSubscription,
  markSubscriptionOk,
  removeSubscription,
  saveSubscription,
  takeCode,
} from './push-subscriptions.ts';

/** What the worker does for somebody who is away: nobody waits for it. */
const bulk = { lane: 'bulk' } as const;

/** The store's `push`. */
export function createPushStore({ read, write }: Pick<Connections, 'read' | 'write'>): PushStore {
  return {
    saveSubscription: (input) => write((trx) => saveSubscription(trx, input)),
    removeSubscription: (...person) => write((trx) => removeSubscription(trx, ...person)),
    createCode: (code) => write((trx) => createCode(trx, code)),
    takeCode: (codeHash, now) => write((trx) => takeCode(trx, codeHash, now)),
    nextDueAt: () => read(nextDueAt, bulk),
    dropUnheardJobs: (now) => write((trx) => dropUnheardJobs(trx, now), bulk),
    dueJobs: (now, limit) => read((trx) => dueJobs(trx, now, limit), bulk),
    jobFacts: (job) => read((trx) => jobFacts(trx, job), bulk),
    postponeJob: (job, dueAt) => write((trx) => postponeJob(trx, job, dueAt), bulk),
    finishJob: (job, decision) => write((trx) => finishJob(trx, job, decision), bulk),
    claimSends: (now, leaseMs, limit) => write((trx) => claimSends(trx, now, leaseMs, limit), bulk),
    sendFacts: (sendKey) => read((trx) => sendFacts(trx, sendKey), bulk),
    removeSend: (sendKey, seq) => write((trx) => removeSend(trx, sendKey, seq), bulk),
    retrySend: (sendKey, dueAt, failed) => write((trx) => retrySend(trx, sendKey, dueAt, failed), bulk),
    returnSend: (facts, dueAt) => write((trx) => returnSend(trx, facts, dueAt), bulk),
    markSubscriptionOk: (subscriptionKey, now) => write((trx) => markSubscriptionOk(trx, subscriptionKey, now), bulk),
    dropSubscription: (subscriptionKey) => write((trx) => dropSubscription(trx, subscriptionKey), bulk),
  };
}
