/** The worker against a real database and a clock of its own; what is sent is caught before any network. */
import SQLite from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import pino from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ConversationId, MessageId, TenantId, UserId } from '../../protocol/ids.ts';
import type { PushPayload, PushSubscription } from '../../protocol/push.ts';
import type { Domain } from '../domain/domain.ts';
import { Metrics } from '../metrics.ts';
import type { PushOutcome, PushSendOptions } from '../push/push.ts';
import { migrations } from '../store/migrations/registry.ts';
import { enqueuePushJob } from '../store/queries/push-jobs.ts';
import { createPushStore } from '../store/queries/push-queries.ts';
import type { Database } from '../store/schema.ts';
import { Traces } from '../trace.ts';
import { PUSH_MAX_AGE_MS, PushJobs } from './push-jobs.ts';

const DELAY_MS = 10_000;
const VISITOR = 1;
const ANN = 2;
const BEN = 3;
const CONVERSATION = 1;
const userIds: Record<number, string> = { [VISITOR]: 'u-visitor', [ANN]: 'u-ann', [BEN]: 'u-ben' };

interface Sent {
  readonly endpoint: string;
  readonly title: string;
  readonly body: string;
  readonly options: PushSendOptions;
}

class World {
  now = 1_000_000;
  readonly sqlite = new SQLite(':memory:');
  readonly db = new Kysely<Database>({ dialect: new SqliteDialect({ database: this.sqlite }) });
  readonly sent: Sent[] = [];
  readonly connected = new Set<string>();
  readonly published: unknown[] = [];
  readonly metrics = new Metrics();
  readonly traces = new Traces(10, () => this.now);
  outcome: (endpoint: string) => PushOutcome = () => ({ kind: 'sent' });
  store = createPushStore({
    read: (run) => this.db.transaction().execute(run),
    write: (run) => this.db.transaction().execute(run),
  });
  jobs = this.worker();

  worker(): PushJobs {
    const domain = {
      settings: { pushDelayMs: DELAY_MS, publicUrl: 'https://chat.example' },
      store: { push: this.store },
      bus: {
        publish: (events: readonly unknown[]) => void this.published.push(...events),
        subscribe: () => () => undefined,
      },
      presence: { isConnected: async (_: TenantId, userId: UserId) => this.connected.has(userId) },
      push: {
        publicKey: 'key',
        check: () => 'ok',
        send: async ({ endpoint }: PushSubscription, { notification }: PushPayload, options: PushSendOptions) => {
          this.sent.push({ endpoint, title: notification.title, body: notification.body, options });
          return this.outcome(endpoint);
        },
      },
      metrics: this.metrics,
      traces: this.traces,
      log: pino({ level: 'silent' }),
      now: () => this.now,
    };
    return new PushJobs(domain as unknown as Domain);
  }

  subscribe(userKey: number, name: string, publicKey = 'key') {
    return this.store.saveSubscription({
      tenantId: 'demo' as TenantId,
      userId: userIds[userKey] as UserId,
      subscription: { endpoint: `https://push.example/${name}`, keys: { p256dh: 'p', auth: 'a' } },
      context: 'page',
      pageUrl: undefined,
      publicKey,
      now: this.now,
      lookAt: this.now + DELAY_MS,
      maxPerUser: 3,
    });
  }

  async create(): Promise<void> {
    for (const { up } of Object.values(migrations)) await up(this.db as Kysely<unknown>);
    this.sqlite.exec(`
      insert into tenants (public_id, name, allowed_origins, secret, created_at) values ('demo', 'Demo', '[]', '', 0);
      insert into users (tenant_key, public_id, kind, name, created_at) values
        (1, 'u-visitor', 'guest', null, 0), (1, 'u-ann', 'agent', 'Ann', 0), (1, 'u-ben', 'agent', 'Ben', 0);
      insert into conversations (tenant_key, public_id, visitor_key, revision, status, context, created_at)
        values (1, 'c1', 1, 1, 'waiting', '{"locale":"en"}', 0);
    `);
  }

  async message(sender: number, text: string): Promise<number> {
    const { last_seq } = this.sqlite
      .prepare('update conversations set last_seq = last_seq + 1 returning last_seq')
      .get() as { last_seq: number };
    const content = JSON.stringify({ kind: 'text', text });
    this.sqlite
      .prepare(
        `insert into messages (place, sender_key, client_message_id, content, sent_at, visitor_count)
         values ((1 << 32) + ?, ?, 'id' || ?, ?, ?, 0)`,
      )
      .run(last_seq, sender, last_seq, content, this.now);
    this.read(sender, last_seq);
    const dueAt = this.now + DELAY_MS;
    await this.db
      .transaction()
      .execute((trx) => enqueuePushJob(trx, { tenantKey: 1, conversationKey: CONVERSATION, dueAt }));
    return last_seq;
  }

  /** What stands at `seq` from now on. */
  leave(seq: number, content: string): void {
    this.sqlite.prepare('update messages set content = ? where seq = ?').run(content, seq);
  }

  read(userKey: number, seq: number): void {
    this.sqlite
      .prepare(
        'insert into members (conversation_key, user_key, delivered_seq, read_seq) values (1, ?, ?, ?) on conflict do update set read_seq = excluded.read_seq',
      )
      .run(userKey, seq, seq);
  }

  take(userKey: number): void {
    this.sqlite.prepare(`update conversations set status = 'open', assignee_key = ?`).run(userKey);
  }

  rows(table: string): Record<string, unknown>[] {
    return this.sqlite.prepare(`select * from ${table}`).all() as Record<string, unknown>[];
  }

  async passes(ms: number): Promise<void> {
    this.now += ms;
    await this.jobs.run();
  }

  endpoints = () => this.sent.map(({ endpoint }) => endpoint.split('/').pop()).sort();
}

let world: World;
beforeEach(async () => {
  world = new World();
  await world.create();
});
afterEach(async () => {
  await world.jobs.stop();
  await world.db.destroy();
});

test('a message that stays unread is pushed to each browser of whoever is away, after the delay and once', async () => {
  await world.subscribe(VISITOR, 'phone');
  await world.subscribe(VISITOR, 'laptop');
  await world.message(ANN, 'Yes, it is in stock.');
  await world.passes(DELAY_MS - 1);
  expect(world.sent).toEqual([]);
  await world.passes(1);
  expect(world.endpoints()).toEqual(['laptop', 'phone']);
  expect(world.sent[0]).toMatchObject({ title: 'Ann', body: 'Yes, it is in stock.' });
  expect(world.sent[0]?.options).toMatchObject({ urgency: 'high', ttlSeconds: 86_390 });
  expect(world.sent[0]?.options.topic).toMatch(/^[\w-]{32}$/);
  await world.passes(PUSH_MAX_AGE_MS);
  expect(world.sent).toHaveLength(2);
  expect(world.rows('push_jobs')).toEqual([]);
  expect(world.rows('push_sends')).toEqual([]);
});

test('an operator can see it: jobs that were due, notifications by outcome, and the stages of the message', async () => {
  await world.subscribe(VISITOR, 'phone');
  await world.subscribe(VISITOR, 'laptop');
  world.outcome = (endpoint) => ({ kind: endpoint.endsWith('phone') ? 'sent' : 'gone' });
  const traced = world.traces.begin(performance.now());
  if (traced) world.traces.keep(traced, 'm1' as MessageId, 'c1' as ConversationId, await world.message(ANN, 'Hello'));
  await world.passes(DELAY_MS);
  const shown = await world.metrics.text();
  expect(shown).toMatch(/^inlay_push_jobs_due_total 1$/m);
  expect(shown).toMatch(/^inlay_push_sends_total\{outcome="sent"\} 1$/m);
  expect(shown).toMatch(/^inlay_push_sends_total\{outcome="gone"\} 1$/m);
  expect(shown).toMatch(/^inlay_push_send_duration_seconds_count 2$/m);
  const stages = world.traces.find('m1')?.stages.map(({ stage, side }) => `${stage} ${side ?? ''}`.trim());
  expect(stages?.slice(0, 2)).toEqual(['received', 'push-due']);
  expect(stages?.slice(2).sort()).toEqual(['push-failed visitor', 'push-sent visitor']);
});

test('what was read within the delay is not pushed', async () => {
  await world.subscribe(VISITOR, 'phone');
  const seq = await world.message(ANN, 'Hello');
  world.read(VISITOR, seq);
  await world.passes(DELAY_MS);
  expect(world.sent).toEqual([]);
  expect(world.rows('push_jobs')).toEqual([]);
});

test('of what was taken back before it was due nothing is told, and what was said before it is', async () => {
  await world.subscribe(VISITOR, 'phone');
  await world.message(ANN, 'Still true');
  world.leave(await world.message(ANN, 'A slip'), '{"kind":"recalled"}');
  world.leave(await world.message(ANN, ''), '{"kind":"recall","seq":2}');
  await world.passes(DELAY_MS);
  expect(world.sent.map(({ body }) => body)).toEqual(['Still true']);
  await world.passes(PUSH_MAX_AGE_MS);
  expect(world.sent).toHaveLength(1);
});

test.each([
  ['what is unread beside it is sent instead', ['Still true', 'A slip'], ['Still true']],
  ['nothing is sent where nothing else is unread', ['A slip'], []],
])('taken away while the push service has a pause: %s', async (_, texts, bodies) => {
  await world.subscribe(VISITOR, 'phone');
  let seq = 0;
  for (const text of texts) seq = await world.message(ANN, text);
  world.outcome = () => ({ kind: 'retry', reason: 'busy' });
  await world.passes(DELAY_MS);
  expect(world.sent.splice(0)).toHaveLength(1);
  world.leave(seq, '{"kind":"deleted"}');
  world.outcome = () => ({ kind: 'sent' });
  for (let pass = 0; pass < 3; pass++) await world.passes(60_000);
  expect(world.sent.map(({ body }) => body)).toEqual(bodies);
  expect([world.rows('push_jobs'), world.rows('push_sends')]).toEqual([[], []]);
});

test('who is connected is not pushed to, until they leave without having read', async () => {
  await world.subscribe(VISITOR, 'phone');
  world.connected.add('u-visitor');
  await world.message(ANN, 'Hello');
  for (let minute = 0; minute < 5; minute++) await world.passes(60_000);
  expect(world.sent).toEqual([]);
  world.connected.delete('u-visitor');
  await world.passes(60_000);
  expect(world.endpoints()).toEqual(['phone']);
});

test('a message that nobody reads for a day is given up', async () => {
  await world.subscribe(VISITOR, 'phone');
  world.connected.add('u-visitor');
  await world.message(ANN, 'Hello');
  await world.passes(PUSH_MAX_AGE_MS);
  world.connected.clear();
  await world.passes(60_000);
  expect(world.sent).toEqual([]);
  expect(world.rows('push_jobs')).toEqual([]);
});

test('later messages are told of, too, each once, and writing on does not put off the first', async () => {
  await world.subscribe(VISITOR, 'phone');
  await world.message(ANN, 'One');
  await world.passes(6_000);
  await world.message(ANN, 'Two');
  await world.passes(4_000);
  expect(world.sent.map(({ body }) => body)).toEqual(['Two']);
  await world.message(ANN, 'Three');
  await world.passes(DELAY_MS);
  expect(world.sent.map(({ body }) => body)).toEqual(['Two', 'Three']);
  expect(new Set(world.sent.map(({ options }) => options.topic)).size).toBe(1);
});

test('a message that is stored while the job is decided keeps the job alive', async () => {
  await world.subscribe(VISITOR, 'phone');
  await world.message(ANN, 'One');
  world.now += DELAY_MS;
  const [job] = await world.store.dueJobs(world.now, 1);
  if (!job) throw new Error('no job is due');
  const facts = await world.store.jobFacts(job);
  await world.message(ANN, 'Two');
  await world.store.finishJob(job, {
    lastSeq: facts?.lastSeq ?? 0,
    tell: [],
    now: world.now,
    ifNewerAt: world.now + 5,
  });
  await world.passes(5);
  expect(world.sent.map(({ body }) => body)).toEqual(['Two']);
});

test('while a conversation waits every agent who is away is told; once taken only the one who has it', async () => {
  await world.subscribe(ANN, 'ann');
  await world.subscribe(BEN, 'ben');
  await world.message(VISITOR, 'Anybody there?');
  await world.passes(DELAY_MS);
  expect(world.endpoints()).toEqual(['ann', 'ben']);
  expect(world.sent[0]).toMatchObject({ title: 'Visitor', body: 'Anybody there?' });
  world.take(BEN);
  await world.message(VISITOR, 'Hello?');
  await world.passes(DELAY_MS);
  expect(world.endpoints()).toEqual(['ann', 'ben', 'ben']);
});

test('what one agent has read is read for all of them', async () => {
  await world.subscribe(BEN, 'ben');
  world.read(ANN, await world.message(VISITOR, 'Anybody there?'));
  await world.passes(DELAY_MS);
  expect(world.sent).toEqual([]);
});

test('who subscribes with something unread and leaves is told of it', async () => {
  world.connected.add('u-visitor');
  await world.message(ANN, 'Hello');
  await world.passes(DELAY_MS);
  expect(world.rows('push_jobs')).toEqual([]);
  await world.subscribe(VISITOR, 'phone');
  world.connected.clear();
  await world.passes(DELAY_MS);
  expect(world.endpoints()).toEqual(['phone']);
});

test('a job of a conversation that was merged away ends', async () => {
  await world.subscribe(VISITOR, 'phone');
  await world.message(ANN, 'Hello');
  world.sqlite.exec('update conversations set merged_into = 1');
  await world.passes(DELAY_MS);
  expect(world.sent).toEqual([]);
  expect(world.rows('push_jobs')).toEqual([]);
});

test('one’s own message is never told to oneself', async () => {
  await world.subscribe(VISITOR, 'phone');
  await world.message(VISITOR, 'Hello');
  await world.passes(DELAY_MS);
  expect(world.sent).toEqual([]);
});

test('a subscription that the push service does not know is deleted, and its owner’s devices hear of it', async () => {
  await world.subscribe(VISITOR, 'old');
  await world.subscribe(VISITOR, 'new');
  world.outcome = (endpoint) => (endpoint.endsWith('old') ? { kind: 'gone' } : { kind: 'sent' });
  await world.message(ANN, 'Hello');
  await world.passes(DELAY_MS);
  expect(world.rows('push_subscriptions')).toMatchObject([{ endpoint: 'https://push.example/new' }]);
  expect(world.published).toEqual([
    { tenantId: 'demo', userIds: ['u-visitor'], frame: { type: 'push.changed', subscriptions: 1 } },
  ]);
  expect(world.rows('push_sends')).toEqual([]);
});

test('a subscription made with another key is deleted without asking the service', async () => {
  await world.subscribe(VISITOR, 'phone', 'another key');
  await world.message(ANN, 'Hello');
  await world.passes(DELAY_MS);
  expect(world.sent).toEqual([]);
  expect(world.rows('push_subscriptions')).toEqual([]);
});

test('a service that asks for a pause gets it, also for its other subscriptions', async () => {
  await world.subscribe(VISITOR, 'phone');
  world.outcome = () => ({ kind: 'retry', afterMs: 60_000, reason: '429' });
  await world.message(ANN, 'Hello');
  await world.passes(DELAY_MS);
  expect(world.sent).toHaveLength(1);
  await world.subscribe(VISITOR, 'laptop');
  world.outcome = () => ({ kind: 'sent' });
  await world.message(ANN, 'Again');
  await world.passes(DELAY_MS);
  expect(world.sent).toHaveLength(1);
  await world.passes(65_000);
  expect(world.sent.map(({ body }) => body)).toEqual(['Hello', 'Again', 'Again']);
  expect(world.endpoints()).toEqual(['laptop', 'phone', 'phone']);
});

test('a failing service is tried again with longer and longer pauses, for a day', async () => {
  await world.subscribe(VISITOR, 'phone');
  world.outcome = () => ({ kind: 'retry', reason: '503' });
  await world.message(ANN, 'Hello');
  await world.passes(DELAY_MS);
  expect(world.sent).toHaveLength(1);
  await world.passes(4_999);
  expect(world.sent).toHaveLength(1);
  await world.passes(1_001);
  expect(world.sent).toHaveLength(2);
  for (let hour = 0; hour < 40; hour++) await world.passes(3_600_000);
  const tries = world.sent.length;
  expect(tries).toBeGreaterThan(15);
  expect(world.rows('push_sends')).toEqual([]);
  await world.passes(PUSH_MAX_AGE_MS);
  expect(world.sent).toHaveLength(tries);
});

test('what was refused is dropped, and the subscription stays for the next message', async () => {
  await world.subscribe(VISITOR, 'phone');
  world.outcome = () => ({ kind: 'refused', status: 400, reason: '400' });
  await world.message(ANN, 'Hello');
  await world.passes(DELAY_MS);
  expect(world.rows('push_sends')).toEqual([]);
  world.outcome = () => ({ kind: 'sent' });
  await world.message(ANN, 'Again');
  await world.passes(DELAY_MS);
  expect(world.sent.map(({ body }) => body)).toEqual(['Hello', 'Again']);
});

test('read elsewhere, or come back, between a failure and the next try: not sent', async () => {
  await world.subscribe(VISITOR, 'phone');
  world.outcome = () => ({ kind: 'retry', afterMs: 60_000, reason: '429' });
  const seq = await world.message(ANN, 'Hello');
  await world.passes(DELAY_MS);
  world.outcome = () => ({ kind: 'sent' });
  world.connected.add('u-visitor');
  await world.passes(120_000);
  expect(world.sent).toHaveLength(1);
  expect(world.rows('push_jobs')).toHaveLength(1);
  world.read(VISITOR, seq);
  world.connected.clear();
  await world.passes(120_000);
  expect(world.sent).toHaveLength(1);
  expect(world.rows('push_jobs')).toEqual([]);
});

test('a process that was killed in the middle of a send leaves it to the next one', async () => {
  await world.subscribe(VISITOR, 'phone');
  await world.message(ANN, 'Hello');
  world.now += DELAY_MS;
  const [job] = await world.store.dueJobs(world.now, 1);
  if (!job) throw new Error('no job is due');
  const decision = {
    lastSeq: 1,
    now: world.now,
    ifNewerAt: 0,
    tell: [{ userKey: VISITOR, seq: 1, expiresAt: world.now + 1e6 }],
  };
  await world.store.finishJob(job, decision);
  expect(await world.store.claimSends(world.now, 15_000, 8)).toHaveLength(1);
  world.jobs = world.worker();
  await world.passes(14_999);
  expect(world.sent).toEqual([]);
  await world.passes(1);
  expect(world.endpoints()).toEqual(['phone']);
});

test('two processes that decide the same job tell of it once', async () => {
  await world.subscribe(VISITOR, 'phone');
  await world.message(ANN, 'Hello');
  world.now += DELAY_MS;
  await Promise.all([world.jobs.run(), world.worker().run()]);
  expect(world.endpoints()).toEqual(['phone']);
});

test('an endpoint belongs to who subscribed on it last, and a person has a bounded number of them', async () => {
  await world.subscribe(VISITOR, 'shared');
  expect(await world.subscribe(BEN, 'shared')).toEqual([
    { tenantId: 'demo', userId: 'u-ben', subscriptions: 1 },
    { tenantId: 'demo', userId: 'u-visitor', subscriptions: 0 },
  ]);
  for (const name of ['a', 'b', 'c', 'd']) {
    world.now += 1;
    await world.subscribe(VISITOR, name);
  }
  const kept = world.rows('push_subscriptions').filter((row) => row.user_key === VISITOR);
  expect(kept.map(({ endpoint }) => endpoint)).toEqual(['b', 'c', 'd'].map((name) => `https://push.example/${name}`));
});

test('a code is good once, until it expires, and a person has a bounded number of them', async () => {
  const owner = { tenantId: 'demo' as TenantId, userId: 'u-visitor' as UserId };
  const create = (codeHash: string, expiresAt = 100) => world.store.createCode({ codeHash, ...owner, expiresAt });
  await create('first');
  await create('second');
  expect(await world.store.takeCode('first', 50)).toEqual(owner);
  expect(await world.store.takeCode('first', 50)).toBeUndefined();
  expect(await world.store.takeCode('second', 100)).toBeUndefined();
  for (let n = 1; n <= 6; n++) await create(`code ${n}`, 200 + n);
  expect(await world.store.takeCode('code 1', 150)).toBeUndefined();
  expect(await world.store.takeCode('code 2', 150)).toEqual(owner);
});
