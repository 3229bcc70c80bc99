import type { Kysely } from 'kysely';
import { prepared, type Values } from '../prepared.ts';
import type { Database } from '../schema.ts';

type Who = { conversationKey: number; userKey: number };

export const insertMember = prepared((db, value: Values<Who>) =>
  db
    .insertInto('members')
    .values({
      conversation_key: value('conversationKey'),
      user_key: value('userKey'),
      delivered_seq: 0,
      read_seq: 0,
    })
    .onConflict((conflict) => conflict.columns(['conversation_key', 'user_key']).doNothing())
    .returning('user_key'),
);

/** False: they were one already. */
export async function addMember(db: Kysely<Database>, conversationKey: number, userKey: number): Promise<boolean> {
  return (await insertMember(db, { conversationKey, userKey })).length > 0;
}

const reachOf = prepared((db, value: Values<Who>) =>
  db
    .selectFrom('members')
    .select(['delivered_seq', 'read_seq'])
    .where('conversation_key', '=', value('conversationKey'))
    .where('user_key', '=', value('userKey')),
);

export interface Reach {
  readonly delivered_seq: number;
  readonly read_seq: number;
}

export async function findReach(
  db: Kysely<Database>,
  conversationKey: number,
  userKey: number,
): Promise<Reach | undefined> {
  const [row] = await reachOf(db, { conversationKey, userKey });
  return row;
}

const upsertReach = prepared((db, value: Values<Who & Reach>) =>
  db
    .insertInto('members')
    .values({
      conversation_key: value('conversationKey'),
      user_key: value('userKey'),
      delivered_seq: value('delivered_seq'),
      read_seq: value('read_seq'),
    })
    .onConflict((conflict) =>
      conflict
        .columns(['conversation_key', 'user_key'])
        .doUpdateSet({ delivered_seq: value('delivered_seq'), read_seq: value('read_seq') }),
    ),
);

export async function setReach(
  db: Kysely<Database>,
  conversationKey: number,
  userKey: number,
  reach: Reach,
): Promise<void> {
  await upsertReach(db, { conversationKey, userKey, ...reach });
}
