/** The product's own client library as a simulated client: what it shows and what it sends is written down for the oracle. */
import { effect } from '@preact/signals-core';
import type { ClientMessageId, ConversationId } from '../../protocol/ids.ts';
import { eventually } from './eventually.ts';
import { type Device, type DeviceOptions, Devices } from './node-client.ts';
import { ClientLog, type Held, hashOf, tenantOf } from './oracle.ts';
import { randomText, type SeededRandom } from './seeded-random.ts';
import type { Participant, Tenant, World } from './simulation.ts';

export class LibraryClient implements Participant {
  readonly log: ClientLog;
  readonly latencies: number[] = [];
  readonly #random: SeededRandom;
  readonly #unanswered = new Set<ClientMessageId>();
  readonly #last = new Map<ConversationId, number>();
  #line = 0;
  #written = 0;

  private constructor(
    readonly name: string,
    readonly device: Device,
    private readonly devices: Devices,
    tenantId: string,
    sees: 'own' | 'tenant',
    random: SeededRandom,
    private readonly onAck: () => void,
  ) {
    this.log = new ClientLog(name, tenantId, sees);
    this.#random = random.fork(name);
    const { client } = device;
    effect(() => {
      if (client.connection.value.name === 'open') this.log.write({ what: 'opened', line: ++this.#line });
      else if (this.#line > 0) this.log.write({ what: 'closed', line: this.#line, code: 0 });
    });
    client.onMessage(({ conversationId, seq, clientMessageId: id, content }, live) => {
      const text = content.kind === 'text' ? content.text : '';
      const hash = hashOf(text);
      if (this.#unanswered.delete(id)) {
        this.log.write({ what: 'ack', id, conversationId, seq });
        this.onAck();
      }
      this.#announceGap(conversationId, seq);
      this.log.write({
        ...{ what: 'receive', conversationId, seq, id, hash },
        ...{ tenantId: tenantOf(text), live, line: this.#line },
      });
    });
  }

  static async start(
    world: World,
    tenant: Tenant,
    actor: 'visitor' | 'agent',
    options: DeviceOptions = {},
  ): Promise<LibraryClient> {
    const name = `library-${actor}-${world.participants.length}-of-${tenant.tenantId}`;
    const devices = new Devices({ url: world.dialUrl, tenantId: tenant.tenantId, agent: tenant.agent });
    const device = await (actor === 'agent' ? devices.agent(options) : devices.visitor(options));
    const sees = actor === 'agent' ? 'tenant' : 'own';
    const { tenantId } = tenant;
    const client = new LibraryClient(name, device, devices, tenantId, sees, world.random, () => world.countAck());
    world.participants.push(client);
    return client;
  }

  get isIdle(): boolean {
    return this.#unanswered.size === 0;
  }

  get conversationId(): ConversationId {
    return this.device.client.ownConversationId() as ConversationId;
  }

  /** Sends as the widget does: into the outbox, whatever the network is like. */
  write(length = 60, target = this.device.client.ownConversationId()): void {
    this.#written += 1;
    const text = `${this.log.tenantId} ${this.name} ${this.#written} ${randomText(this.#random, length)}`;
    const { client } = this.device;
    const id = client.send(target, { kind: 'text', text });
    this.#unanswered.add(id);
    const conversationId = target === 'new' ? 'new' : target;
    this.log.write({ what: 'send', id, conversationId, hash: hashOf(text), line: this.#line });
  }

  /** The visitor's conversation exists and its first message is stored. */
  async begin(): Promise<void> {
    this.write();
    await eventually(`${this.name} has begun`, () => this.isIdle);
    if (this.log.sees !== 'tenant') this.log.sees.add(this.conversationId);
  }

  completeTo(conversationId: string): number {
    const { entries } = this.device.client.timeline(conversationId as ConversationId).peek();
    return entries.findLast(({ seq }) => seq !== undefined)?.seq ?? 0;
  }

  /** All of it, as somebody sees who scrolls to the beginning. */
  async view(): Promise<Map<string, Held[]>> {
    const { client } = this.device;
    const ids = this.log.sees === 'tenant' ? [...client.conversations.peek().keys()] : [...this.log.sees];
    const view = new Map<string, Held[]>();
    for (const id of ids as ConversationId[]) {
      while (client.timeline(id).peek().hasEarlier) await client.loadEarlier(id);
      const { entries } = client.timeline(id).peek();
      view.set(
        id,
        // The key of what others wrote is not their clientMessageId.
        entries.flatMap(({ seq, key, mine, content }) =>
          seq === undefined || content.kind !== 'text'
            ? []
            : [{ seq, id: mine ? key : '', hash: hashOf(content.text) }],
        ),
      );
    }
    return view;
  }

  stop(): Promise<void> {
    return this.devices.stop();
  }

  /** It let go of what it held: it shows the newest page and says that there is more before it. */
  #announceGap(conversationId: ConversationId, seq: number): void {
    const last = this.#last.get(conversationId);
    this.#last.set(conversationId, seq);
    if (last === undefined || seq <= last + 1) return;
    const { entries, hasEarlier } = this.device.client.timeline(conversationId).peek();
    if (hasEarlier && (entries[0]?.seq ?? 0) > last + 1)
      this.log.write({ what: 'gap', conversationId, line: this.#line });
  }
}
