/**
 * Is protocol/README.md enough for a stranger? A client in another language, written from that page alone (test/python), holds
 * conversations, resumes and repeats itself against the real server. Each scenario is a process of its own; at its steps this side is the agent,
 * and the store, which must have the very list that the client ends with.
 */
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import SQLite from 'better-sqlite3';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { ClientMessageId, ConversationId, TenantId, UserId } from '../../protocol/ids.ts';
import type { Actor } from '../../server/domain/actor.ts';
import { newestRevision } from '../../server/domain/conversations.ts';
import { sendMessage } from '../../server/domain/messages.ts';
import { createSession } from '../../server/domain/sessions.ts';
import { type Frame, newClientMessageId, newVisitorKey, type RawClient } from '../support/raw-client.ts';
import { startServer, type TestServer } from '../support/server.ts';

const SCRIPT = resolve(import.meta.dirname, '../python/scenarios.py');
const NO_LIMIT = '0';
/** More changes than `conversation.changes` brings. */
const VERY_MANY = 510;
const TOO_FAR = 1_001;
const BATCH = 30;
/** Of a process that shares few cores with many. */
const TIMEOUT_MS = 90_000;
const DAYS_MS = 24 * 60 * 60 * 1_000;

interface Step {
  readonly step: string;
  readonly conversationId: string;
  readonly [field: string]: unknown;
}
type Answer = (step: Step) => Promise<object>;

vi.setConfig({ testTimeout: TIMEOUT_MS });

let server: TestServer;
let agent: { client: RawClient; userId: string };

beforeAll(async () => {
  server = await startServer({
    env: {
      RATE_FRAMES_PER_SOCKET: NO_LIMIT,
      RATE_MESSAGES_PER_USER: NO_LIMIT,
      RATE_MESSAGES_PER_AGENT: NO_LIMIT,
      RATE_MESSAGES_PER_TENANT: NO_LIMIT,
      RATE_SESSIONS_PER_ADDRESS: NO_LIMIT,
    },
  });
  agent = await server.newAgent();
});
afterAll(async () => {
  await agent?.client.close();
  await server?.stop();
});

/** Runs a scenario to its end; what it said last. */
async function play(name: string, options: object = {}, answers: Record<string, Answer> = {}): Promise<Step> {
  const { url, tenantId } = server;
  const child = spawn('python3', [SCRIPT, name, JSON.stringify({ url, tenantId, ...options })], {
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ENOENT' ? new Error('python3 is needed: apt-get install python3') : error),
    );
    child.once('close', resolve);
  });
  let trouble = '';
  child.stderr.on('data', (chunk: Buffer) => {
    trouble += chunk.toString();
  });
  // A process that ended has no use for an answer; its exit code tells why.
  child.stdin.on('error', () => {});
  const lines = createInterface({ input: child.stdout });
  let last: Step | undefined;
  let fault: unknown;
  lines.on('line', (line) => {
    const reached = JSON.parse(line) as Step;
    last = reached;
    if (reached.step === 'done') return;
    answer(reached, { ...common, ...answers }).then(
      (given) => child.stdin.write(`${JSON.stringify(given)}\n`),
      (error: unknown) => {
        fault = error;
        child.kill();
      },
    );
  });
  const code = await ended;
  if (fault) throw fault;
  if (code !== 0 || last?.step !== 'done')
    throw new Error(`${name} ended with ${code} after ${last?.step}:\n${trouble}`);
  return last;
}

async function answer(reached: Step, answers: Record<string, Answer>): Promise<object> {
  const act = answers[reached.step];
  if (!act) throw new Error(`no answer to the step ${reached.step}`);
  return act(reached);
}

/** Some at a time: more requests of a socket under way than it may have are refused. */
async function inBatches<T>(count: number, act: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  while (results.length < count)
    results.push(...(await Promise.all(Array.from({ length: Math.min(BATCH, count - results.length) }, act))));
  return results;
}

let written = 0;

async function write(conversationId: string): Promise<number> {
  const content = { kind: 'text', text: `from the agent ${++written} ${'x'.repeat(written % 300)}` };
  const clientMessageId = newClientMessageId();
  const { seq } = await agent.client.request<{ seq: number }>('message.send', {
    conversationId,
    clientMessageId,
    content,
  });
  return seq;
}

const MESSAGES = `
  select seq, users.public_id as senderId, client_message_id as clientMessageId, sent_at as sentAt, content
  from messages join conversations using (conversation_key) join users on users.user_key = messages.sender_key
  where conversations.public_id = ? order by seq`;

/** The store's list of a conversation, read from its file. */
function stored(conversationId: string): object[] {
  const database = new SQLite(join(server.dataDir, 'inlay.db'), { readonly: true });
  try {
    const rows = database.prepare(MESSAGES).all(conversationId) as { seq: number; content: string }[];
    return rows.map((row) => ({ ...row, content: JSON.parse(row.content) }));
  } finally {
    database.close();
  }
}

/** Exactly the store's: 1 to n, in order, each once. */
function expectStored(conversationId: string, messages: { seq: number; messageId: string }[]): void {
  expect(messages.map(({ seq }) => seq)).toEqual(messages.map((_, index) => index + 1));
  expect(new Set(messages.map(({ messageId }) => messageId)).size).toBe(messages.length);
  expect(messages.map(({ messageId: _, ...message }) => message)).toEqual(stored(conversationId));
}

/** What most scenarios ask for. */
const common: Record<string, Answer> = {
  async write({ conversationId, count }) {
    await inBatches(count as number, () => write(conversationId));
    return { lastSeq: stored(conversationId).length };
  },
  async close({ conversationId }) {
    return agent.client.request('service.close', { conversationId });
  },
  async compare({ conversationId, messages }) {
    expectStored(conversationId, messages as { seq: number; messageId: string }[]);
    return {};
  },
};

/** One after the other, so that many cuts fall between them. */
const oneByOne: Answer = async ({ conversationId, count }) => {
  for (let n = 0; n < (count as number); n++) await write(conversationId);
  return {};
};

async function talk(transport: string): Promise<void> {
  const { client } = agent;
  let visitor = '';
  await play(
    'talk',
    { transport },
    {
      async sent({ conversationId, userId }) {
        visitor = userId as string;
        const { conversation } = await client.request<{ conversation: { visitor: object; lastMessage: object } }>(
          'conversation.get',
          { conversationId },
        );
        expect(conversation.visitor).toMatchObject({ name: 'Ada', page: { title: 'Basket' }, locale: 'en' });
        expect(conversation.lastMessage).toMatchObject({ content: { text: 'Is there anybody? 有人吗 🙂' } });
        await client.request('service.take', { conversationId });
        await client.request('typing.set', { conversationId, typing: true });
        await write(conversationId);
        await write(conversationId);
        return {};
      },
      async read({ conversationId }) {
        await client.next((frame) => frame.type === 'typing.changed' && frame.conversationId === conversationId);
        await client.next(
          (frame) => frame.type === 'receipt.changed' && frame.deliveredSeq === 3 && isOf(visitor, frame),
        );
        await client.next((frame) => frame.type === 'receipt.changed' && frame.readSeq === 3 && isOf(visitor, frame));
        await client.request('receipt.update', { conversationId, readSeq: 3 });
        return { userId: agent.userId };
      },
    },
  );
}

const isOf = (userId: string, { user }: Frame) => (user as { userId?: string } | undefined)?.userId === userId;

for (const transport of ['websocket', 'events', 'poll']) {
  test(`over ${transport}: a visitor in Python talks with an agent`, () => talk(transport));

  test(`over ${transport}: the same clientMessageId gives the first result, at once, after a cut and from a second device`, async () => {
    const { sends } = await play('dedup', { transport });
    expect(sends).toBeGreaterThan(8);
  });

  test(`over ${transport}: back after a cut, it has what the store has, for one round trip when little was missed`, async () => {
    const { counts } = await play('resume', { transport, missed: [0, 1, 40, 90, 350] });
    const little = ['hello', 'conversation.changes'];
    expect(counts).toEqual({
      0: little,
      1: little,
      40: little,
      90: little,
      350: [...little, 'message.list', 'message.list', 'message.list'],
    });
  });

  test(`over ${transport}: an event that was lost is found by the next one, a last one by the pong`, async () => {
    const { byNext, byPong } = await play('gaps', { transport });
    expect(byNext).toEqual(['conversation.changes']);
    expect(byPong).toEqual(['ping', 'conversation.changes']);
  });
}

for (const [transport, count] of [
  ['websocket', 400],
  ['events', 100],
  ['poll', 100],
] as const) {
  test(`over ${transport}: both write while the line is cut again and again, and nothing is lost or doubled`, async () => {
    const { connections } = await play('cuts', { transport, seed: 7, count }, { write: oneByOne });
    expect(connections).toBeGreaterThan(4);
  });
}

test('too far behind, it reloads the newest page and has the rest by scrolling', async () => {
  const { requests } = await play('too_far', { count: TOO_FAR });
  expect(requests).toEqual(['hello', 'conversation.changes', 'message.list']);
});

test('positions above the store (restored from a backup) are let go of', async () => {
  await play('restored');
});

test('an agent finds a lost event of any conversation, and lists anew when very many changed', async () => {
  const { createTenant, url } = server;
  const tenant = await createTenant('python-desk');
  const { reset } = await play(
    'agent',
    { ...tenant, url, many: VERY_MANY },
    {
      make: ({ conversations }) => makeConversations(tenant.tenantId, conversations as number),
      async go_on({ conversationId, userId }) {
        const colleague = { kind: 'agent', tenantId: tenant.tenantId, userId: userId as UserId } as const;
        return { revision: await say(colleague, conversationId as ConversationId) };
      },
    },
  );
  expect(reset).toEqual(['hello', 'conversation.changes', ...Array(6).fill('conversation.list')]);
});

/** Each of a visitor who says one thing; the newest revision. */
const makeConversations = async (tenantId: TenantId, count: number) => ({
  revision: Math.max(0, ...(await inBatches(count, () => newConversation(tenantId)))),
});

/** Straight in the domain: so many sockets are no part of what is tested. */
async function newConversation(tenantId: TenantId): Promise<number> {
  const session = await createSession(
    server.domain,
    { kind: 'anonymous', tenantId },
    { visitorKey: newVisitorKey() },
    {},
  );
  const { conversationId } = session.conversation;
  return say({ kind: 'visitor', tenantId, userId: session.user.userId, conversationId }, conversationId);
}

/** The newest revision after it. */
async function say(actor: Actor, conversationId: ConversationId): Promise<number> {
  const clientMessageId = newClientMessageId() as ClientMessageId;
  await sendMessage(server.domain, actor, {
    conversationId,
    clientMessageId,
    content: { kind: 'text', text: 'Hello' },
  });
  return newestRevision(server.domain, actor);
}

test('errors and close codes are obeyed', async () => {
  try {
    await play(
      'errors',
      {},
      {
        async later() {
          server.moveClock(91 * DAYS_MS);
          return {};
        },
      },
    );
  } finally {
    server.moveClock(0);
  }
});

test('over plain HTTP requests, each message is taken once and in order, and kept until it is told as received', async () => {
  await play(
    'plain_http',
    {},
    {
      async compare({ conversationId }) {
        expect(stored(conversationId)).toHaveLength(2);
        return {};
      },
    },
  );
});
