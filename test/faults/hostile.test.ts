/**
 * Strangers who send what no client sends, while everybody else goes on: bytes that are no frames, frames that are too large,
 * floods, forged conversation ids, tokens and sessions of another tenant. Each gets a named refusal and learns nothing, the server
 * stands, and the neighbours lose nothing.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'vitest';
import { fault, isLong, percentile } from '../support/faults.ts';
import { newClientMessageId, newVisitor, RawClient, RawError } from '../support/raw-client.ts';
import type { SeededRandom } from '../support/seeded-random.ts';
import type { World } from '../support/simulation.ts';

const FORGED = isLong ? 4_000 : 600;
const ROUNDS = isLong ? 60 : 8;
/** Frames a second of one socket: above what a neighbour here sends, far below a flood. */
const FRAMES_PER_SOCKET = isLong ? 2_000 : 400;
/** More than eight seconds' worth within two is a flood (server/gateway/frame-meter.ts). */
const FLOOD_FRAMES = 10 * FRAMES_PER_SOCKET;

const malformed = (random: SeededRandom): string | Buffer => {
  const bytes = Buffer.from(Array.from({ length: random.int(1, 200) }, () => random.int(0, 255)));
  return random.pick([
    ...['', '{', '[]', '[[[[', 'null', '1', '"text"', '{"type":7}', '{"type":"hello"}', '{"ref":1}', '\u0000'],
    ...['{"type":"__proto__","ref":1}', '{"type":"constructor","ref":2}', '{"type":"message.send","ref":"1"}'],
    ...['{"type":"ping","ref":1e400}', `${'['.repeat(50_000)}`, `{"type":"ping","ref":1,"x":${'{"a":'.repeat(20_000)}`],
    bytes.toString('latin1'),
    bytes,
  ]);
};

interface Attack {
  readonly name: string;
  run(world: World, random: SeededRandom): Promise<void>;
}

const closeOf = (client: RawClient) => Promise.race([client.closed, wait(10_000).then(() => ({ code: 0 }))]);

const attacks: readonly Attack[] = [
  {
    name: 'malformed frames',
    async run(world, random) {
      const tenant = random.pick(world.tenants);
      const client = new RawClient(world.url, tenant.tenantId);
      await client.opened;
      if (random.chance(0.5)) await client.hello();
      for (let index = 0; index < 200; index++) {
        const data = malformed(random);
        client.sendRaw(data, typeof data !== 'string');
      }
      // too-many-bad-frames, frame-too-large, or what ws says of broken UTF-8.
      expect([4506, 4505, 4101, 1007]).toContain((await closeOf(client)).code);
    },
  },
  {
    name: 'oversized frames',
    async run(world, random) {
      const client = new RawClient(world.url, random.pick(world.tenants).tenantId);
      await client.opened;
      const bytes = random.pick([400_000, 900_000, 10_000_000]);
      client.sendRaw(JSON.stringify({ type: 'hello', ref: 1, filler: 'x'.repeat(bytes) }));
      expect([4505, 1009, 1006]).toContain((await closeOf(client)).code);
    },
  },
  {
    name: 'floods',
    async run(world, random) {
      const { client, session } = await newVisitor(world.url, random.pick(world.tenants).tenantId);
      const { conversationId } = session.conversation;
      const type = random.pick(['ping', 'message.list', 'conversation.changes', 'typing.set']);
      const frame = JSON.stringify({ type, ref: 1, conversationId, after: 0, typing: true });
      for (let index = 0; index < FLOOD_FRAMES; index++) client.sendRaw(frame);
      expect([4101, 4001]).toContain((await closeOf(client)).code);
    },
  },
  {
    name: 'foreign credentials',
    async run(world, random) {
      const [home, away] = random.chance(0.5) ? [0, 1] : [1, 0];
      const stranger = world.visitors.find(({ tenantId }) => tenantId === world.tenants[home]?.tenantId);
      const client = new RawClient(world.url, world.tenants[away]?.tenantId ?? '', {
        cookie: world.tenants[home]?.cookie ?? '',
      });
      await client.opened;
      const auth = random.chance(0.5) ? { kind: 'agent' } : { kind: 'visitor', token: stranger?.token };
      client.sendFrame('hello', { protocol: { major: 1, minor: 0 }, auth });
      expect((await closeOf(client)).code).toBe(4504);
      expect(JSON.stringify(client.frames)).not.toContain('"user"');
    },
  },
  {
    name: 'half-finished handshakes',
    async run(world, random) {
      const clients = Array.from({ length: 20 }, () => new RawClient(world.url, random.pick(world.tenants).tenantId));
      for (const client of clients) if (random.chance(0.5)) client.opened.then(() => client.cut()).catch(() => 'cut');
      await Promise.all(clients.map((client) => client.opened.catch(() => 'cut')));
      for (const client of clients) client.cut();
    },
  },
];

/** Ids that exist in another tenant, ids of neighbours, and ids that nobody has. */
async function forge(world: World, random: SeededRandom): Promise<number> {
  const [first, second] = world.tenants;
  const { client } = await newVisitor(world.url, first?.tenantId ?? '');
  const foreign = world.visitors.map(({ conversationId }) => conversationId);
  expect(second).toBeDefined();
  let refused = 0;
  for (let index = 0; index < FORGED; index++) {
    const real = random.pick(foreign);
    const conversationId = random.pick([
      real,
      ...[`${real.slice(0, -1)}A`, real.toLowerCase(), `${real}.`, '..', '0', `1-or-1.1`, 'constructor'],
      random.next().toString(36).slice(2),
    ]);
    const requests: readonly [string, object][] = [
      ['message.list', { conversationId, after: 0 }],
      ['conversation.get', { conversationId }],
      ['receipt.update', { conversationId, readSeq: 1 }],
      ['typing.set', { conversationId, typing: true }],
      ['service.take', { conversationId }],
      [
        'message.send',
        {
          conversationId,
          clientMessageId: newClientMessageId(),
          content: { kind: 'text', text: 'forged by a stranger' },
        },
      ],
    ];
    const [type, fields] = random.pick(requests);
    const answer = await client.request(type, fields).catch((error: unknown) => error);
    expect(answer).toBeInstanceOf(RawError);
    const { code, retryAfterMs } = (answer as RawError).error;
    expect(['not-found', 'forbidden', 'frame-invalid', 'rate-limited']).toContain(code);
    if (code === 'rate-limited') await wait(retryAfterMs ?? 10);
    client.frames.length = 0;
    refused += 1;
  }
  await client.close();
  return refused;
}

fault('hostile input', { short: { messages: 5_000 }, long: { messages: 40_000, rounds: 2 } }, async (run) => {
  const world = await run.world({ tenants: 2, env: { RATE_FRAMES_PER_SOCKET: `${FRAMES_PER_SOCKET}` } });
  await world.populate(5, { window: 4 });
  world.converse(Math.round(run.messages / 4));
  await world.everythingAcked();
  const before = percentile(
    world.clients.flatMap(({ latencies }) => latencies),
    99,
  );
  for (const { latencies } of world.clients) latencies.length = 0;
  const pid = world.child.pid();

  world.converse(run.messages - Math.round(run.messages / 4));
  const forging = forge(world, run.random.fork('forger'));
  for (let round = 0; round < ROUNDS; round++) {
    await Promise.all(
      attacks.map(async ({ name, run: attack }) => {
        await attack(world, run.random.fork(`${name} ${round}`));
        run.note(name);
      }),
    );
  }
  run.note('forged ids', await forging);
  await world.everythingAcked();
  const during = percentile(
    world.clients.flatMap(({ latencies }) => latencies),
    99,
  );
  run.note('ms p99 of neighbours before', Math.round(before));
  run.note('ms p99 of neighbours beside', Math.round(during));

  expect(world.child.pid()).toBe(pid);
  expect(world.clients.flatMap(({ closes }) => closes)).toEqual([]);
  expect(world.clients.flatMap(({ rejected }) => rejected)).toEqual([]);
  const verdict = await run.finish(world);
  expect(verdict.acked).toBe(verdict.sent);
  expect(during).toBeLessThan(before * 10 + 500);
});
