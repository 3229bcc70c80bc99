/**
 * Which sockets of this process belong to whom. Every event reaches its sockets by one path: committed, published on the bus,
 * heard here, also when it was published in this very process. The hub decides nothing: the recipients stand in the event.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { DownEvent } from '../../protocol/down.ts';
import type { TenantId, UserId } from '../../protocol/ids.ts';
import type { Bus, BusEvent, Presence } from '../bus/bus.ts';
import type { Actor } from '../domain/actor.ts';
import type { Metrics } from '../metrics.ts';
import { type EncodedFrame, encodeFrame } from './frame.ts';
import type { Lane } from './send-queue.ts';

/** A socket as the hub sees it. */
export interface Receiver {
  readonly id: string;
  /** Must not throw, and must not wait. */
  deliver(event: DownEvent, encoded: EncodedFrame, lane: Lane): void;
}

interface TenantSockets {
  readonly visitors: Set<Receiver>;
  readonly agents: Set<Receiver>;
  readonly byUser: Map<UserId, Set<Receiver>>;
}

/** An agent who reloads the console is away for a moment; visitors need not see the desk flicker. */
const DESK_GRACE_MS = 4_000;
/** An event for more sockets than this is sent behind what others wait for. */
const INTERACTIVE_MAX = 200;

export class Hub {
  readonly #tenants = new Map<TenantId, TenantSockets>();
  readonly #unsubscribe: readonly (() => void)[];
  readonly #closing = new AbortController();

  constructor(
    private readonly bus: Bus,
    private readonly presence: Presence,
    private readonly metrics: Pick<Metrics, 'delivered'>,
    private readonly onError: (error: unknown) => void,
  ) {
    this.#unsubscribe = [
      bus.subscribe((events) => this.#deliver(events)),
      presence.onDesk((tenantId, online) => void this.#announceDesk(tenantId, online).catch(onError)),
    ];
  }

  add(receiver: Receiver, actor: Actor): void {
    const sockets = this.#of(actor.tenantId);
    (actor.kind === 'agent' ? sockets.agents : sockets.visitors).add(receiver);
    if (actor.kind === 'anonymous') return;
    const devices = sockets.byUser.get(actor.userId) ?? new Set();
    sockets.byUser.set(actor.userId, devices.add(receiver));
    this.presence.enter(actor.tenantId, actor.userId, actor.kind, receiver.id);
  }

  remove(receiver: Receiver, actor: Actor): void {
    const sockets = this.#of(actor.tenantId);
    sockets.agents.delete(receiver);
    sockets.visitors.delete(receiver);
    if (actor.kind !== 'anonymous') {
      const devices = sockets.byUser.get(actor.userId);
      devices?.delete(receiver);
      if (devices?.size === 0) sockets.byUser.delete(actor.userId);
      this.presence.leave(actor.tenantId, actor.userId, actor.kind, receiver.id);
    }
    if (sockets.agents.size + sockets.visitors.size === 0) this.#tenants.delete(actor.tenantId);
  }

  close(): void {
    this.#closing.abort();
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }

  #of(tenantId: TenantId): TenantSockets {
    const known = this.#tenants.get(tenantId);
    if (known) return known;
    const sockets: TenantSockets = { visitors: new Set(), agents: new Set(), byUser: new Map() };
    this.#tenants.set(tenantId, sockets);
    return sockets;
  }

  #deliver(events: readonly BusEvent[]): void {
    for (const event of events) {
      try {
        this.#deliverOne(event);
      } catch (error) {
        // The others of the batch must not go missing with it.
        this.onError(error);
      }
    }
  }

  #deliverOne(event: BusEvent): void {
    const sockets = this.#tenants.get(event.tenantId);
    const count = sockets ? deliver(event, sockets) : 0;
    if (count === 0) return;
    this.metrics.delivered(count);
    if (event.trace) {
      event.trace.deliveredAt = performance.now();
      event.trace.sockets = count;
    }
  }

  async #announceDesk(tenantId: TenantId, online: boolean): Promise<void> {
    if (!online && !(await this.#staysAway(tenantId))) return;
    const frame: DownEvent = { type: 'desk.changed', desk: { online } };
    this.bus.publish([{ tenantId, userIds: [], visitors: true, agents: true, frame }]);
  }

  async #staysAway(tenantId: TenantId): Promise<boolean> {
    try {
      await wait(DESK_GRACE_MS, undefined, { signal: this.#closing.signal, ref: false });
    } catch {
      // Aborted: the hub is closing and there is nobody left to tell.
      return false;
    }
    return !(await this.presence.areAgentsConnected(tenantId));
  }
}

/** To how many sockets. Each gets it once, however many reasons there are. */
function deliver({ frame, userIds, agents, visitors }: BusEvent, sockets: TenantSockets): number {
  const reach = (agents ? sockets.agents.size : 0) + (visitors ? sockets.visitors.size : 0);
  const lane: Lane = reach > INTERACTIVE_MAX ? 'bulk' : 'interactive';
  let encoded: EncodedFrame | undefined;
  let count = 0;
  const give = (receiver: Receiver): void => {
    encoded ??= encodeFrame(frame);
    receiver.deliver(frame, encoded, lane);
    count++;
  };
  if (agents) for (const each of sockets.agents) give(each);
  if (visitors) for (const each of sockets.visitors) give(each);
  for (const userId of new Set(userIds)) {
    for (const each of sockets.byUser.get(userId) ?? []) {
      if (!(agents && sockets.agents.has(each)) && !(visitors && sockets.visitors.has(each))) give(each);
    }
  }
  return count;
}
