/**
 * A database of as many messages as wanted, without sending them: the product makes one conversation with one message, and SQLite
 * multiplies its rows. So the rows have whatever columns the product gives them. Messages come in rounds over all
 * conversations, a few of each at a time, as they come in life: a conversation's messages lie far apart.
 *
 * It is kept in the folder for temporary files, named after schema and size, since the large one takes minutes to make.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import type { Person, Visitor } from './people.ts';
import { Server } from './server.ts';

/** Messages of a conversation. */
export const LENGTH = 500;
/** That follow each other without one of another conversation between. */
const BURST = 5;
const TEXT = 'x'.repeat(200);
const ID = 'bench-conversation-';
const NAME = 'inlay-bench-archive-';

export interface Archive {
  readonly folder: string;
  readonly conversations: number;
  /** May see all of them. */
  readonly agent: Person;
}

export const conversationId = (at: number): string => `${ID}${at}`;

export async function archive(messages: number): Promise<Archive> {
  const conversations = Math.max(1, Math.round(messages / LENGTH));
  const template = join(tmpdir(), `inlay-bench-template-${process.pid}`);
  rmSync(template, { recursive: true, force: true });
  const made = await makeTemplate(template);
  const schema = schemaOf(join(template, 'inlay.db'));
  const name = `${NAME}${createHash('sha256').update(`${schema} ${BURST} 2`).digest('hex').slice(0, 12)}-${conversations}`;
  const folder = join(tmpdir(), name);
  if (!existsSync(folder)) {
    forgetOld(`-${conversations}`);
    console.error(`  making an archive of ${conversations * LENGTH} messages, once, in ${folder}`);
    multiply(join(template, 'inlay.db'), conversations);
    writeFileSync(join(template, 'agent.json'), JSON.stringify(made));
    renameSync(template, folder);
  }
  rmSync(template, { recursive: true, force: true });
  const agent = JSON.parse(readFileSync(join(folder, 'agent.json'), 'utf8')) as Person;
  return { folder, conversations, agent };
}

/** Of another schema; some gigabytes each. */
function forgetOld(size: string): void {
  for (const name of readdirSync(tmpdir()))
    if (name.startsWith(NAME) && name.endsWith(size)) rmSync(join(tmpdir(), name), { recursive: true, force: true });
}

async function makeTemplate(folder: string): Promise<Person> {
  mkdirSync(folder);
  const server = await Server.start('inlay', folder);
  const { visitors, agents } = await server.people({ tenants: 1, visitors: 1, agents: 1 });
  const [visitor] = visitors as [Visitor];
  await server.append([visitor], 1, TEXT);
  await server.stop();
  const [agent] = agents;
  if (!agent) throw new Error('no agent was made');
  return { tenantId: agent.tenantId, userId: agent.userId };
}

function schemaOf(file: string): string {
  const db = new SQLite(file, { readonly: true });
  const rows = db.prepare('select sql from sqlite_schema where sql is not null order by name').all();
  db.close();
  return JSON.stringify(rows);
}

/** Of the one visitor, conversation and message that are there, many. */
function multiply(file: string, conversations: number): void {
  const db = new SQLite(file);
  for (const pragma of ['journal_mode = MEMORY', 'synchronous = OFF', 'cache_size = -6000000', 'foreign_keys = OFF'])
    db.pragma(pragma);
  const first = (table: string, key: string, where = '1 = 1') =>
    (db.prepare(`select ${key} as found from ${table} where ${where} limit 1`).get() as { found: number }).found;
  const user = first('users', 'user_key', "kind <> 'agent'");
  const conversation = first('conversations', 'conversation_key');
  const keyOfUser = `(${user} + 1000 + n.at)`;
  const keyOfConversation = `(${conversation} + 1000 + n.at)`;
  const series = (count: number) =>
    `with recursive n(at) as (select 0 union all select at + 1 from n where at + 1 < ${count})`;
  const copy = (table: string, changed: Record<string, string>, where: string, count: number, from = 'n') => {
    const columns = (db.pragma(`table_info(${table})`) as { name: string }[]).map(({ name }) => name);
    const values = columns.map((column) => changed[column] ?? `t."${column}"`);
    db.exec(
      `${series(count)} insert into ${table} (${columns.map((name) => `"${name}"`).join(', ')})
       select ${values.join(', ')} from ${from} cross join ${table} t where ${where}`,
    );
  };
  db.exec('begin');
  copy(
    'users',
    {
      user_key: keyOfUser,
      public_id: `'bench-user-' || n.at`,
      visitor_key_hash: `'bench-' || n.at`,
      external_id: 'null',
    },
    `t.user_key = ${user}`,
    conversations,
  );
  copy(
    'conversations',
    {
      conversation_key: keyOfConversation,
      public_id: `'${ID}' || n.at`,
      visitor_key: keyOfUser,
      last_seq: String(LENGTH),
      visitor_count: String(LENGTH),
      revision: 't.revision + 1 + n.at',
    },
    `t.conversation_key = ${conversation}`,
    conversations,
  );
  copy(
    'members',
    { conversation_key: keyOfConversation, user_key: keyOfUser },
    `t.conversation_key = ${conversation} and t.user_key = ${user}`,
    conversations,
  );
  for (let from = 0; from < LENGTH; from += BURST)
    copy(
      'messages',
      {
        place: `((${keyOfConversation} << 32) + ${from} + b.at + 1)`,
        sender_key: keyOfUser,
        visitor_count: `(${from} + b.at + 1)`,
        client_message_id: `printf('%08x-%06d', ${from} + b.at, n.at)`,
      },
      `t.place = (${conversation} << 32) + 1`,
      conversations,
      `n cross join (${Array.from({ length: BURST }, (_, at) => `select ${at} as at`).join(' union all ')}) b`,
    );
  db.exec(`update tenants set revision = revision + ${conversations + 1000}`);
  db.exec('delete from push_jobs');
  db.exec('commit');
  db.pragma('journal_mode = WAL');
  db.close();
}
