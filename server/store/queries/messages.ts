/** The statements for messages. What a new message changes beside is in ../append.ts. */
import type { Kysely } from 'kysely';
import type { ClientMessageId, ConversationId } from '../../../protocol/ids.ts';
import { PAGE_MAX_BYTES } from '../../../protocol/limits.ts';
import { prepared, type Values } from '../prepared.ts';
import type { Database } from '../schema.ts';
import type { ConversationRef, MessagePage, MessagePageInput } from '../store.ts';
import { withoutCleared } from '../viewing.ts';
import { clearedSeqOf } from './clear.ts';
import { type ConversationRow, conversationIdOf, selectMessages } from './conversation-rows.ts';
import { currentRow } from './conversations.ts';
import { isBetween, placeOf, SEQ_MAX } from './place.ts';
import { bytesOf, type MessageRow, toMessage } from './rows.ts';

/** What it takes to tell a repeat, and to answer it. */
export interface StoredMessageRow extends MessageRow {
  readonly conversation_key: number;
}

export const earlierMessage = prepared((db, value: Values<{ senderKey: number; clientMessageId: ClientMessageId }>) =>
  db
    .selectFrom('messages')
    .innerJoin('users as sender', 'sender.user_key', 'messages.sender_key')
    .select([
      'messages.conversation_key',
      'messages.seq',
      'messages.client_message_id',
      'messages.content',
      'messages.sent_at',
      'sender.public_id as sender_id',
    ])
    .where('messages.sender_key', '=', value('senderKey'))
    .where('messages.client_message_id', '=', value('clientMessageId')),
);

export interface NewMessageRow {
  readonly conversationKey: number;
  readonly seq: number;
  readonly senderKey: number;
  readonly clientMessageId: ClientMessageId;
  readonly content: string;
  readonly sentAt: number;
  readonly visitorCount: number;
}
/** Nothing is stored when there is a message of this sender and clientMessageId. */
export const insertMessage = prepared((db, value: Values<NewMessageRow>) =>
  db
    .insertInto('messages')
    .values({
      place: placeOf(value('conversationKey'), value('seq')),
      sender_key: value('senderKey'),
      client_message_id: value('clientMessageId'),
      content: value('content'),
      sent_at: value('sentAt'),
      visitor_count: value('visitorCount'),
    })
    .onConflict((conflict) => conflict.columns(['client_message_id', 'sender_key']).doNothing()),
);

export const advanceConversation = prepared(
  (db, value: Values<Counters & ServiceColumns & { conversationKey: number }>) =>
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

interface Page {
  readonly key: number;
  readonly limit: number;
  readonly seq: number;
}
const pageAfter = prepared((db, value: Values<Page>) =>
  selectMessages(db)
    .where(isBetween(value('key'), value('seq')))
    .orderBy('messages.place')
    .limit(value('limit')),
);
const pageUpTo = prepared((db, value: Values<Page>) =>
  selectMessages(db)
    .where(isBetween(value('key'), 0, value('seq')))
    .orderBy('messages.place', 'desc')
    .limit(value('limit')),
);

export async function listMessages(
  db: Kysely<Database>,
  tenantKey: number,
  ref: ConversationRef,
  { after, before, limit, side }: MessagePageInput,
): Promise<MessagePage> {
  const row = await currentRow(db, tenantKey, ref);
  const key = row.conversation_key;
  const rows =
    after === undefined
      ? withRoom(
          await pageUpTo(db, { key, limit, seq: Math.min((before ?? Number.MAX_SAFE_INTEGER) - 1, SEQ_MAX) }),
        ).reverse()
      : withRoom(await pageAfter(db, { key, limit, seq: after }));
  const conversationId: ConversationId = conversationIdOf(row);
  const cleared = side === 'visitor' ? await clearedSeqOf(db, key, row.visitor_key) : 0;
  const messages = rows.map((each) => withoutCleared(toMessage(conversationId, each), cleared));
  return { messages, lastSeq: row.last_seq };
}

/** As many from the front as a page has room for. */
function withRoom<Row extends MessageRow>(rows: readonly Row[]): Row[] {
  let room = PAGE_MAX_BYTES;
  return rows.filter((row, at) => {
    room -= bytesOf(row);
    return room >= 0 || at === 0;
  });
}
