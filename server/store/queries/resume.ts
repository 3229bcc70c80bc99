/**
 * What a client that holds messages up to certain positions lacks.
 *
 * One query compares all positions; only those that are behind are read any further. Numbers have no gaps, so how much is
 * missing, and what of it has room in the answer, is known before a single message is read. What has room is then read in
 * steps of at most READ_COUNT messages (mostly one), so that a heap of very long ones is not read in vain.
 *
 * Lists of changing length are filled up to a few fixed lengths: each text of SQL is built and prepared once.
 */

import type { Kysely } from 'kysely';
import type { Held, Missed } from '../../../protocol/conversations.ts';
import type { ConversationId } from '../../../protocol/ids.ts';
import {
  HELD_MAX_COUNT,
  RESUME_FAR_COUNT,
  RESUME_MAX_BYTES,
  RESUME_MAX_COUNT,
  RESUME_MAX_TOTAL,
} from '../../../protocol/limits.ts';
import type { Message } from '../../../protocol/messages.ts';
import { prepared, type Values } from '../prepared.ts';
import type { Database } from '../schema.ts';
import type { Side } from '../store.ts';
import { withoutCleared } from '../viewing.ts';
import { conversationIdOf, holdsMessages, selectMessages } from './conversation-rows.ts';
import { isBetween } from './place.ts';
import { bytesOf, type MessageRow, toMessage } from './rows.ts';

/** Messages of one step. */
const READ_COUNT = 100;

interface Position {
  readonly conversation_key: number;
  readonly public_id: string;
  readonly last_seq: number;
  /** Of the visitor who asks. */
  readonly cleared_seq?: number | null;
}

/** The seqs of a conversation after `after` up to `end`. */
interface Span {
  readonly position: Position;
  readonly after: number;
  readonly end: number;
}

type Row = MessageRow & { readonly conversation_key: number };
type Numbered<Name extends string, Value> = { readonly [N in `${Name}${number}`]: Value };

/** `make` once for each length in use: a list is filled up to the next power of four. */
function sized<Query>(make: (length: number) => Query): (count: number) => { length: number; query: Query } {
  const made = new Map<number, Query>();
  return (count) => {
    let length = 1;
    while (length < count) length *= 4;
    const query = made.get(length) ?? make(length);
    made.set(length, query);
    return { length, query };
  };
}

const indexes = (length: number) => Array.from({ length }, (_, index) => index);

interface Asker {
  readonly tenantKey: number;
  readonly userKey: number;
}

function positions(db: Kysely<Database>, tenantKey: number, ids: ConversationId[]) {
  return db
    .selectFrom('conversations')
    .select(['conversations.conversation_key', 'public_id', 'last_seq'])
    .where('tenant_key', '=', tenantKey)
    .where('public_id', 'in', ids)
    .where('merged_into', 'is', null);
}

type Positions = Asker & Numbered<'id', ConversationId>;
/** The same that is visible in lists and changes, see conversations.ts. */
const positionsOf = {
  desk: sized((length) =>
    prepared((db, value: Values<Positions>) =>
      positions(
        db,
        value('tenantKey'),
        indexes(length).map((n) => value(`id${n}`)),
      ).where(holdsMessages),
    ),
  ),
  visitor: sized((length) =>
    prepared((db, value: Values<Positions>) =>
      positions(
        db,
        value('tenantKey'),
        indexes(length).map((n) => value(`id${n}`)),
      )
        .leftJoin('members', (join) =>
          join
            .onRef('members.conversation_key', '=', 'conversations.conversation_key')
            .onRef('members.user_key', '=', 'conversations.visitor_key'),
        )
        .select('members.cleared_seq')
        .where('visitor_key', '=', value('userKey')),
    ),
  ),
};

const messagesOf = sized((length) =>
  prepared((db, value: Values<Numbered<'key' | 'after' | 'end', number>>) =>
    selectMessages(db)
      .select('messages.conversation_key')
      .where((eb) =>
        eb.or(indexes(length).map((n) => isBetween(value(`key${n}`), value(`after${n}`), value(`end${n}`))(eb))),
      )
      .orderBy('messages.place'),
  ),
);

/** In the order of `held`; nothing for a conversation that is level, is merged, or is not for these eyes. */
export async function missedOf(
  db: Kysely<Database>,
  asker: Asker,
  side: Side,
  held: readonly Held[],
): Promise<Missed[]> {
  const seqs = new Map(held.slice(0, HELD_MAX_COUNT).map(({ conversationId, seq }) => [conversationId, seq]));
  if (seqs.size === 0) return [];
  const found = await findPositions(db, asker, side, [...seqs.keys()]);
  const behind = [...seqs].flatMap(([id, seq]): Span[] => {
    const position = found.get(id);
    return position && position.last_seq !== seq ? [{ position, after: seq, end: position.last_seq }] : [];
  });
  const messages = await readSpans(db, spansWithRoom(behind.filter((span) => !isTooFar(span))));
  return behind.map((span) => ({
    conversationId: conversationIdOf(span.position),
    messages: messages.get(span.position.conversation_key) ?? [],
    lastSeq: span.position.last_seq,
    tooFar: isTooFar(span),
  }));
}

/** A seq that was never given here was learned from another database, e.g. before a backup was restored. */
const isTooFar = ({ after, end }: Span) => after > end || end - after > RESUME_FAR_COUNT;

async function findPositions(
  db: Kysely<Database>,
  asker: Asker,
  side: Side,
  ids: readonly ConversationId[],
): Promise<ReadonlyMap<ConversationId, Position>> {
  const { length, query } = positionsOf[side](ids.length);
  const last = ids.at(-1) as ConversationId;
  const values = Object.fromEntries(indexes(length).map((n) => [`id${n}`, ids[n] ?? last]));
  const rows = await query(db, { ...asker, ...values });
  return new Map(rows.map((row) => [conversationIdOf(row), row]));
}

/** As much of each as there is room for, by count. */
function spansWithRoom(behind: readonly Span[]): Span[] {
  let room = RESUME_MAX_TOTAL;
  return behind.flatMap((span) => {
    const count = Math.min(span.end - span.after, RESUME_MAX_COUNT, room);
    room -= count;
    return count > 0 ? [{ ...span, end: span.after + count }] : [];
  });
}

/** By conversation, ascending, until there is no room by bytes. */
async function readSpans(db: Kysely<Database>, spans: readonly Span[]): Promise<ReadonlyMap<number, Message[]>> {
  const read = new Map<number, Message[]>();
  let room = RESUME_MAX_BYTES;
  for (const step of steps(spans)) {
    const rows = await readStep(db, step);
    for (const { position } of step) {
      const messages: Message[] = [];
      read.set(position.conversation_key, messages);
      for (const row of rows.get(position.conversation_key) ?? []) {
        room -= bytesOf(row);
        if (room < 0) return read;
        messages.push(withoutCleared(toMessage(conversationIdOf(position), row), position.cleared_seq ?? 0));
      }
    }
  }
  return read;
}

function steps(spans: readonly Span[]): Span[][] {
  const all: Span[][] = [];
  let room = 0;
  for (const span of spans) {
    const count = span.end - span.after;
    if (count > room) {
      all.push([]);
      room = READ_COUNT;
    }
    room -= count;
    all.at(-1)?.push(span);
  }
  return all;
}

async function readStep(db: Kysely<Database>, step: readonly Span[]): Promise<ReadonlyMap<number, Row[]>> {
  const { length, query } = messagesOf(step.length);
  // No conversation has the key 0.
  const values = indexes(length).flatMap((n): [string, number][] => {
    const span = step[n];
    return [
      [`key${n}`, span?.position.conversation_key ?? 0],
      [`after${n}`, span?.after ?? 0],
      [`end${n}`, span?.end ?? 0],
    ];
  });
  const rows = new Map(step.map(({ position }): [number, Row[]] => [position.conversation_key, []]));
  for (const row of await query(db, Object.fromEntries(values))) rows.get(row.conversation_key)?.push(row);
  return rows;
}
