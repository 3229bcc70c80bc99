/**
 * A small world for a fault test: a real server in a process of its own, several tenants on it, visitors (some with two
 * devices) who write, and in each tenant an agent who watches and answers. `finish` waits until everybody has everything, reads the
 * store, and lets the oracle judge.
 */
import { readdirSync, readlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.ts';
import { signIn } from './node-client.ts';
import { type ClientLog, type Held, judge, type Resource, type Verdict } from './oracle.ts';
import type { SeededRandom } from './seeded-random.ts';
import { type ChildServer, type Credentials, startChildServer, startServer, type TestServer } from './server.ts';
import { SimulatedClient, type SimulatedClientOptions } from './simulation-client.ts';
import { readByDoor, readFile } from './simulation-store.ts';

export interface WorldOptions {
  readonly random: SeededRandom;
  readonly tenants?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Default: a new directory, removed by `stop`. */
  readonly dataDir?: string;
  /** In this very process, so that the clock can be moved. */
  readonly inside?: boolean;
}

export interface Tenant {
  readonly tenantId: string;
  readonly agent: Credentials;
  readonly cookie: string;
}

/** Another kind of client that takes part; it has its own ways to end with all. */
export interface Participant {
  readonly log: ClientLog;
  readonly isIdle: boolean;
  completeTo(conversationId: string): number;
  view(): Promise<ReadonlyMap<string, readonly Held[]>> | ReadonlyMap<string, readonly Held[]>;
  stop(): Promise<void>;
}

/** Nobody in a simulation is slowed down, unless a test wants it. */
const UNLIMITED = {
  ...{ RATE_FRAMES_PER_SOCKET: '0', RATE_MESSAGES_PER_USER: '0', RATE_MESSAGES_PER_AGENT: '0' },
  ...{ RATE_MESSAGES_PER_TENANT: '0', RATE_SESSIONS_PER_ADDRESS: '0' },
  ...{ RATE_SIGN_INS_PER_ACCOUNT: '0', RATE_SIGN_INS_PER_ADDRESS: '0' },
  ...{ CONNECTIONS_PER_ADDRESS: '100000', CONNECTIONS_PER_TENANT: '100000', DEMO: 'on' },
};
/** Long forms have long queues. */
const isLong = process.env.FAULTS === 'long';
const SETTLE_MS = isLong ? 300_000 : 60_000;
const PATIENCE_MS = isLong ? 120_000 : 20_000;
/** What a process holds says what it needs only after its garbage was collected: where memory is plenty, Node does that late. */
const COLLECTS = `
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
process.on('SIGUSR2', () => collect());
`;
const COLLECTING = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(COLLECTS)}` };
/** What a server may have gained through use: compiled code, caches, prepared statements. */
const MEMORY_TOLERANCE_BYTES = 48 * 1024 * 1024;
const SOCKETS_TOLERANCE = 2;

interface Waiting {
  readonly count: number;
  resolve(): void;
  reject(error: unknown): void;
}

export class World {
  readonly clients: SimulatedClient[] = [];
  /** Clients of other kinds. */
  readonly participants: Participant[] = [];
  acked = 0;
  /** Where clients dial; a proxy may stand before the server. */
  dialUrl: string;
  readonly #waiting = new Set<Waiting>();
  #before: Usage | undefined;

  private constructor(
    readonly url: string,
    readonly dataDir: string,
    readonly tenants: readonly Tenant[],
    readonly random: SeededRandom,
    private readonly running: { readonly child?: ChildServer; readonly inside?: TestServer },
    private readonly removes: boolean,
  ) {
    this.dialUrl = url;
  }

  static async start(options: WorldOptions): Promise<World> {
    const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'inlay-fault-')));
    const env = { ...UNLIMITED, ...COLLECTING, ...options.env };
    const first = await startServer({ dataDir, env });
    const ids = Array.from({ length: options.tenants ?? 3 }, (_, index) => `tenant-${index + 1}`);
    const made = await Promise.all(ids.map((id) => first.createTenant(id)));
    const running: { child?: ChildServer; inside?: TestServer } = {};
    if (options.inside) {
      running.inside = first;
    } else {
      await first.stop();
      running.child = await startChildServer({ dataDir, env });
    }
    const url = running.child?.url ?? first.url;
    const tenants = await Promise.all(
      made.map(async ({ tenantId, agent }) => ({ tenantId, agent, cookie: await signIn(url, agent) })),
    );
    const world = new World(url, dataDir, tenants, options.random, running, options.dataDir === undefined);
    if (running.child) world.#before = await world.usage();
    return world;
  }

  /** The server's process. */
  get child(): ChildServer {
    const { child } = this.running;
    if (!child) throw new Error('The server runs inside the test.');
    return child;
  }

  get inside(): TestServer {
    const { inside } = this.running;
    if (!inside) throw new Error('The server runs in a process of its own.');
    return inside;
  }

  get visitors(): SimulatedClient[] {
    return this.clients.filter(({ log }) => log.sees !== 'tenant');
  }

  get agents(): SimulatedClient[] {
    return this.clients.filter(({ log }) => log.sees === 'tenant');
  }

  add(tenant: Tenant, options: Partial<SimulatedClientOptions> & Pick<SimulatedClientOptions, 'auth' | 'name'>) {
    const client = new SimulatedClient({
      tenantId: tenant.tenantId,
      random: this.random,
      url: () => this.dialUrl,
      onAck: () => this.countAck(),
      onFailure: (error) => {
        for (const { reject } of this.#waiting) reject(error);
      },
      ...options,
    });
    this.clients.push(client);
    client.start();
    return client;
  }

  agent(tenant: Tenant, options: Partial<SimulatedClientOptions> = {}): SimulatedClient {
    const name = `agent-${this.clients.length}-of-${tenant.tenantId}`;
    return this.add(tenant, { name, auth: { kind: 'agent', cookie: tenant.cookie }, ...options });
  }

  visitor(tenant: Tenant, options: Partial<SimulatedClientOptions> = {}): SimulatedClient {
    const name = `visitor-${this.clients.length}-of-${tenant.tenantId}`;
    return this.add(tenant, { name, auth: { kind: 'visitor' }, ...options });
  }

  /** Another device of the same visitor. */
  device(visitor: SimulatedClient, options: Partial<SimulatedClientOptions> = {}): SimulatedClient {
    const tenant = this.tenants.find(({ tenantId }) => tenantId === visitor.tenantId) as Tenant;
    const { conversationId, token = '' } = visitor;
    const auth = { kind: 'visitor', token, conversationId } as const;
    return this.add(tenant, { name: `device-${this.clients.length}-of-${visitor.name}`, auth, ...options });
  }

  /** In each tenant an agent and so many visitors, of whom every third has a second device. All are connected. */
  async populate(visitorsPerTenant: number, options: Partial<SimulatedClientOptions> = {}): Promise<void> {
    for (const tenant of this.tenants) {
      this.agent(tenant, options);
      for (let index = 0; index < visitorsPerTenant; index++) this.visitor(tenant, options);
    }
    await this.everybodyResumed();
    const twofold = this.visitors.filter((_, index) => index % 3 === 0);
    for (const visitor of twofold) this.device(visitor, options);
    await this.everybodyResumed();
  }

  everybodyResumed(timeoutMs = SETTLE_MS): Promise<unknown> {
    return eventually(
      () => `not connected: ${this.clients.filter((client) => !client.isResumed).map(({ name }) => name)}`,
      () => {
        this.#throwFailures();
        return this.clients.every(({ isResumed }) => isResumed);
      },
      timeoutMs,
    );
  }

  /** Queues so many messages: mostly of visitors, the rest of agents to a visitor of theirs. */
  converse(count: number, among = this.clients, length = 60): void {
    const visitors = among.filter(({ log }) => log.sees !== 'tenant');
    const agents = among.filter(({ log }) => log.sees === 'tenant');
    for (let index = 0; index < count; index++) {
      const visitor = this.random.pick(visitors);
      const answering = agents.filter(({ tenantId }) => tenantId === visitor.tenantId);
      const sender = answering.length > 0 && this.random.chance(0.3) ? this.random.pick(answering) : visitor;
      sender.send(visitor.conversationId, sender.body(length));
    }
  }

  /** Resolves at the acknowledgement that makes it so many in all. */
  async reached(count: number): Promise<void> {
    if (this.acked >= count) return;
    this.#throwFailures();
    return new Promise((resolve, reject) => this.#waiting.add({ count, resolve, reject }));
  }

  /** Everything is acknowledged. */
  everythingAcked(timeoutMs = SETTLE_MS): Promise<unknown> {
    const busy = () => this.clients.filter(({ isIdle }) => !isIdle);
    return eventually(
      () => `no acknowledgement: ${busy().map(({ name, waiting }) => `${name} (${waiting})`)}`,
      () => {
        this.#throwFailures();
        return busy().length === 0 && this.participants.every(({ isIdle }) => isIdle);
      },
      timeoutMs,
    );
  }

  /** How often somebody was told to try again. */
  get refusals(): number {
    return this.clients.reduce((sum, { refusals }) => [...refusals.values()].reduce((all, one) => all + one, sum), 0);
  }

  /** As the file is in this moment. */
  ackedButNotStored(): string[] {
    const entries = this.clients.flatMap(({ log }) => log.entries);
    const stored = new Set(readFile(this.dataDir).map(({ id }) => id));
    return entries.flatMap((entry) => (entry.what === 'ack' && !stored.has(entry.id) ? [entry.id] : []));
  }

  /** Waits for what everybody lacks, and judges. Somebody who never gets it is found by the oracle, not by the wait. */
  async finish({ resources = true, patienceMs = PATIENCE_MS } = {}): Promise<Verdict> {
    await this.everythingAcked();
    const everybody: Participant[] = [...this.clients, ...this.participants];
    const file = readFile(this.dataDir);
    const last = new Map<string, { readonly tenantId: string; readonly seq: number }>();
    for (const { conversationId, tenantId, seq } of file) last.set(conversationId, { tenantId, seq });
    const isComplete = (who: Participant) =>
      [...last].every(
        ([conversationId, { tenantId, seq }]) =>
          !maySee(who.log, tenantId, conversationId) || who.completeTo(conversationId) >= seq,
      );
    await eventually('all complete', () => everybody.every(isComplete), patienceMs).catch(
      () => 'the oracle says who lacks what',
    );
    for (const who of everybody) who.log.view = await who.view();
    const byDoor = await Promise.all(
      this.tenants.map(({ tenantId, cookie }) => readByDoor(this.url, tenantId, cookie)),
    );
    await Promise.all(everybody.map((who) => who.stop()));
    return judge({
      logs: everybody.map(({ log }) => log),
      file,
      door: byDoor.flat(),
      resources: resources ? await this.#resources() : [],
    });
  }

  async stop(): Promise<void> {
    await Promise.all([...this.clients, ...this.participants].map((client) => client.stop()));
    await this.running.child?.stop();
    await this.running.inside?.stop();
    if (this.removes) await rm(this.dataDir, { recursive: true, force: true });
  }

  countAck(): void {
    this.acked += 1;
    for (const waiting of this.#waiting) {
      if (this.acked < waiting.count) continue;
      this.#waiting.delete(waiting);
      waiting.resolve();
    }
  }

  #throwFailures(): void {
    for (const { name, failure } of this.clients) if (failure) throw new Error(`${name} gave up`, { cause: failure });
  }

  /** What the server's process has open and holds. */
  async usage(): Promise<Usage> {
    const pid = this.child.pid();
    const sockets = socketsOf(pid);
    process.kill(pid, 'SIGUSR2');
    const answer = await fetch(`${this.url}/metrics`, { headers: { connection: 'close' } });
    const metrics = await answer.text();
    const bytes = (name: string) => {
      const value = new RegExp(`^${name} (\\d\\S*)$`, 'm').exec(metrics)?.[1];
      if (value === undefined) throw new Error(`no ${name} among the metrics`);
      return Number(value);
    };
    return { sockets, memory: bytes('nodejs_heap_size_used_bytes') + bytes('nodejs_external_memory_bytes') };
  }

  /** Resolves when the server holds no more than so many bytes more than at the start. */
  async hasGivenBack(bytes: number): Promise<void> {
    const most = (this.#before?.memory ?? 0) + bytes;
    await eventually('the memory is given back', async () => (await this.usage()).memory <= most, 10_000);
  }

  /** The sockets of those who left are gone a moment later. */
  async #resources(): Promise<Resource[]> {
    const before = this.#before;
    if (!this.running.child || !before) return [];
    await eventually(
      'closed sockets',
      () => socketsOf(this.child.pid()) <= before.sockets + SOCKETS_TOLERANCE,
      10_000,
    ).catch(() => 'the oracle says it');
    await this.hasGivenBack(MEMORY_TOLERANCE_BYTES).catch(() => 'the oracle says it');
    const after = await this.usage();
    return [
      { name: 'sockets', before: before.sockets, after: after.sockets, tolerance: SOCKETS_TOLERANCE },
      { name: 'bytes in use', before: before.memory, after: after.memory, tolerance: MEMORY_TOLERANCE_BYTES },
    ];
  }
}

interface Usage {
  readonly sockets: number;
  /** Bytes of objects and buffers, their garbage collected. What the allocator keeps for later is not among them. */
  readonly memory: number;
}

const maySee = ({ sees, tenantId: own }: ClientLog, tenantId: string, conversationId: string): boolean =>
  sees === 'tenant' ? tenantId === own : sees.has(conversationId);

/** As Linux says. */
function socketsOf(pid: number): number {
  const isSocket = (descriptor: string) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${descriptor}`).startsWith('socket:');
    } catch {
      // Closed in this moment.
      return false;
    }
  };
  return readdirSync(`/proc/${pid}/fd`).filter(isSocket).length;
}
