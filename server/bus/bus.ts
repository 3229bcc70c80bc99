import type { DownEvent } from '../../protocol/down.ts';
import type { TenantId, UserId } from '../../protocol/ids.ts';
import type { MessageTrace } from '../trace.ts';

/**
 * Carries events from the process where something was committed to every process that holds a socket of a recipient, this
 * one included, by the same path. It may lose an event (revisions and seqs make receivers find out) but keeps the order of
 * those published by one process.
 */
export interface Bus {
  publish(events: readonly BusEvent[]): void;
  /** Calls `listener` for each event, also those published here. Returns a function that ends it. */
  subscribe(listener: (events: readonly BusEvent[]) => void): () => void;
  close(): Promise<void>;
}

export interface BusEvent {
  readonly tenantId: TenantId;
  /** Every device of these users … */
  readonly userIds: readonly UserId[];
  /** … every visitor of the tenant (desk.changed) … */
  readonly visitors?: boolean;
  /** … and, if true, every agent of the tenant. */
  readonly agents?: boolean;
  readonly frame: DownEvent;
  /** Of a message: where its delivery is noted. It does not leave this process. */
  readonly trace?: MessageTrace;
}

/** Who is connected, over all processes. */
export interface Presence {
  enter(tenantId: TenantId, userId: UserId, kind: 'visitor' | 'agent', connectionId: string): void;
  leave(tenantId: TenantId, userId: UserId, kind: 'visitor' | 'agent', connectionId: string): void;
  isConnected(tenantId: TenantId, userId: UserId): Promise<boolean>;
  areAgentsConnected(tenantId: TenantId): Promise<boolean>;
  /** Called when the first agent of a tenant came or the last one left. Returns a function that ends it. */
  onDesk(listener: (tenantId: TenantId, online: boolean) => void): () => void;
}
