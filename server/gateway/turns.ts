/**
 * Whose message is taken next. A socket's buffer is handed over whole, so a tenant that floods would fill a turn of the event loop
 * with its frames and the next commit with its messages, and whoever else asks for something waits for both.
 *
 * Hence, while other tenants ask for something, too, a tenant has about SHARE requests under way. What its sockets bring beyond that
 * waits, unread as far as possible: their wires are paused, and TCP slows the senders. They are taken message by message, the
 * sockets by turns, as answers leave. A tenant that is alone is not held back.
 *
 * A request waits for nothing but the store, so none can hold its tenant's share for long.
 */
import type { TenantId } from '../../protocol/ids.ts';

export const SHARE = 8;
/** Who asked for something within this time counts as there. */
const PRESENT_MS = 1_000;

/** A socket that waits: takes one message; false: none is left. */
export type TakeNext = () => boolean;

interface Tenant {
  sockets: number;
  underWay: number;
  /** In the order of their turns. */
  readonly waiting: Set<TakeNext>;
  isScheduled: boolean;
}

export class Turns {
  readonly #tenants = new Map<TenantId, Tenant>();
  /** Who asked last, and when somebody else did. */
  #latest: Tenant | undefined;
  #latestAt = Number.NEGATIVE_INFINITY;
  #otherAt = Number.NEGATIVE_INFINITY;

  /** `now` in milliseconds, never going back. */
  constructor(private readonly now: () => number = () => performance.now()) {}

  enter(tenantId: TenantId, takeNext: TakeNext): Turn {
    const known = this.#tenants.get(tenantId);
    const tenant: Tenant = known ?? { sockets: 0, underWay: 0, waiting: new Set(), isScheduled: false };
    if (!known) this.#tenants.set(tenantId, tenant);
    tenant.sockets++;
    return {
      mayTake: () => tenant.waiting.size === 0 && this.#hasRoom(tenant),
      wait: () => void tenant.waiting.add(takeNext),
      begun: (at) => this.#begun(tenant, at),
      finished: () => {
        tenant.underWay--;
        if (tenant.waiting.size > 0) this.#schedule(tenant);
      },
      leave: () => {
        tenant.waiting.delete(takeNext);
        tenant.sockets--;
        if (tenant.sockets === 0) this.#tenants.delete(tenantId);
      },
    };
  }

  #hasRoom(tenant: Tenant): boolean {
    if (tenant.underWay < SHARE) return true;
    const othersAt = tenant === this.#latest ? this.#otherAt : this.#latestAt;
    return this.now() - othersAt > PRESENT_MS;
  }

  #begun(tenant: Tenant, at: number): void {
    tenant.underWay++;
    if (tenant !== this.#latest) {
      this.#latest = tenant;
      this.#otherAt = this.#latestAt;
    }
    this.#latestAt = at;
  }

  /** In the next turn of the event loop: first everybody hears of what has ended. */
  #schedule(tenant: Tenant): void {
    if (tenant.isScheduled) return;
    tenant.isScheduled = true;
    setImmediate(() => {
      tenant.isScheduled = false;
      this.#letGo(tenant);
    });
  }

  /** Afterwards nobody waits, or there is no room, or this comes again. */
  #letGo(tenant: Tenant): void {
    for (let count = 0; count < SHARE && this.#hasRoom(tenant); count++) {
      const [takeNext] = tenant.waiting;
      if (!takeNext) return;
      tenant.waiting.delete(takeNext);
      if (takeNext()) tenant.waiting.add(takeNext);
    }
    if (tenant.waiting.size > 0 && this.#hasRoom(tenant)) this.#schedule(tenant);
  }
}

/** One socket's part in it. */
export interface Turn {
  /** False: what came must wait. */
  mayTake(): boolean;
  /** For its `takeNext` to be called. */
  wait(): void;
  /** A request; by performance.now(). */
  begun(at: number): void;
  finished(): void;
  leave(): void;
}
