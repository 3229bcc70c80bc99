/**
 * Giving messages their numbers: the heart of the store.
 *
 * The messages of one commit are stored together: what they need is read first (conversations, senders), the numbers are given
 * in memory in the order of arrival, and then each table is written for all of them. Everything that a message changes is in
 * the same transaction: the tenant's and the conversation's counters, who waits for whom, and the job that tells whoever is
 * away.
 *
 * That a message was stored before is seldom, and told by the index that forbids it: its number is still free then, and only now it is
 * looked up what the first one was. Only a message that takes another one away (removals.ts) is looked up before.
 */
import type { Transaction } from 'kysely';
import type { Content, Removal } from '../../protocol/content.ts';
import { InlayError } from '../../protocol/errors.ts';
import type { ConversationId, TenantId, UserId } from '../../protocol/ids.ts';
import type { Message } from '../../protocol/messages.ts';
import { prepared, type Values } from './prepared.ts';
import {
  type ConversationRow,
  conversationIdOf,
  findRow,
  type MemberRow,
  membersByKey,
  selectConversations,
  toShared,
  visitorIdOf,
} from './queries/conversation-rows.ts';
import { findConversation } from './queries/conversations.ts';
import { insertMember } from './queries/members.ts';
import { advanceConversation, earlierMessage, insertMessage, type StoredMessageRow } from './queries/messages.ts';
import { upsertPushJob } from './queries/push-jobs.ts';
import { takeRevisions } from './queries/revisions.ts';
import { messageIdOf, toMessage } from './queries/rows.ts';
import { findTenantKey } from './queries/tenants.ts';
import { userKeyOf } from './queries/users.ts';
import { isRemoval, isRemoved, removeTarget } from './removals.ts';
import type { Database } from './schema.ts';
import type { Appended, NewMessage } from './store.ts';
import type { TenantKeys } from './tenant-store.ts';
import { forBoth } from './viewing.ts';

export interface Append {
  readonly tenantId: TenantId;
  readonly input: NewMessage;
}
export type AppendOutcome =
  | { readonly ok: true; readonly appended: Appended }
  | { readonly ok: false; readonly error: unknown };
/** The outcomes in the order of the appends. Rejects when nothing of it could be stored. */
export type AppendTogether = (db: Transaction<Database>, appends: readonly Append[]) => Promise<AppendOutcome[]>;

export function createAppender(keys: TenantKeys): AppendTogether {
  return (db, appends) => new AppendGroup(db, keys).run(appends);
}

const rowById = prepared((db, value: Values<{ tenantKey: number; conversationId: ConversationId }>) =>
  selectConversations(db)
    .where('conversations.tenant_key', '=', value('tenantKey'))
    .where('conversations.public_id', '=', value('conversationId')),
);

interface Sender {
  readonly key: number;
  readonly id: UserId;
  readonly isVisitor: boolean;
}

/** A conversation as it is after the messages of the group that came so far. */
class Open {
  lastSeq: number;
  visitorCount: number;
  revision: number;
  status: ConversationRow['status'];
  assigneeKey: number | null;
  assigneeId: string | null;
  waitingSince: number | null;
  pushDueAt = Number.POSITIVE_INFINITY;
  isChanged = false;

  constructor(
    readonly tenantKey: number,
    readonly before: ConversationRow,
  ) {
    this.lastSeq = before.last_seq;
    this.visitorCount = before.visitor_count;
    this.revision = before.revision;
    this.status = before.status;
    this.assigneeKey = before.assignee_key;
    this.assigneeId = before.assignee_id;
    this.waitingSince = before.waiting_since;
  }

  /** A visitor's message opens what was closed and waits for an answer; an agent's is one, and takes what nobody has. */
  serve(sender: Sender, sentAt: number): boolean {
    const { status, waitingSince } = this;
    if (sender.isVisitor) {
      if (status === 'closed') this.#become('waiting', null, null);
      this.waitingSince ??= sentAt;
    } else {
      if (status !== 'open') this.#become('open', sender.key, sender.id);
      this.waitingSince = null;
    }
    return this.status !== status || this.waitingSince !== waitingSince;
  }

  /** As the row is after the message; its revision is still to come. */
  rowAfter({ seq, visitorCount }: Accepted): ConversationRow {
    return {
      ...this.before,
      last_seq: seq,
      visitor_count: visitorCount,
      status: this.status,
      assignee_key: this.assigneeKey,
      assignee_id: this.assigneeId,
      waiting_since: this.waitingSince,
    };
  }

  #become(status: ConversationRow['status'], assigneeKey: number | null, assigneeId: string | null): void {
    this.status = status;
    this.assigneeKey = assigneeKey;
    this.assigneeId = assigneeId;
  }
}

/** A message that its sender may store. */
class Accepted {
  seq = 0;
  visitorCount = 0;
  /** State or members of the conversation change by it. */
  changes = false;
  revision = 0;
  previousRevision = 0;
  /** Right after it; only where it changes more than the counters. */
  row: ConversationRow | undefined;
  readonly content: string;

  constructor(
    readonly at: number,
    readonly input: NewMessage,
    readonly open: Open,
    readonly sender: Sender,
  ) {
    this.content = JSON.stringify(input.content);
  }

  message(): Message {
    const { input, sender, seq } = this;
    const conversationId = conversationIdOf(this.open.before);
    return {
      messageId: messageIdOf(conversationId, seq),
      conversationId,
      seq,
      senderId: sender.id,
      clientMessageId: input.clientMessageId,
      content: input.content,
      sentAt: input.sentAt,
    };
  }
}

class AppendGroup {
  readonly #outcomes: AppendOutcome[] = [];
  readonly #opened = new Map<number, Open>();
  readonly #byId = new Map<string, Open>();
  readonly #agents = new Map<string, Sender>();
  readonly #visitors = new Map<Open, Sender>();
  /** Sent twice in this group: answered when the first of them has its number. */
  readonly #again: { readonly message: Accepted; readonly first: Accepted }[] = [];

  constructor(
    private readonly db: Transaction<Database>,
    private readonly keys: TenantKeys,
  ) {}

  async run(appends: readonly Append[]): Promise<AppendOutcome[]> {
    await this.#openAll(appends);
    const accepted: Accepted[] = [];
    for (const [at, { tenantId, input }] of appends.entries()) {
      try {
        accepted.push(this.#acceptOwn(tenantId, input, at) ?? (await this.#accept(tenantId, input, at)));
      } catch (error) {
        this.#outcomes[at] = { ok: false, error };
      }
    }
    await this.#store(this.#withoutTwins(accepted));
    for (const { message, first } of this.#again) {
      const outcome = this.#outcomes[first.at];
      this.#outcomes[message.at] = outcome ? repeatedInGroup(message, first, outcome) : reused();
    }
    return this.#outcomes;
  }

  /** One look for each conversation, however many messages it gets. */
  async #openAll(appends: readonly Append[]): Promise<void> {
    const wanted = new Map<string, { tenantKey: number; conversationId: ConversationId }>();
    for (const { tenantId, input } of appends) {
      const { conversationId } = input;
      const id = idOf(tenantId, conversationId);
      if (wanted.has(id)) continue;
      const tenantKey = this.keys.get(tenantId) ?? (await findTenantKey(this.db, tenantId));
      if (tenantKey !== undefined) wanted.set(id, { tenantKey, conversationId });
    }
    const found = await rowById.each(this.db, [...wanted.values()]);
    let at = 0;
    for (const [id, { tenantKey }] of wanted) {
      const row = found[at++]?.[0];
      if (row && row.merged_into === null) this.#byId.set(id, this.#open(tenantKey, row));
    }
  }

  #open(tenantKey: number, row: ConversationRow): Open {
    const known = this.#opened.get(row.conversation_key);
    if (known) return known;
    const open = new Open(tenantKey, row);
    this.#opened.set(row.conversation_key, open);
    return open;
  }

  /** What nearly every message is: to one's own conversation, or by an agent who has written in this group. */
  #acceptOwn(tenantId: TenantId, input: NewMessage, at: number): Accepted | undefined {
    const open = this.#byId.get(idOf(tenantId, input.conversationId));
    if (!open) return undefined;
    const { side, userId } = input.sender;
    if (side === 'visitor' && open.before.visitor_id !== userId) return undefined;
    const sender = side === 'visitor' ? this.#visitorOf(open) : this.#agents.get(idOf(tenantId, userId));
    return sender && new Accepted(at, input, open, sender);
  }

  /** The rule is findConversation's. */
  async #accept(tenantId: TenantId, input: NewMessage, at: number): Promise<Accepted> {
    const tenantKey = this.keys.get(tenantId) ?? (await findTenantKey(this.db, tenantId));
    if (tenantKey === undefined) throw new InlayError('tenant-unknown', 'There is no such tenant.');
    const { sender, conversationId } = input;
    const found = await findConversation(this.db, tenantKey, sender, conversationId, true);
    const row = found && (await findRow(this.db, tenantKey, found.conversationKey));
    if (!row) throw new InlayError('not-found', 'There is no such conversation.');
    const open = this.#open(tenantKey, row);
    if (sender.side === 'visitor') return new Accepted(at, input, open, this.#visitorOf(open));
    const agent = { key: await userKeyOf(this.db, tenantKey, sender.userId), id: sender.userId, isVisitor: false };
    this.#agents.set(idOf(tenantId, sender.userId), agent);
    return new Accepted(at, input, open, agent);
  }

  /** Whoever writes as the visitor is the visitor, also the guest who became this user a moment ago. */
  #visitorOf(open: Open): Sender {
    const known = this.#visitors.get(open);
    if (known) return known;
    const sender = { key: open.before.visitor_key, id: visitorIdOf(open.before), isVisitor: true };
    this.#visitors.set(open, sender);
    return sender;
  }

  #withoutTwins(accepted: readonly Accepted[]): Accepted[] {
    const firsts = new Map<string, Accepted>();
    for (const message of accepted) {
      const id = `${message.input.clientMessageId} ${message.sender.key}`;
      const first = firsts.get(id);
      if (first) this.#again.push({ message, first });
      else firsts.set(id, message);
    }
    return [...firsts.values()];
  }

  async #store(accepted: readonly Accepted[]): Promise<void> {
    const stored: Accepted[] = [];
    const repeats: Accepted[] = [];
    for (const message of accepted) {
      try {
        ((await this.#insert(message)) ? stored : repeats).push(message);
      } catch (error) {
        // Refused before anything was written. Whatever else fails is the whole transaction's.
        if (!(error instanceof InlayError)) throw error;
        this.#outcomes[message.at] = { ok: false, error };
      }
    }
    await this.#answerRepeats(repeats);
    if (stored.length > 0) await this.#advance(stored);
  }

  /** With the next number of its conversation. False: it was stored before, and the number is still free. */
  async #insert(message: Accepted): Promise<boolean> {
    const { open, sender } = message;
    if (isRemoval(message.input.content) && !(await this.#remove(message, message.input.content))) return false;
    message.seq = open.lastSeq + 1;
    message.visitorCount = open.visitorCount + (sender.isVisitor ? 1 : 0);
    const [inserted] = await insertMessage.write(this.db, [rowOf(message)]);
    if (inserted === 0) return false;
    open.lastSeq = message.seq;
    open.visitorCount = message.visitorCount;
    return true;
  }

  /** What it takes away is gone after it. False: it was stored before, and did so then. */
  async #remove({ open, sender, input }: Accepted, removal: Removal): Promise<boolean> {
    const sent = { senderKey: sender.key, clientMessageId: input.clientMessageId };
    if ((await earlierMessage(this.db, sent)).length > 0) return false;
    // Sent by the numbers of a conversation that was merged into this one.
    if (input.conversationId !== conversationIdOf(open.before))
      throw new InlayError('not-found', 'There is no such message.');
    const recallableSince = input.recallableSince ?? Number.NEGATIVE_INFINITY;
    const remover = { conversationKey: open.before.conversation_key, senderKey: sender.key, recallableSince };
    await removeTarget(this.db, removal, remover);
    return true;
  }

  async #answerRepeats(repeats: readonly Accepted[]): Promise<void> {
    const known = await earlierMessage.each(
      this.db,
      repeats.map(({ sender, input }) => ({ senderKey: sender.key, clientMessageId: input.clientMessageId })),
    );
    repeats.forEach((message, at) => {
      const row = known[at]?.[0];
      this.#outcomes[message.at] = row ? repeated(message, row) : reused();
    });
  }

  /** What the messages change beside. */
  async #advance(stored: readonly Accepted[]): Promise<void> {
    const said = stored.filter(({ input }) => !isRemoval(input.content));
    const joined = await this.#join(said);
    for (const message of said) {
      const { open, sender, input } = message;
      message.changes = open.serve(sender, input.sentAt) || joined.has(message);
      open.isChanged ||= message.changes;
      open.pushDueAt = Math.min(open.pushDueAt, input.pushDueAt);
      if (message.changes) message.row = open.rowAfter(message);
    }
    await this.#revise(stored);
    const written = [...new Set(stored.map(({ open }) => open))];
    await advanceConversation.write(this.db, written.map(columnsOf));
    await upsertPushJob.write(this.db, [...new Set(said.map(({ open }) => open))].map(jobOf));
    const members = await this.#membersOf(written.filter(({ isChanged }) => isChanged));
    for (const message of stored) this.#outcomes[message.at] = { ok: true, appended: appendedOf(message, members) };
  }

  /** A message takes the tenant's next revision, and what it changes beside the one after. */
  async #revise(stored: readonly Accepted[]): Promise<void> {
    const last = new Map<number, number>();
    for (const { open, changes } of stored)
      last.set(open.tenantKey, (last.get(open.tenantKey) ?? 0) + (changes ? 2 : 1));
    for (const [tenantKey, count] of last)
      last.set(tenantKey, (await takeRevisions(this.db, tenantKey, count)) - count);
    for (const message of stored) {
      const { open } = message;
      message.previousRevision = open.revision;
      message.revision = (last.get(open.tenantKey) ?? 0) + 1;
      open.revision = message.changes ? message.revision + 1 : message.revision;
      last.set(open.tenantKey, open.revision);
    }
  }

  /** Agents become members by writing. Those whose message made them one come back. */
  async #join(fresh: readonly Accepted[]): Promise<ReadonlySet<Accepted>> {
    const byAgents = fresh.filter(({ sender }) => !sender.isVisitor);
    const inserted = await insertMember.each(
      this.db,
      byAgents.map(({ open, sender }) => ({ conversationKey: open.before.conversation_key, userKey: sender.key })),
    );
    return new Set(byAgents.filter((_, at) => (inserted[at]?.length ?? 0) > 0));
  }

  async #membersOf(changed: readonly Open[]): Promise<ReadonlyMap<Open, MemberRow[]>> {
    const members = await membersByKey.each(
      this.db,
      changed.map(({ before }) => ({ conversationKey: before.conversation_key })),
    );
    return new Map(changed.map((open, at) => [open, members[at] ?? []]));
  }
}

function idOf(tenantId: TenantId, id: ConversationId | UserId): string {
  return `${tenantId} ${id}`;
}

function rowOf({ open, sender, input, seq, content, visitorCount }: Accepted) {
  return {
    conversationKey: open.before.conversation_key,
    seq,
    senderKey: sender.key,
    clientMessageId: input.clientMessageId,
    content,
    sentAt: input.sentAt,
    visitorCount,
  };
}

function columnsOf(open: Open) {
  return {
    conversationKey: open.before.conversation_key,
    last_seq: open.lastSeq,
    visitor_count: open.visitorCount,
    revision: open.revision,
    status: open.status,
    assignee_key: open.assigneeKey,
    waiting_since: open.waitingSince,
  };
}

function jobOf({ tenantKey, before, pushDueAt }: Open) {
  return { tenantKey, conversationKey: before.conversation_key, dueAt: pushDueAt };
}

function appendedOf(accepted: Accepted, members: ReadonlyMap<Open, MemberRow[]>): Appended {
  const { open, row, revision, previousRevision } = accepted;
  const message = accepted.message();
  const visitorId = visitorIdOf(open.before);
  if (!row) return { message, visitorId, revision, previousRevision, repeated: false };
  const shared = toShared({ ...row, revision: revision + 1 }, members.get(open) ?? [], message);
  const change = { ...forBoth(shared), visitorId, previousRevision: revision };
  return { message, visitorId, revision, previousRevision, repeated: false, change };
}

function repeated(message: Accepted, known: StoredMessageRow): AppendOutcome {
  const { open } = message;
  if (known.conversation_key !== open.before.conversation_key || !isSame(message, known.content)) return reused();
  return repeatOf(open, toMessage(conversationIdOf(open.before), known));
}

/** A removal that was moved by a merge names its target by another number than it was sent with. */
function isSame({ content, input, open }: Accepted, known: string): boolean {
  if (known === content || isRemoved(known)) return true;
  const isMoved = isRemoval(input.content) && input.conversationId !== conversationIdOf(open.before);
  return isMoved && (JSON.parse(known) as Content).kind === input.content.kind;
}

function repeatedInGroup({ open, content }: Accepted, first: Accepted, outcome: AppendOutcome): AppendOutcome {
  if (first.open !== open || first.content !== content || !outcome.ok) return reused();
  return repeatOf(open, outcome.appended.message);
}

function repeatOf(open: Open, message: Message): AppendOutcome {
  const { revision } = open;
  const visitorId = visitorIdOf(open.before);
  return { ok: true, appended: { message, visitorId, revision, previousRevision: revision, repeated: true } };
}

function reused(): AppendOutcome {
  const error = new InlayError('client-message-id-reused', 'Another message was sent with this clientMessageId.');
  return { ok: false, error };
}
