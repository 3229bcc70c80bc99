/**
 * Giving messages their numbers: the heart of the store.
 *
 * The messages of one commit are stored together: what they need is read first (conversations, senders, what was stored
 * before), the numbers are given in memory in the order of arrival, and then each table is written once for all of them.
 * Everything that a message changes is in the same transaction: the tenant's and the conversation's counters, who waits for
 * whom, and the job that tells whoever is away. No message costs its neighbours anything: what is refused (no right, a
 * clientMessageId used twice) is found before the first write.
 */
import type { Transaction } from 'kysely';
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
import type { Database } from './schema.ts';
import type { Appended, NewMessage } from './store.ts';
import type { TenantKeys } from './tenant-store.ts';

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
interface Open {
  readonly tenantKey: number;
  row: ConversationRow;
  pushDueAt: number;
  isChanged: boolean;
}

/** A message that is to be stored, or that repeats one. */
interface Accepted {
  readonly at: number;
  readonly input: NewMessage;
  readonly open: Open;
  readonly sender: Sender;
}

type ServiceColumns = Pick<ConversationRow, 'status' | 'assignee_key' | 'waiting_since'>;

class AppendGroup {
  readonly #outcomes: AppendOutcome[] = [];
  readonly #opened = new Map<number, Open>();
  readonly #byId = new Map<string, Open>();
  readonly #senders = new Map<string, Sender>();

  constructor(
    private readonly db: Transaction<Database>,
    private readonly keys: TenantKeys,
  ) {}

  async run(appends: readonly Append[]): Promise<AppendOutcome[]> {
    await this.#openAll(appends);
    const accepted: Accepted[] = [];
    for (const [at, append] of appends.entries()) {
      try {
        accepted.push(await this.#accept(append, at));
      } catch (error) {
        this.#outcomes[at] = { ok: false, error };
      }
    }
    const fresh = await this.#answerRepeats(accepted);
    if (fresh.length > 0) await this.#store(fresh);
    return this.#outcomes;
  }

  /** One look for each conversation, however many messages it gets. */
  async #openAll(appends: readonly Append[]): Promise<void> {
    const wanted = new Map<string, { tenantKey: number; conversationId: ConversationId }>();
    for (const { tenantId, input } of appends) {
      const tenantKey = await this.#tenantKey(tenantId);
      const { conversationId } = input;
      if (tenantKey !== undefined) wanted.set(idOf(tenantKey, conversationId), { tenantKey, conversationId });
    }
    const asked = [...wanted.values()];
    const found = await rowById.each(this.db, asked);
    asked.forEach(({ tenantKey, conversationId }, at) => {
      const row = found[at]?.[0];
      if (row && row.merged_into === null) this.#byId.set(idOf(tenantKey, conversationId), this.#open(tenantKey, row));
    });
  }

  #open(tenantKey: number, row: ConversationRow): Open {
    const known = this.#opened.get(row.conversation_key);
    if (known) return known;
    const open: Open = { tenantKey, row, pushDueAt: Number.POSITIVE_INFINITY, isChanged: false };
    this.#opened.set(row.conversation_key, open);
    return open;
  }

  async #tenantKey(tenantId: TenantId): Promise<number | undefined> {
    return this.keys.get(tenantId) ?? (await findTenantKey(this.db, tenantId));
  }

  async #accept({ tenantId, input }: Append, at: number): Promise<Accepted> {
    const tenantKey = await this.#tenantKey(tenantId);
    if (tenantKey === undefined) throw new InlayError('tenant-unknown', 'There is no such tenant.');
    const open = await this.#accessible(tenantKey, input);
    return { at, input, open, sender: await this.#sender(tenantKey, open.row, input) };
  }

  /** The rule is findConversation's; what nearly every message is, one's own conversation or an agent's, is seen at once. */
  async #accessible(tenantKey: number, { sender, conversationId }: NewMessage): Promise<Open> {
    const open = this.#byId.get(idOf(tenantKey, conversationId));
    if (open && (sender.side === 'desk' || open.row.visitor_id === sender.userId)) return open;
    const found = await findConversation(this.db, tenantKey, sender, conversationId, true);
    const row = found && (await findRow(this.db, tenantKey, found.conversationKey));
    if (!row) throw new InlayError('not-found', 'There is no such conversation.');
    return this.#open(tenantKey, row);
  }

  /** Whoever writes as the visitor is the visitor, also the guest who became this user a moment ago. */
  async #sender(tenantKey: number, row: ConversationRow, { sender }: NewMessage): Promise<Sender> {
    if (sender.side === 'visitor') return { key: row.visitor_key, id: visitorIdOf(row), isVisitor: true };
    const id = `${tenantKey} ${sender.userId}`;
    const known = this.#senders.get(id);
    if (known) return known;
    const found = { key: await userKeyOf(this.db, tenantKey, sender.userId), id: sender.userId, isVisitor: false };
    this.#senders.set(id, found);
    return found;
  }

  /** Those that were never stored come back, each clientMessageId once. */
  async #answerRepeats(accepted: readonly Accepted[]): Promise<Accepted[]> {
    const asked = accepted.map(({ sender, input }) => ({
      senderKey: sender.key,
      clientMessageId: input.clientMessageId,
    }));
    const stored = await earlierMessage.each(this.db, asked);
    const fresh = new Map<string, Accepted>();
    const again: { readonly message: Accepted; readonly first: Accepted }[] = [];
    accepted.forEach((message, at) => {
      const known = stored[at]?.[0];
      const id = `${message.sender.key} ${message.input.clientMessageId}`;
      const first = fresh.get(id);
      if (known) this.#outcomes[message.at] = repeated(message, known);
      else if (first) again.push({ message, first });
      else fresh.set(id, message);
    });
    this.#repeatsOfThisGroup = again;
    return [...fresh.values()];
  }

  /** Sent twice at once: answered when the first of them has its number. */
  #repeatsOfThisGroup: readonly { readonly message: Accepted; readonly first: Accepted }[] = [];

  async #store(fresh: readonly Accepted[]): Promise<void> {
    const joined = await this.#join(fresh);
    const revisions = await this.#takeRevisions(fresh, joined);
    const appended = fresh.map((message) => this.#number(message, joined.has(message), revisions));
    await insertMessage.each(
      this.db,
      fresh.map((message, at) => rowOf(message, appended[at] as Numbered)),
    );
    const written = [...new Set(fresh.map(({ open }) => open))];
    await advanceConversation.each(
      this.db,
      written.map(({ row }) => ({ ...row, conversationKey: row.conversation_key })),
    );
    await upsertPushJob.each(
      this.db,
      written.map(({ tenantKey, row, pushDueAt }) => ({
        tenantKey,
        conversationKey: row.conversation_key,
        dueAt: pushDueAt,
      })),
    );
    const members = await this.#membersOf(written.filter(({ isChanged }) => isChanged));
    fresh.forEach(({ at }, index) => {
      this.#outcomes[at] = { ok: true, appended: appendedOf(appended[index] as Numbered, members) };
    });
    for (const { message, first } of this.#repeatsOfThisGroup)
      this.#outcomes[message.at] = repeatedInGroup(message, first, this.#outcomes[first.at] as AppendOutcome);
  }

  /** Agents become members by writing. Those whose message made them one come back. */
  async #join(fresh: readonly Accepted[]): Promise<ReadonlySet<Accepted>> {
    const byAgents = fresh.filter(({ sender }) => !sender.isVisitor);
    const inserted = await insertMember.each(
      this.db,
      byAgents.map(({ open, sender }) => ({ conversationKey: open.row.conversation_key, userKey: sender.key })),
    );
    return new Set(byAgents.filter((_, at) => (inserted[at]?.length ?? 0) > 0));
  }

  /** Of each tenant, the revision before the first that this group takes. */
  async #takeRevisions(fresh: readonly Accepted[], joined: ReadonlySet<Accepted>): Promise<Map<number, number>> {
    const states = new Map<Open, ConversationRow>();
    const counts = new Map<number, number>();
    for (const message of fresh) {
      const { open, sender, input } = message;
      const before = states.get(open) ?? open.row;
      const after = withService(before, sender, input.sentAt);
      states.set(open, after);
      const takes = isChange(before, after, joined.has(message)) ? 2 : 1;
      counts.set(open.tenantKey, (counts.get(open.tenantKey) ?? 0) + takes);
    }
    const starts = new Map<number, number>();
    for (const [tenantKey, count] of counts)
      starts.set(tenantKey, (await takeRevisions(this.db, tenantKey, count)) - count);
    return starts;
  }

  #number(message: Accepted, joined: boolean, revisions: Map<number, number>): Numbered {
    const { open, sender, input } = message;
    const before = open.row;
    const after = withService(before, sender, input.sentAt);
    const changes = isChange(before, after, joined);
    const revision = (revisions.get(open.tenantKey) ?? 0) + 1;
    const last = changes ? revision + 1 : revision;
    revisions.set(open.tenantKey, last);
    const row: ConversationRow = {
      ...after,
      last_seq: before.last_seq + 1,
      visitor_count: before.visitor_count + (sender.isVisitor ? 1 : 0),
      revision: last,
    };
    open.row = row;
    open.pushDueAt = Math.min(open.pushDueAt, input.pushDueAt);
    open.isChanged ||= changes;
    return { row, changes, revision, previousRevision: before.revision, message: messageOf(row, sender, input) };
  }

  async #membersOf(changed: readonly Open[]): Promise<ReadonlyMap<number, MemberRow[]>> {
    const keys = changed.map(({ row }) => row.conversation_key);
    const members = await membersByKey.each(
      this.db,
      keys.map((conversationKey) => ({ conversationKey })),
    );
    return new Map(keys.map((key, at) => [key, members[at] ?? []]));
  }
}

interface Numbered {
  /** The conversation right after this message. */
  readonly row: ConversationRow;
  readonly changes: boolean;
  readonly revision: number;
  readonly previousRevision: number;
  readonly message: Message;
}

function idOf(tenantKey: number, conversationId: ConversationId): string {
  return `${tenantKey} ${conversationId}`;
}

/** A visitor's message opens what was closed and waits for an answer; an agent's is one, and takes what nobody has. */
function withService(row: ConversationRow, sender: Sender, sentAt: number): ConversationRow {
  const service = serviceAfter(row, sender, sentAt);
  if (service.assignee_key === row.assignee_key) return { ...row, ...service };
  // The row also has the assignee's id, which is joined and not a column.
  return { ...row, ...service, assignee_id: service.assignee_key === sender.key ? sender.id : null };
}

function serviceAfter(
  { status, assignee_key, waiting_since }: ConversationRow,
  sender: Sender,
  sentAt: number,
): ServiceColumns {
  if (sender.isVisitor)
    return {
      status: status === 'closed' ? 'waiting' : status,
      assignee_key: status === 'closed' ? null : assignee_key,
      waiting_since: waiting_since ?? sentAt,
    };
  return { status: 'open', assignee_key: status === 'open' ? assignee_key : sender.key, waiting_since: null };
}

function isChange(before: ServiceColumns, after: ServiceColumns, joined: boolean): boolean {
  return joined || after.status !== before.status || after.waiting_since !== before.waiting_since;
}

function messageOf(row: ConversationRow, sender: Sender, input: NewMessage): Message {
  const conversationId = conversationIdOf(row);
  return {
    messageId: messageIdOf(conversationId, row.last_seq),
    conversationId,
    seq: row.last_seq,
    senderId: sender.id,
    clientMessageId: input.clientMessageId,
    content: input.content,
    sentAt: input.sentAt,
  };
}

function rowOf({ sender, input }: Accepted, { row }: Numbered) {
  return {
    conversationKey: row.conversation_key,
    seq: row.last_seq,
    senderKey: sender.key,
    clientMessageId: input.clientMessageId,
    content: JSON.stringify(input.content),
    contentHash: input.contentHash,
    sentAt: input.sentAt,
    visitorCount: row.visitor_count,
  };
}

function appendedOf(
  { row, changes, revision, previousRevision, message }: Numbered,
  members: ReadonlyMap<number, MemberRow[]>,
): Appended {
  const visitorId = visitorIdOf(row);
  const appended = { message, visitorId, revision, previousRevision, repeated: false };
  if (!changes) return appended;
  const conversation = toShared(row, members.get(row.conversation_key) ?? [], message);
  return { ...appended, change: { conversation, visitorId, previousRevision: revision } };
}

function repeated({ open, input }: Accepted, known: StoredMessageRow): AppendOutcome {
  if (known.content_hash !== input.contentHash || known.conversation_key !== open.row.conversation_key) return reused();
  return repeatOf(open.row, toMessage(conversationIdOf(open.row), known));
}

function repeatedInGroup({ open, input }: Accepted, first: Accepted, outcome: AppendOutcome): AppendOutcome {
  if (first.open !== open || first.input.contentHash !== input.contentHash || !outcome.ok) return reused();
  return repeatOf(open.row, outcome.appended.message);
}

function repeatOf(row: ConversationRow, message: Message): AppendOutcome {
  const { revision } = row;
  const appended = { message, visitorId: visitorIdOf(row), revision, previousRevision: revision, repeated: true };
  return { ok: true, appended };
}

function reused(): AppendOutcome {
  const error = new InlayError('client-message-id-reused', 'Another message was sent with this clientMessageId.');
  return { ok: false, error };
}
