import type { Connections } from '../connections.ts';
import { jobFacts } from './push-readers.ts';
import {
  claimSends,
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

/** The store's `push`. */
export function createPushStore({ read, write }: Pick<Connections, 'read' | 'write'>): PushStore {
  return {
    saveSubscription: (input) => write((trx) => saveSubscription(trx, input)),
    removeSubscription: (...person) => write((trx) => removeSubscription(trx, ...person)),
    createCode: (code) => write((trx) => createCode(trx, code)),
    takeCode: (codeHash, now) => write((trx) => takeCode(trx, codeHash, now)),
    nextDueAt: () => read(nextDueAt),
    dueJobs: (now, limit) => read((trx) => dueJobs(trx, now, limit)),
    jobFacts: (job) => read((trx) => jobFacts(trx, job)),
    postponeJob: (job, dueAt) => write((trx) => postponeJob(trx, job, dueAt)),
    finishJob: (job, decision) => write((trx) => finishJob(trx, job, decision)),
    claimSends: (now, leaseMs, limit) => write((trx) => claimSends(trx, now, leaseMs, limit)),
    sendFacts: (sendKey) => read((trx) => sendFacts(trx, sendKey)),
    removeSend: (sendKey, seq) => write((trx) => removeSend(trx, sendKey, seq)),
    retrySend: (sendKey, dueAt, failed) => write((trx) => retrySend(trx, sendKey, dueAt, failed)),
    returnSend: (facts, dueAt) => write((trx) => returnSend(trx, facts, dueAt)),
    markSubscriptionOk: (subscriptionKey, now) => write((trx) => markSubscriptionOk(trx, subscriptionKey, now)),
    dropSubscription: (subscriptionKey) => write((trx) => dropSubscription(trx, subscriptionKey)),
  };
}
