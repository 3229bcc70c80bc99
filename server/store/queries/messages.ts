/**
 * The heart of the store: giving a message its number. Everything that the message changes is written in the same transaction:
 * the tenant's and the conversation's counters, who waits for whom, and the job that tells whoever is away.
 */
import type { Kysely, Transaction } from 'kysely';
import { InlayError } from '../../../protocol/errors.ts';
import type { ClientMessageId, ConversationId, UserId } from '../../../protocol/ids.ts';
import type { Message } from '../../../protocol/messages.ts';
import { prepared, type Values } from '../prepared.ts';
import type { Database } from '../schema.ts';
import type {
  Appended,
  ConversationChange,
  ConversationRef,
  MessagePage,
  MessagePageInput,
  NewMessage,
} from '../store.ts';
import {
  type ConversationRow,
  conversationIdOf,
  readShared,
  selectMessages,
  visitorIdOf,
} from './conversation-rows.ts';
import { currentRow, mergedRow } from './conversations.ts';
import { addMember } from './members.ts';
import { enqueuePushJob } from './push-jobs.ts';
import { takeRevisions } from './revisions.ts';
import { messageIdOf, toMessage } from './rows.ts';
import { userKeyOf } from './users.ts';

const earlier = prepared((db, value: Values<{ senderKey: number; clientMessageId: ClientMessageId }>) =>
  db
    .selectFrom('messages')
    .innerJoin('users as sender', 'sender.user_key', 'messages.sender_key')
    .select([
      'messages.conversation_key',
      'messages.seq',
      'messages.client_message_id',
      'messages.content',
      'messages.content_hash',
      'messages.sent_at',
      'sender.public_id as sender_id',
    ])
    .where('messages.sender_key', '=', value('senderKey'))
    .where('messages.client_message_id', '=', value('clientMessageId')),
);

interface NewRow {
  readonly conversationKey: number;
  readonly seq: number;
  readonly senderKey: number;
  readonly clientMessageId: ClientMessageId;
  readonly content: string;
  readonly contentHash: string;
  readonly sentAt: number;
  readonly visitorCount: number;
}
/** No row comes back when there is a message of this sender and clientMessageId. */
const insertMessage = prepared((db, value: Values<NewRow>) =>
  db
    .insertInto('messages')
    .values({
      conversation_key: value('conversationKey'),
      seq: value('seq'),
      sender_key: value('senderKey'),
      client_message_id: value('clientMessageId'),
      content: value('content'),
      content_hash: value('contentHash'),
      sent_at: value('sentAt'),
      visitor_count: value('visitorCount'),
    })
    .onConflict((conflict) => conflict.columns(['sender_key', 'client_message_id']).doNothing())
    .returning('seq'),
);

const advanceConversation = prepared((db, value: Values<Counters & ServiceColumns & { conversationKey: number }>) =>
  db
    .updateTable('conversations')
    .set({
      last_seq: value('last_seq'),
      visitor_count: value('visitor_count'),
      revision: value('revision'),
      status: value('status'),
      assignee_key: value('assignee_key'),
      waiting_since: value('waiting_since'),
    })
    .where('conversation_key', '=', value('conversationKey')),
);
type Counters = Pick<ConversationRow, 'last_seq' | 'visitor_count' | 'revision'>;
type ServiceColumns = Pick<ConversationRow, 'status' | 'assignee_key' | 'waiting_since'>;

interface Sender {
  readonly key: number;
  readonly id: UserId;
  readonly isVisitor: boolean;
}

export async function appendMessage(
  db: Transaction<Database>,
  tenantKey: number,
  input: NewMessage,
): Promise<Appended> {
  const row = await mergedRow(db, tenantKey, input.conversation);
  const sender = await senderOf(db, tenantKey, row, input);
  const next = { ...row, ...countersAfter(row, sender) };
  const [inserted] = await insertMessage(db, rowOf(next, sender, input));
  return inserted ? advance(db, tenantKey, row, sender, input) : repeat(db, row, sender, input);
}

/** Whoever writes as the visitor is the visitor, also the guest who became this user a moment ago. */
async function senderOf(
  db: Kysely<Database>,
  tenantKey: number,
  row: ConversationRow,
  { sender }: NewMessage,
): Promise<Sender> {
  if (sender.side === 'visitor') return { key: row.visitor_key, id: visitorIdOf(row), isVisitor: true };
  return { key: await userKeyOf(db, tenantKey, sender.userId), id: sender.userId, isVisitor: false };
}

async function repeat(
  db: Kysely<Database>,
  row: ConversationRow,
  sender: Sender,
  { clientMessageId, contentHash }: NewMessage,
): Promise<Appended> {
  const [known] = await earlier(db, { senderKey: sender.key, clientMessageId });
  if (known?.content_hash !== contentHash || known.conversation_key !== row.conversation_key)
    throw new InlayError('client-message-id-reused', 'Another message was sent with this clientMessageId.');
  return {
    message: toMessage(conversationIdOf(row), known),
    visitorId: visitorIdOf(row),
    revision: row.revision,
    previousRevision: row.revision,
    repeated: true,
  };
}

/** What a stored message changes beside. */
async function advance(
  db: Transaction<Database>,
  tenantKey: number,
  before: ConversationRow,
  sender: Sender,
  input: NewMessage,
): Promise<Appended> {
  const joined = !sender.isVisitor && (await addMember(db, before.conversation_key, sender.key));
  const service = serviceAfter(before, sender, input.sentAt);
  const isChanged = joined || service.status !== before.status || service.waiting_since !== before.waiting_since;
  const last = await takeRevisions(db, tenantKey, isChanged ? 2 : 1);
  const after = {
    ...before,
    ...withAssignee(before, service, sender),
    ...countersAfter(before, sender),
    revision: last,
  };
  const conversationKey = before.conversation_key;
  const message = messageOf(after, sender, input);
  await advanceConversation(db, { ...after, conversationKey });
  await enqueuePushJob(db, { tenantKey, conversationKey, dueAt: input.pushDueAt });
  const revision = isChanged ? last - 1 : last;
  const change = isChanged ? { change: await changeOf(db, after, revision, message) } : {};
  const visitorId = visitorIdOf(before);
  return { message, visitorId, revision, previousRevision: before.revision, repeated: false, ...change };
}

/** A visitor's message opens what was closed and waits for an answer; an agent's is one, and takes what nobody has. */
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

/** The row also has the assignee's id, which is joined and not a column. */
function withAssignee(
  { assignee_key, assignee_id }: ConversationRow,
  service: ServiceColumns,
  sender: Sender,
): ServiceColumns & Pick<ConversationRow, 'assignee_id'> {
  if (service.assignee_key === assignee_key) return { ...service, assignee_id };
  return { ...service, assignee_id: service.assignee_key === sender.key ? sender.id : null };
}

function countersAfter({ last_seq, visitor_count }: ConversationRow, sender: Sender): Omit<Counters, 'revision'> {
  return { last_seq: last_seq + 1, visitor_count: visitor_count + (sender.isVisitor ? 1 : 0) };
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

function rowOf(row: ConversationRow, sender: Sender, input: NewMessage): NewRow {
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

async function changeOf(
  db: Kysely<Database>,
  row: ConversationRow,
  previousRevision: number,
  message: Message,
): Promise<ConversationChange> {
  return { conversation: await readShared(db, row, message), visitorId: visitorIdOf(row), previousRevision };
}

function page(db: Kysely<Database>, key: number, limit: number) {
  return selectMessages(db).where('messages.conversation_key', '=', key).limit(limit);
}
interface Page {
  readonly key: number;
  readonly limit: number;
  readonly seq: number;
}
const pageAfter = prepared((db, value: Values<Page>) =>
  page(db, value('key'), value('limit')).where('messages.seq', '>', value('seq')).orderBy('messages.seq'),
);
const pageBefore = prepared((db, value: Values<Page>) =>
  page(db, value('key'), value('limit')).where('messages.seq', '<', value('seq')).orderBy('messages.seq', 'desc'),
);

export async function listMessages(
  db: Kysely<Database>,
  tenantKey: number,
  ref: ConversationRef,
  { after, before, limit }: MessagePageInput,
): Promise<MessagePage> {
  const row = await currentRow(db, tenantKey, ref);
  const key = row.conversation_key;
  const rows =
    after === undefined
      ? (await pageBefore(db, { key, limit, seq: before ?? Number.MAX_SAFE_INTEGER })).reverse()
      : await pageAfter(db, { key, limit, seq: after });
  const conversationId: ConversationId = conversationIdOf(row);
  return { messages: rows.map((each) => toMessage(conversationId, each)), lastSeq: row.last_seq };
}
