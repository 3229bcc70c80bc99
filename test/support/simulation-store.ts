/** What is in the store, read in two ways that share nothing: straight from the SQLite file, and by an agent through the door. */
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { hashOf, type Stored, tenantOf } from './oracle.ts';
import { Line } from './simulation-line.ts';

interface Row {
  readonly tenant: string;
  readonly conversation: string;
  readonly seq: number;
  readonly id: string;
  readonly content: string;
}

const MESSAGES = `
  select tenants.public_id as tenant, conversations.public_id as conversation, messages.seq as seq,
         messages.client_message_id as id, messages.content as content
  from messages
  join conversations using (conversation_key)
  join tenants using (tenant_key)
  order by messages.conversation_key, messages.seq`;

export const databaseOf = (dataDir: string): string => join(dataDir, 'inlay.db');

export function readFile(dataDir: string): Stored[] {
  const database = new SQLite(databaseOf(dataDir), { readonly: true, fileMustExist: true });
  try {
    return (database.prepare(MESSAGES).all() as Row[]).map(({ tenant, conversation, seq, id, content }) =>
      stored(tenant, conversation, seq, id, (JSON.parse(content) as { text: string }).text),
    );
  } finally {
    database.close();
  }
}

/** What SQLite itself says of the file: `ok`. */
export function integrityOf(dataDir: string): string {
  const database = new SQLite(databaseOf(dataDir), { readonly: true, fileMustExist: true });
  try {
    return String(database.pragma('integrity_check', { simple: true }));
  } finally {
    database.close();
  }
}

interface ConversationPage {
  readonly conversations: readonly { readonly conversationId: string; readonly revision: number }[];
  readonly more: boolean;
}

interface MessagePage {
  readonly messages: readonly {
    readonly seq: number;
    readonly clientMessageId: string;
    readonly content: { readonly text: string };
  }[];
  readonly lastSeq: number;
}

/** All messages of a tenant, as an agent gets them page by page. */
export async function readByDoor(url: string, tenantId: string, cookie: string): Promise<Stored[]> {
  const line = new Line({ url, tenantId, headers: { cookie }, onEvent: () => {}, onClose: () => {} });
  try {
    await line.opened;
    await line.request('hello', { protocol: { major: 1, minor: 0 }, auth: { kind: 'agent' } });
    const all: Stored[] = [];
    for (const conversationId of await conversationsOf(line)) {
      for (let after = 0; ; ) {
        const page = await line.request<MessagePage>('message.list', { conversationId, after, limit: 100 });
        for (const { seq, clientMessageId, content } of page.messages)
          all.push(stored(tenantId, conversationId, seq, clientMessageId, content.text));
        after = page.messages.at(-1)?.seq ?? page.lastSeq;
        if (after >= page.lastSeq) break;
      }
    }
    return all;
  } finally {
    line.cut();
  }
}

async function conversationsOf(line: Line): Promise<string[]> {
  const all: ConversationPage['conversations'][number][] = [];
  for (;;) {
    const before = all.at(-1)?.revision;
    const asked = { filter: 'all', limit: 100, ...(before !== undefined && { before }) };
    const page = await line.request<ConversationPage>('conversation.list', asked);
    all.push(...page.conversations);
    if (!page.more) return all.map(({ conversationId }) => conversationId);
  }
}

function stored(tenantId: string, conversationId: string, seq: number, id: string, text: string): Stored {
  return { tenantId, conversationId, seq, id, hash: hashOf(text), bodyTenantId: tenantOf(text) };
}
