/**
 * Bus and presence of a single process. Events are delivered a moment later and not inside publish(), as every other bus does
 * it: no listener runs in the middle of the work that published, and one that throws does not reach the publisher.
 */
import type { TenantId, UserId } from '../../protocol/ids.ts';
import type { Bus, BusEvent, Presence } from './bus.ts';

type Listener = (events: readonly BusEvent[]) => void;

export class MemoryBus implements Bus {
  readonly #listeners = new Set<Listener>();
  #waiting: BusEvent[] = [];
  #closed = false;

  constructor(private readonly onError: (error: unknown) => void) {}

  publish(events: readonly BusEvent[]): void {
    if (this.#closed || events.length === 0) return;
    if (this.#waiting.length === 0) queueMicrotask(() => this.#deliver());
    this.#waiting.push(...events);
  }

  subscribe(listener: Listener): () => void {
    // Its own function: the same one subscribed twice is two subscriptions.
    const own: Listener = (events) => listener(events);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  async close(): Promise<void> {
    this.#deliver();
    this.#closed = true;
    this.#listeners.clear();
  }

  #deliver(): void {
    const events = this.#waiting;
    this.#waiting = [];
    if (events.length === 0) return;
    for (const listener of [...this.#listeners]) {
      try {
        listener(events);
      } catch (error) {
        this.onError(error);
      }
    }
  }
}

interface Connected {
  /** Connection ids of each user. */
  readonly users: Map<UserId, Set<string>>;
  readonly agents: Set<string>;
}
type Kind = 'visitor' | 'agent';

export class MemoryPresence implements Presence {
  readonly #tenants = new Map<TenantId, Connected>();
  readonly #desk = new Set<(tenantId: TenantId, online: boolean) => void>();

  enter(tenantId: TenantId, userId: UserId, kind: Kind, connectionId: string): void {
    const connected = this.#tenants.get(tenantId) ?? { users: new Map(), agents: new Set() };
    this.#tenants.set(tenantId, connected);
    connected.users.set(userId, (connected.users.get(userId) ?? new Set()).add(connectionId));
    if (kind !== 'agent') return;
    const isFirst = connected.agents.size === 0;
    connected.agents.add(connectionId);
    if (isFirst) this.#announce(tenantId, true);
  }

  leave(tenantId: TenantId, userId: UserId, kind: Kind, connectionId: string): void {
    const connected = this.#tenants.get(tenantId);
    if (!connected) return;
    const connections = connected.users.get(userId);
    connections?.delete(connectionId);
    if (connections?.size === 0) connected.users.delete(userId);
    if (connected.users.size === 0) this.#tenants.delete(tenantId);
    const wasAgent = kind === 'agent' && connected.agents.delete(connectionId);
    if (wasAgent && connected.agents.size === 0) this.#announce(tenantId, false);
  }

  async isConnected(tenantId: TenantId, userId: UserId): Promise<boolean> {
    return this.#tenants.get(tenantId)?.users.has(userId) ?? false;
  }

  async areAgentsConnected(tenantId: TenantId): Promise<boolean> {
    return (this.#tenants.get(tenantId)?.agents.size ?? 0) > 0;
  }

  onDesk(listener: (tenantId: TenantId, online: boolean) => void): () => void {
    this.#desk.add(listener);
    return () => this.#desk.delete(listener);
  }

  #announce(tenantId: TenantId, online: boolean): void {
    for (const listener of this.#desk) listener(tenantId, online);
  }
}
