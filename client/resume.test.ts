/**
 * A replica, its pulls and its sync against a desk that is all in this file, over a wire on which everything that can happen
 * happens in an order that a seed chooses: events are lost or overtake answers, answers come in any order and tell of the
 * moment at which they were read, connections break at each step. In the end the copy is the desk's, and nothing was told
 * twice or out of order.
 */
import { afterEach, expect, test } from 'vitest';
import type { Conversation, Held, Missed, SharedConversation } from '../protocol/conversations.ts';
import type { DownEvent } from '../protocol/down.ts';
import { InlayError } from '../protocol/errors.ts';
import type { ClientMessageId, ConversationId, MessageId, UserId } from '../protocol/ids.ts';
import { RESUME_FAR_COUNT, RESUME_MAX_COUNT } from '../protocol/limits.ts';
import type { Message } from '../protocol/messages.ts';
import type { Input, UpType } from '../protocol/up.ts';
import type { User } from '../protocol/users.ts';
import { DeviceStore } from './device-store.ts';
import type { Link } from './link.ts';
import { Pauses } from './pauses.ts';
import { Pulls } from './pulls.ts';
import { Replica } from './replica.ts';
import { type Side, sideOf, sortedMembers } from './state/receipts.ts';
import { Sync } from './sync.ts';

const SEEDS = Array.from({ length: 400 }, (_, index) => index + 1);
/** Many short ones, since what comes later heals much, and some long ones. */
const stepsOf = (seed: number) => (seed % 20 === 0 ? 400 : 5 + ((seed * 37) % 90));

/** 0 ≤ x < 1 (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const agent: User = { userId: 'agent' as UserId, kind: 'agent', name: 'Ada' };
const visitorOf = (id: ConversationId): User => ({ userId: `visitor of ${id}` as UserId, kind: 'guest' });

/** What is true. */
class Desk {
  revision = 0;
  readonly conversations = new Map<ConversationId, SharedConversation>();
  readonly messages = new Map<ConversationId, Message[]>();
  emit: (event: DownEvent) => void = () => undefined;

  /** The visitor's first word, so that agents see it. Its empty beginning took a revision, too. */
  create(conversationId: ConversationId): void {
    const user = visitorOf(conversationId);
    this.messages.set(conversationId, []);
    this.conversations.set(conversationId, {
      conversationId,
      kind: 'service',
      revision: ++this.revision,
      lastSeq: 0,
      members: [{ user, deliveredSeq: 0, readSeq: 0 }],
      service: { status: 'waiting' },
    });
    this.write(conversationId, user);
  }

  write(conversationId: ConversationId, { userId }: User): void {
    const known = this.messages.get(conversationId) as Message[];
    const seq = known.length + 1;
    const text = `${userId} ${seq}`;
    const message: Message = {
      messageId: `${conversationId}.${seq}` as MessageId,
      conversationId,
      seq,
      senderId: userId,
      clientMessageId: `client-${conversationId}-${seq}` as ClientMessageId,
      content: { kind: 'text', text },
      sentAt: seq,
    };
    known.push(message);
    const change = this.#change(conversationId, { lastSeq: seq, lastMessage: message });
    this.emit({ type: 'message.created', message, ...change });
    const { members } = this.of(conversationId);
    const isNew = userId === agent.userId && !members.some(({ user }) => user.userId === userId);
    if (isNew) this.service(conversationId, 'open', [...members, { user: agent, deliveredSeq: 0, readSeq: 0 }]);
  }

  service(id: ConversationId, status: 'open' | 'closed', members = this.of(id).members): void {
    const { previousRevision } = this.#change(id, { members, service: { status } });
    this.emit({ type: 'conversation.changed', conversation: this.of(id), previousRevision });
  }

  read(conversationId: ConversationId, user: User, seq: number): void {
    const { members } = this.of(conversationId);
    const known = members.find((member) => member.user.userId === user.userId);
    const readSeq = Math.max(seq, known?.readSeq ?? 0);
    const member = { user, deliveredSeq: readSeq, readSeq };
    const next = known ? members.map((other) => (other === known ? member : other)) : [...members, member];
    const change = this.#change(conversationId, { members: next });
    const unread = this.unread(conversationId, sideOf(member));
    this.emit({ type: 'receipt.changed', conversationId, ...change, ...member, unread });
  }

  of(conversationId: ConversationId): SharedConversation {
    return this.conversations.get(conversationId) as SharedConversation;
  }

  unread(conversationId: ConversationId, side: Side): number {
    const own = this.of(conversationId).members.filter((member) => sideOf(member) === side);
    const read = Math.max(0, ...own.map(({ readSeq }) => readSeq));
    const isOther = ({ senderId }: Message) => (senderId === agent.userId) !== (side === 'agent');
    return (this.messages.get(conversationId) ?? []).filter((it) => it.seq > read && isOther(it)).length;
  }

  seenBy(side: Side): Conversation[] {
    return [...this.conversations.values()].map((it) => ({ ...it, unread: this.unread(it.conversationId, side) }));
  }

  missed({ conversationId, seq }: Held): Missed[] {
    const { lastSeq } = this.of(conversationId);
    if (lastSeq === seq) return [];
    const tooFar = seq > lastSeq || lastSeq - seq > RESUME_FAR_COUNT;
    const messages = (this.messages.get(conversationId) ?? []).slice(seq, seq + RESUME_MAX_COUNT);
    return [{ conversationId, messages: tooFar ? [] : messages, lastSeq, tooFar }];
  }

  #change(conversationId: ConversationId, change: Partial<SharedConversation>) {
    const { revision: previousRevision } = this.of(conversationId);
    const revision = ++this.revision;
    this.conversations.set(conversationId, { ...this.of(conversationId), ...change, revision });
    return { revision, previousRevision };
  }
}

interface Asked {
  readonly type: UpType;
  readonly input: unknown;
  /** Read at this moment, whenever it arrives. */
  answer: (() => unknown) | undefined;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: InlayError) => void;
}

/** Between the two, bent by the test. */
class Wire {
  isOpen = false;
  events: DownEvent[] = [];
  asked: Asked[] = [];
  requests = 0;
  constructor(
    readonly desk: Desk,
    readonly side: Side,
  ) {}

  ask = (type: UpType, input: unknown): Promise<unknown> => {
    this.requests++;
    if (!this.isOpen) return Promise.reject(new InlayError('server-shutdown'));
    return new Promise((resolve, reject) => {
      this.asked.push({ type, input, answer: undefined, resolve, reject });
    });
  };

  cut(): void {
    this.isOpen = false;
    this.events = [];
    for (const { reject } of this.asked.splice(0)) reject(new InlayError('server-shutdown'));
  }

  /** The server reads. */
  read(one: Asked): void {
    const result = structuredClone(this.#result(one));
    one.answer = () => result;
  }

  deliver(one: Asked): void {
    this.asked.splice(this.asked.indexOf(one), 1);
    one.resolve(one.answer?.());
  }

  #result({ type, input }: Asked): unknown {
    const { desk, side } = this;
    const conversations = desk.seenBy(side);
    const { revision } = desk;
    if (type === 'conversation.list') return { conversations, revision, more: false };
    if (type === 'conversation.changes') {
      const { after, held, unheard = [] } = input as Input<'conversation.changes'>;
      const changed = conversations.filter((it) => it.revision > after || unheard.includes(it.revision));
      const messages = held && { messages: held.flatMap((position) => desk.missed(position)) };
      return { conversations: changed, removed: [], revision, reset: false, ...messages };
    }
    const { conversationId } = input as Input<'conversation.get'>;
    if (type === 'conversation.get')
      return { conversation: conversations.find((it) => it.conversationId === conversationId) };
    const { after, before, limit = 50 } = input as Input<'message.list'>;
    const all = desk.messages.get(conversationId) ?? [];
    if (after !== undefined) return { messages: all.slice(after, after + limit), lastSeq: all.length };
    const end = before === undefined ? all.length : before - 1;
    return { messages: all.slice(Math.max(0, end - limit), end), lastSeq: all.length };
  }
}

const pausesOfTests: Pauses[] = [];
afterEach(() => {
  for (const pauses of pausesOfTests.splice(0)) pauses.endAll();
});

const soon = () => new Promise<void>((resolve) => setImmediate(resolve));

class World {
  readonly desk = new Desk();
  readonly wire: Wire;
  readonly replica: Replica;
  readonly sync: Sync;
  readonly told = new Map<ConversationId, number[]>();
  readonly #pauses = new Pauses();

  constructor(readonly side: Side) {
    this.wire = new Wire(this.desk, side);
    const viewer = () => ({ side, userId: side === 'agent' ? agent.userId : visitorOf('c1' as ConversationId).userId });
    pausesOfTests.push(this.#pauses);
    this.replica = new Replica(new DeviceStore('test/'), viewer, {
      onBehind: (id, behind) => void pulls.want(id, { ...behind, live: true }),
      onHeld: () => undefined,
      onVisitorChanged: () => undefined,
      onStored: (messages) => {
        for (const { conversationId, seq } of messages)
          this.told.set(conversationId, [...(this.told.get(conversationId) ?? []), seq]);
      },
    });
    const link = this.wire as unknown as Link;
    const fail = (error: InlayError) => expect(error.code).toBe('server-shutdown');
    const pulls = new Pulls(link, this.replica, this.#pauses, fail);
    this.sync = new Sync(link, this.replica, pulls, this.#pauses, viewer, fail);
    this.desk.emit = (event) => {
      if (this.wire.isOpen) this.wire.events.push(structuredClone(event));
    };
  }

  get ids(): ConversationId[] {
    return [...this.desk.conversations.keys()];
  }

  open(): void {
    this.wire.isOpen = true;
    this.#pauses.endAll();
    this.sync.onWelcome(this.desk.revision);
  }

  take(event: DownEvent): void {
    if (event.type === 'message.created') this.replica.onMessageCreated(event);
    if (event.type === 'conversation.changed') this.replica.onConversationChanged(event);
    if (event.type === 'receipt.changed') this.replica.onReceiptChanged(event);
  }

  /** Everything arrives until there is nothing more. */
  async settle(): Promise<void> {
    await soon();
    while (this.wire.events.length + this.wire.asked.length > 0) {
      for (const event of this.wire.events.splice(0)) this.take(event);
      for (const one of [...this.wire.asked]) {
        if (!one.answer) this.wire.read(one);
        this.wire.deliver(one);
      }
      await soon();
    }
  }

  check(): void {
    for (const id of this.ids) {
      const seqs = this.replica
        .log(id)
        .peek()
        .messages.map(({ seq }) => seq);
      expect(seqs).toEqual(seqs.map((_, index) => (seqs[0] ?? 0) + index));
      const told = this.told.get(id) ?? [];
      expect(told).toEqual([...new Set(told)].sort((one, other) => one - other));
    }
  }

  expectEqual(): void {
    for (const expected of this.desk.seenBy(this.side)) {
      const { conversationId, lastSeq } = expected;
      const members = sortedMembers(expected.members);
      expect(this.replica.get(conversationId)).toEqual({ ...expected, members });
      const log = this.replica.log(conversationId).peek();
      expect(log.loaded).toBe(true);
      const first = log.messages[0]?.seq ?? 1;
      expect(log.messages).toEqual(this.desk.messages.get(conversationId)?.slice(first - 1, lastSeq));
    }
  }
}

async function run(side: Side, seed: number): Promise<World> {
  const random = randomOf(seed);
  const pick = <T>(all: readonly T[]) => all[Math.floor(random() * all.length)] as T;
  const world = new World(side);
  const { desk, wire, sync } = world;
  const ids = (side === 'agent' ? ['c1', 'c2', 'c3'] : ['c1']) as ConversationId[];
  for (const id of ids.slice(0, 2)) desk.create(id);
  world.open();
  if (side === 'agent') void sync.list('all').catch(() => undefined);
  const anybody = (id: ConversationId) => pick([agent, visitorOf(id)]);
  const burst = (id: ConversationId, count: number) => {
    for (let index = 0; index < count; index++) desk.write(id, anybody(id));
  };
  const actions: [number, () => void][] = [
    [20, () => burst(pick(world.ids), 1)],
    [1, () => burst(pick(world.ids), RESUME_MAX_COUNT + 30)],
    [0.2, () => burst(pick(world.ids), RESUME_FAR_COUNT + 30)],
    [
      5,
      () => {
        const id = pick(world.ids);
        desk.read(id, anybody(id), Math.ceil(random() * desk.of(id).lastSeq));
      },
    ],
    [3, () => desk.service(pick(world.ids), pick(['open', 'closed'] as const))],
    [30, () => wire.events.splice(0, 1).forEach((event) => void world.take(event))],
    [10, () => wire.events.splice(0).forEach((event) => void world.take(event))],
    [5, () => void wire.events.splice(Math.floor(random() * wire.events.length), 1)],
    [
      20,
      () =>
        wire.asked
          .filter(({ answer }) => !answer)
          .slice(0, 1)
          .forEach((one) => void wire.read(one)),
    ],
    [
      20,
      () => {
        const ready = wire.asked.filter(({ answer }) => answer);
        if (ready.length > 0) wire.deliver(pick(ready));
      },
    ],
    [4, () => wire.cut()],
    [8, () => (wire.isOpen ? undefined : world.open())],
    [4, () => wire.isOpen && sync.onRevision(desk.revision)],
    [2, () => void sync.loadEarlier(pick(world.ids)).catch(() => undefined)],
    [2, () => void sync.open(pick(world.ids))],
    [
      1,
      () => {
        const next = ids[world.ids.length];
        if (next) desk.create(next);
      },
    ],
  ];
  const sum = actions.reduce((total, [weight]) => total + weight, 0);
  for (let step = 0; step < stepsOf(seed); step++) {
    let at = random() * sum;
    for (const [weight, act] of actions) {
      if (at >= 0 && at < weight) act();
      at -= weight;
    }
    // A new connection is never there in the very moment in which the old one breaks.
    if (!wire.isOpen || random() < 0.7) await soon();
    world.check();
  }
  return world;
}

for (const side of ['visitor', 'agent'] as const) {
  test(`whatever happens on the way, the copy of the ${side} ends equal to the desk`, async () => {
    for (const seed of SEEDS) {
      try {
        const world = await run(side, seed);
        if (!world.wire.isOpen) world.open();
        for (const id of world.ids) void world.sync.open(id);
        await world.settle();
        // What was lost last is found by the pong.
        world.sync.onRevision(world.desk.revision);
        await world.settle();
        world.check();
        world.expectEqual();
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error });
      }
    }
  }, 60_000);
}
