/**
 * Invariants 1, 2, 3 and 6 under `kill -9`: the server is killed at arbitrary moments while visitors write and an agent answers,
 * started again on the same data, and asked for everything. The oracle is what the clients saw: an acknowledged message
 * must be there under the number it was acknowledged with; one without an answer is sent again and must be there once.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FakePush, startFakePush } from '../support/fake-push.ts';
import {
  newAgent,
  newClientMessageId,
  newVisitor,
  newVisitorKey,
  RawClient,
  type Session,
} from '../support/raw-client.ts';
import { type ChildServer, startChildServer } from '../support/server.ts';

interface Sent {
  readonly clientMessageId: string;
  readonly text: string;
  /** What the server answered; undefined: the answer never came. */
  ack?: { readonly seq: number; readonly messageId: string };
}

interface StoredMessage {
  readonly seq: number;
  readonly messageId: string;
  readonly clientMessageId: string;
  readonly content: { readonly text: string };
}

const WRITERS = 8;
const CYCLES = 6;

class Writer {
  readonly sent: Sent[] = [];
  session: Session | undefined;
  readonly visitorKey = newVisitorKey();

  constructor(readonly name: string) {}

  /** Connects and creates the session, or resumes it; then sends again whatever has no answer, in order. */
  async connect(server: ChildServer): Promise<RawClient> {
    const client = new RawClient(server.url, server.tenantId);
    await client.opened;
    await client.hello(this.session ? { kind: 'visitor', token: this.session.token } : undefined);
    this.session ??= await client.request<Session>('session.create', { visitorKey: this.visitorKey });
    for (const entry of this.sent.filter((candidate) => !candidate.ack)) await this.#send(client, entry);
    return client;
  }

  /** Keeps several messages in flight until the line breaks. */
  async writeUntilClosed(client: RawClient): Promise<void> {
    let open = true;
    const closed = client.closed.then(() => {
      open = false;
    });
    while (open) {
      const burst = Array.from({ length: 5 }, () => {
        const entry: Sent = { clientMessageId: newClientMessageId(), text: `${this.name} ${this.sent.length}` };
        this.sent.push(entry);
        return this.#send(client, entry);
      });
      await Promise.race([closed, Promise.allSettled(burst)]);
    }
  }

  async #send(client: RawClient, entry: Sent): Promise<void> {
    entry.ack = await client.request('message.send', {
      conversationId: this.session?.conversation.conversationId,
      clientMessageId: entry.clientMessageId,
      content: { kind: 'text', text: entry.text },
    });
  }
}

async function allMessages(client: RawClient, conversationId: string): Promise<StoredMessage[]> {
  const all: StoredMessage[] = [];
  for (;;) {
    const page = await client.request<{ messages: StoredMessage[]; lastSeq: number }>('message.list', {
      conversationId,
      after: all.at(-1)?.seq ?? 0,
      limit: 100,
    });
    all.push(...page.messages);
    if (page.messages.length === 0 || all.at(-1)?.seq === page.lastSeq) return all;
  }
}

let push: FakePush;
let server: ChildServer;

beforeAll(async () => {
  push = await startFakePush();
  server = await startChildServer({
    env: {
      PUSH_DELAY_MS: '1500',
      PUSH_ENDPOINT_ALLOW: `localhost:${push.port}`,
      PUSH_EXTRA_CA: push.caPath,
      RATE_FRAMES_PER_SOCKET: '0',
      RATE_MESSAGES_PER_USER: '0',
      RATE_MESSAGES_PER_TENANT: '0',
      RATE_SESSIONS_PER_ADDRESS: '0',
    },
  });
});

afterAll(async () => {
  await server?.stop();
  await push?.close();
});

test('killed between receive and commit, again and again: nothing acknowledged is lost, nothing is doubled', async () => {
  const writers = Array.from({ length: WRITERS }, (_, index) => new Writer(`writer ${index}`));
  for (let cycle = 0; cycle < CYCLES; cycle++) {
    const clients = await Promise.all(writers.map((writer) => writer.connect(server)));
    const writing = writers.map((writer, index) => writer.writeUntilClosed(clients[index] as RawClient));
    const enough = writers[0] as Writer;
    const goal = enough.sent.length + 20 + cycle * 7;
    while (enough.sent.length < goal) await new Promise(setImmediate);
    await server.kill9();
    await Promise.all(writing);
    await server.restart();
  }

  let acknowledged = 0;
  for (const writer of writers) {
    const client = await writer.connect(server);
    const stored = await allMessages(client, writer.session?.conversation.conversationId ?? '');
    expect(stored.map((message) => message.seq)).toEqual(stored.map((_, index) => index + 1));
    expect(new Set(stored.map((message) => message.clientMessageId)).size).toBe(stored.length);
    const byId = new Map(stored.map((message) => [message.clientMessageId, message]));
    for (const entry of writer.sent) {
      const message = byId.get(entry.clientMessageId);
      expect(message?.content.text).toBe(entry.text);
      expect([message?.seq, message?.messageId]).toEqual([entry.ack?.seq, entry.ack?.messageId]);
      acknowledged++;
    }
    expect(stored.length).toBe(writer.sent.length);
    await client.close();
  }
  expect(acknowledged).toBeGreaterThan(WRITERS * CYCLES * 20);
});

test('killed between commit and push: the push arrives after the restart', async () => {
  const { client: visitor, session, welcome } = await newVisitor(server.url, server.tenantId);
  const conversationId = session.conversation.conversationId;
  const subscription = push.subscribe(welcome.pushPublicKey);
  await visitor.request('push.subscribe', { context: 'page', subscription });
  await visitor.request('message.send', {
    conversationId,
    clientMessageId: newClientMessageId(),
    content: { kind: 'text', text: 'Anybody there?' },
  });
  await visitor.close();

  const { client: agent } = await newAgent(server.url, server.tenantId, server.agent);
  await agent.request('message.send', {
    conversationId,
    clientMessageId: newClientMessageId(),
    content: { kind: 'text', text: 'Yes, I am.' },
  });
  await server.kill9();
  expect(push.received).toEqual([]);

  const arrived = push.next('push');
  await server.restart();
  const { plaintext } = await arrived;
  expect(JSON.parse(plaintext ?? '').notification.body).toBe('Yes, I am.');
});
