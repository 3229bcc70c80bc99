/**
 * The judge of a run. Simulated clients write down what they did and saw, the store is read twice (by its door and straight
 * from its file), and every promise is checked on what is written there and on nothing else:
 *
 * I1 what was acknowledged is in the store and in the final view of everybody who may see it;
 * I2 a clientMessageId is stored once, and every acknowledgement of it names the seq under which it is stored;
 * I3 the numbers of a conversation run 1..n without a gap, in the store and in every final view;
 * I4 live messages of one connection come in ascending order without a hole that was not announced, and what is seen equals
 *    what is stored byte for byte;
 * I5 what one client sends into one conversation is stored in the order of sending;
 * I6 what has no acknowledgement is stored once or not at all, and not at all when every attempt was refused;
 * I7 nobody sees anything of another tenant;
 * I8 sockets and memory come back to what they were before.
 *
 * A rig that cannot fail proves nothing: oracle.test.ts plants each kind of damage and wants it found.
 */
import { hash as digest } from 'node:crypto';

export type Invariant = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I8';

/** `id` is a clientMessageId, `line` the number of the client's connection, from 1. */
export type LogEntry =
  | { readonly what: 'opened'; readonly line: number }
  /** It has fetched all that there was; from here on whatever comes live follows what it holds. */
  | { readonly what: 'resumed'; readonly line: number }
  | { readonly what: 'closed'; readonly line: number; readonly code: number }
  | {
      readonly what: 'send';
      readonly id: string;
      readonly conversationId: string;
      readonly hash: string;
      readonly line: number;
      /** Sent on purpose beside another connection: no order is promised. */
      readonly unordered?: true;
    }
  | { readonly what: 'ack'; readonly id: string; readonly conversationId: string; readonly seq: number }
  | { readonly what: 'refused'; readonly id: string; readonly code: string }
  | {
      readonly what: 'receive';
      readonly conversationId: string;
      readonly seq: number;
      readonly id: string;
      readonly hash: string;
      /** As the body says. */
      readonly tenantId: string;
      readonly live: boolean;
      readonly line: number;
    }
  /** The client says of itself that it leaves out messages here, and can fetch them. */
  | { readonly what: 'gap'; readonly conversationId: string; readonly line: number };

export interface Held {
  readonly seq: number;
  /** Empty: whoever holds it does not know it; the bytes tell. */
  readonly id: string;
  readonly hash: string;
}

export interface Stored extends Held {
  readonly tenantId: string;
  readonly conversationId: string;
  /** As the body says. */
  readonly bodyTenantId: string;
}

/** What one simulated client (one device) wrote down. */
export class ClientLog {
  readonly entries: LogEntry[] = [];
  /** The conversations of whose messages it must end with a complete copy; 'tenant': all of its tenant (an agent). */
  readonly sees: Set<string> | 'tenant';
  /** Its copy at the end. */
  view: ReadonlyMap<string, readonly Held[]> = new Map();

  constructor(
    readonly name: string,
    readonly tenantId: string,
    sees: 'own' | 'tenant' = 'own',
  ) {
    this.sees = sees === 'tenant' ? 'tenant' : new Set();
  }

  write(entry: LogEntry): void {
    this.entries.push(entry);
  }
}

/** A figure that must come back to what it was, e.g. open sockets. */
export interface Resource {
  readonly name: string;
  readonly before: number;
  readonly after: number;
  /** How much more than before is still the same. */
  readonly tolerance: number;
}

export interface Evidence {
  readonly logs: readonly ClientLog[];
  /** Straight from the file. */
  readonly file: readonly Stored[];
  /** Through message.list. */
  readonly door: readonly Stored[];
  readonly resources?: readonly Resource[];
}

export interface Verdict {
  /** The first few of each invariant, in words. */
  readonly violations: readonly string[];
  readonly counts: ReadonlyMap<Invariant, number>;
  readonly sent: number;
  readonly acked: number;
  /** Acknowledged, and missing somewhere. */
  readonly lost: number;
  readonly doubled: number;
  readonly outOfOrder: number;
  readonly received: number;
}

export const hashOf = (text: string): string => digest('sha1', text, 'base64url');

/** Bodies begin with their tenant. */
export const tenantOf = (text: string): string => text.slice(0, Math.max(0, text.indexOf(' ')));

const WORDS_MAX_COUNT = 5;

class Findings {
  readonly counts = new Map<Invariant, number>();
  readonly words: string[] = [];

  add(invariant: Invariant, words: string): void {
    const count = (this.counts.get(invariant) ?? 0) + 1;
    this.counts.set(invariant, count);
    if (count <= WORDS_MAX_COUNT) this.words.push(`${invariant}: ${words}`);
  }

  count(...invariants: Invariant[]): number {
    return invariants.reduce((sum, invariant) => sum + (this.counts.get(invariant) ?? 0), 0);
  }
}

type Send = Extract<LogEntry, { what: 'send' }>;
type Receive = Extract<LogEntry, { what: 'receive' }>;

/** What became of one clientMessageId, by all logs together. */
interface Fate {
  readonly log: ClientLog;
  readonly conversationId: string;
  readonly hash: string;
  sends: number;
  refusals: number;
  readonly acks: Set<number>;
  /** Place in its client's log of the first send that was not refused. */
  place: number | undefined;
  unordered: boolean;
}

export function judge(evidence: Evidence): Verdict {
  const findings = new Findings();
  const fates = fatesOf(evidence.logs);
  const store = new Store(evidence.file);
  checkStore(evidence, store, fates, findings);
  checkFates(store, fates, findings);
  checkSendOrder(store, fates, findings);
  let received = 0;
  for (const log of evidence.logs) {
    received += checkReceived(log, store, findings);
    checkView(log, store, fates, findings);
  }
  for (const { name, before, after, tolerance } of evidence.resources ?? [])
    if (after > before + tolerance) findings.add('I8', `${name} grew from ${before} to ${after}`);
  const all = [...fates.values()];
  return {
    violations: findings.words,
    counts: findings.counts,
    sent: all.length,
    acked: all.filter(({ acks }) => acks.size > 0).length,
    lost: findings.count('I1'),
    doubled: findings.count('I2'),
    outOfOrder: findings.count('I3', 'I4', 'I5'),
    received,
  };
}

class Store {
  readonly byId = new Map<string, Stored[]>();
  readonly conversations = new Map<string, Stored[]>();
  readonly tenants = new Map<string, string>();

  constructor(rows: readonly Stored[]) {
    for (const row of rows) {
      const same = this.byId.get(row.id);
      if (same) same.push(row);
      else this.byId.set(row.id, [row]);
      const conversation = this.conversations.get(row.conversationId);
      if (conversation) conversation.push(row);
      else this.conversations.set(row.conversationId, [row]);
      this.tenants.set(row.conversationId, row.tenantId);
    }
    for (const conversation of this.conversations.values()) conversation.sort((one, other) => one.seq - other.seq);
  }
}

function fatesOf(logs: readonly ClientLog[]): Map<string, Fate> {
  const fates = new Map<string, Fate>();
  for (const log of logs)
    log.entries.forEach((entry, place) => {
      if (entry.what === 'send') takeSend(fates, log, entry, place);
      else if (entry.what === 'ack') fates.get(entry.id)?.acks.add(entry.seq);
      else if (entry.what === 'refused') takeRefusal(fates.get(entry.id));
    });
  return fates;
}

function takeSend(fates: Map<string, Fate>, log: ClientLog, send: Send, place: number): void {
  const { conversationId, hash } = send;
  const known = fates.get(send.id);
  const fate = known ?? {
    ...{ log, conversationId, hash, sends: 0, refusals: 0 },
    ...{ acks: new Set<number>(), place: undefined, unordered: false },
  };
  if (!known) fates.set(send.id, fate);
  fate.sends += 1;
  fate.place ??= place;
  if (send.unordered || fate.log !== log) fate.unordered = true;
}

/** What was refused takes its place in the order when it is sent anew. */
function takeRefusal(fate: Fate | undefined): void {
  if (!fate) return;
  fate.refusals += 1;
  fate.place = undefined;
}

function checkStore(evidence: Evidence, store: Store, fates: Map<string, Fate>, findings: Findings): void {
  for (const [conversationId, rows] of store.conversations) checkNumbers('the store', conversationId, rows, findings);
  for (const [id, rows] of store.byId) {
    if (rows.length > 1) findings.add('I2', `${id} is stored ${rows.length} times: ${rows.map(placeOf).join(', ')}`);
    for (const row of rows) {
      const fate = fates.get(id);
      if (!fate) findings.add('I4', `${id} (${placeOf(row)}) is stored and nobody sent it`);
      else if (fate.hash !== row.hash)
        findings.add('I4', `${id} (${placeOf(row)}) is stored with other bytes than sent`);
      if (row.bodyTenantId !== row.tenantId || (fate && fate.log.tenantId !== row.tenantId))
        findings.add('I7', `${id} of ${row.bodyTenantId} is stored in a conversation of ${row.tenantId}`);
    }
  }
  const byDoor = new Store(evidence.door);
  for (const conversationId of new Set([...store.conversations.keys(), ...byDoor.conversations.keys()]))
    compare(
      'message.list',
      byDoor.conversations.get(conversationId) ?? [],
      store.conversations.get(conversationId) ?? [],
      fates,
      findings,
    );
}

const placeOf = ({ conversationId, seq }: Stored) => `${conversationId}#${seq}`;

function checkNumbers(where: string, conversationId: string, rows: readonly Held[], findings: Findings): void {
  rows.forEach(({ seq }, index) => {
    const before = index === 0 ? 0 : (rows[index - 1]?.seq ?? 0);
    if (seq === before) findings.add('I3', `${where}: ${conversationId} has number ${seq} twice`);
    else if (seq < before) findings.add('I4', `${where}: ${conversationId} has ${seq} after ${before}`);
    else if (seq > before + 1)
      findings.add('I3', `${where}: ${conversationId} has no number ${before + 1} before ${seq}`);
  });
}

function checkFates(store: Store, fates: Map<string, Fate>, findings: Findings): void {
  for (const [id, { acks, sends, refusals, log }] of fates) {
    const rows = store.byId.get(id) ?? [];
    if (acks.size > 1) findings.add('I2', `${id} was acknowledged with several numbers: ${[...acks].join(', ')}`);
    for (const seq of acks) {
      if (rows.length === 0) findings.add('I1', `${id} of ${log.name} was acknowledged as ${seq} and is not stored`);
      else if (!rows.some((row) => row.seq === seq))
        findings.add('I2', `${id} of ${log.name} was acknowledged as ${seq} and is stored as ${rows[0]?.seq}`);
    }
    if (acks.size > 0) continue;
    if (rows.length > 1) findings.add('I6', `${id} has no acknowledgement and is stored ${rows.length} times`);
    if (rows.length > 0 && refusals >= sends)
      findings.add('I6', `${id} was refused each of ${sends} times and is stored`);
  }
}

function checkSendOrder(store: Store, fates: Map<string, Fate>, findings: Findings): void {
  interface Sent {
    readonly id: string;
    readonly place: number;
    readonly seq: number;
  }
  const lanes = new Map<ClientLog, Map<string, Sent[]>>();
  for (const [id, { log, conversationId, place, unordered }] of fates) {
    const row = store.byId.get(id)?.[0];
    if (!row || unordered || place === undefined) continue;
    const ofLog = lanes.get(log) ?? new Map<string, Sent[]>();
    lanes.set(log, ofLog);
    const lane = ofLog.get(conversationId) ?? [];
    ofLog.set(conversationId, lane);
    lane.push({ id, place, seq: row.seq });
  }
  for (const [log, ofLog] of lanes)
    for (const [conversationId, lane] of ofLog) {
      lane.sort((one, other) => one.place - other.place);
      lane.forEach(({ id, seq }, index) => {
        const before = lane[index - 1];
        if (before && before.seq > seq)
          findings.add(
            'I5',
            `${log.name} sent ${before.id} before ${id}; ${conversationId} has ${before.seq} and ${seq}`,
          );
      });
    }
}

/** Of one conversation on one connection: the last live number, and what was fetched beyond it. */
interface Live {
  last: number;
  readonly fetched: Set<number>;
}

function checkReceived(log: ClientLog, store: Store, findings: Findings): number {
  let received = 0;
  let live = new Map<string, Live>();
  let isResumed = false;
  const highest = new Map<string, number>();
  for (const entry of log.entries) {
    if (entry.what === 'opened') live = new Map();
    if (entry.what === 'opened' || entry.what === 'resumed') isResumed = entry.what === 'resumed';
    if (entry.what === 'gap') live.delete(entry.conversationId);
    if (entry.what !== 'receive') continue;
    received += 1;
    checkOne(log, entry, store, findings);
    const { conversationId, seq, line } = entry;
    const before = live.get(conversationId);
    const held = highest.get(conversationId) ?? 0;
    highest.set(conversationId, Math.max(held, seq));
    if (entry.live && !before && isResumed && seq > held + 1)
      findings.add('I4', `${log.name} had resumed ${conversationId} up to ${held}, and ${seq} came live`);
    if (!entry.live) before?.fetched.add(seq);
    else if (!before) live.set(conversationId, { last: seq, fetched: new Set() });
    else if (!follows(before, seq))
      findings.add('I4', `${log.name} saw ${conversationId}#${seq} live after ${before.last} on connection ${line}`);
  }
  return received;
}

/** Whatever lies between was fetched before. */
function follows(before: Live, seq: number): boolean {
  let next = before.last + 1;
  while (before.fetched.delete(next)) next += 1;
  // A message that was fetched may come live as well.
  const isNext = seq > before.last && seq <= next;
  before.last = seq;
  return isNext;
}

function checkOne(log: ClientLog, receive: Receive, store: Store, findings: Findings): void {
  const { conversationId, seq, id, hash, tenantId } = receive;
  const owner = store.tenants.get(conversationId) ?? tenantId;
  if (tenantId !== log.tenantId || owner !== log.tenantId)
    findings.add('I7', `${log.name} of ${log.tenantId} received ${id} of ${tenantId} (${conversationId}#${seq})`);
  const row = store.conversations.get(conversationId)?.[seq - 1];
  if (row?.seq !== seq) findings.add('I4', `${log.name} received ${conversationId}#${seq}, which is not stored`);
  else if (row.id !== id || row.hash !== hash)
    findings.add('I4', `${log.name} received ${conversationId}#${seq} otherwise than it is stored`);
}

function checkView(log: ClientLog, store: Store, fates: Map<string, Fate>, findings: Findings): void {
  for (const conversationId of log.view.keys()) {
    const owner = store.tenants.get(conversationId);
    if (owner !== undefined && owner !== log.tenantId)
      findings.add('I7', `${log.name} of ${log.tenantId} holds ${conversationId} of ${owner}`);
  }
  for (const [conversationId, rows] of store.conversations) {
    const mine =
      log.sees === 'tenant' ? store.tenants.get(conversationId) === log.tenantId : log.sees.has(conversationId);
    if (mine) compare(log.name, log.view.get(conversationId) ?? [], rows, fates, findings);
  }
}

/** What somebody holds of a conversation, against what is stored. */
function compare(
  who: string,
  held: readonly Held[],
  stored: readonly Stored[],
  fates: Map<string, Fate>,
  findings: Findings,
): void {
  const conversationId = stored[0]?.conversationId ?? 'a conversation that is not stored';
  const bySeq = new Map(held.map((message) => [message.seq, message]));
  if (bySeq.size < held.length) findings.add('I3', `${who}: ${conversationId} has a number twice`);
  held.forEach(({ seq }, index) => {
    const before = held[index - 1]?.seq ?? 0;
    if (seq < before) findings.add('I4', `${who}: ${conversationId} shows ${seq} after ${before}`);
  });
  for (const row of stored) {
    const mine = bySeq.get(row.seq);
    bySeq.delete(row.seq);
    if (!mine) {
      const isAcked = (fates.get(row.id)?.acks.size ?? 0) > 0;
      const words = `${who} lacks ${placeOf(row)} (${row.id})`;
      findings.add('I3', words);
      if (isAcked) findings.add('I1', `${words}, which was acknowledged`);
    } else if ((mine.id !== '' && mine.id !== row.id) || mine.hash !== row.hash) {
      findings.add('I4', `${who} holds ${placeOf(row)} otherwise than it is stored`);
    }
  }
  for (const { seq, id } of bySeq.values())
    findings.add('I4', `${who} holds ${conversationId}#${seq} (${id}), which is not stored`);
}

/** Throws with every kind of violation in words. */
export function expectSound(verdict: Verdict): void {
  if (verdict.violations.length === 0) return;
  const counts = [...verdict.counts].map(([invariant, count]) => `${invariant} × ${count}`).join(', ');
  throw new Error(`${counts}\n${verdict.violations.join('\n')}`);
}
