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

interface Tenant {
  readonly tenantId: TenantId;
  sockets: number;
  underWay: number;
  /** In the order of their turns. */
  readonly waiting: Set<Turn>;
  isScheduled: boolean;
}

/** One socket's part in it. */
export interface Turn {
  readonly tenant: Tenant;
  /** Takes one message of those that wait; false: none is left. */
  readonly takeNext: () => boolean;
}

export class Turns {
  readonly #tenants = new Map<TenantId, Tenant>();
  /** Who asked last, and when somebody else did. */
  #latest: Tenant | undefined;
  #latestAt = Number.NEGATIVE_INFINITY;
  #otherAt = Number.NEGATIVE_INFINITY;

  /** `now` in milliseconds, never going back. */
  constructor(private readonly now: () => number = () => performance.now()) {}

  enter(tenantId: TenantId, takeNext: Turn['takeNext']): Turn {
    const known = this.#tenants.get(tenantId);
    const tenant: Tenant = known ?? { tenantId, sockets: 0, underWay: 0, waiting: new Set(), isScheduled: false };
    if (!known) this.#tenants.set(tenantId, tenant);
    tenant.sockets++;
    return { tenant, takeNext };
  }

  leave(turn: Turn): void {
    const { tenant } = turn;
    tenant.waiting.delete(turn);
    tenant.sockets--;
    if (tenant.sockets === 0) this.#tenants.delete(tenant.tenantId);
  }

  /** False: what came must wait. */
  mayTake({ tenant }: Turn): boolean {
    return tenant.waiting.size === 0 && this.#hasRoom(tenant);
  }

  /** For `takeNext` to be called. */
  wait(turn: Turn): void {
    turn.tenant.waiting.add(turn);
  }

  /** A request; `at` by `now`. */
  begun({ tenant }: Turn, at: number): void {
    tenant.underWay++;
    if (tenant !== this.#latest) {
      this.#latest = tenant;
      this.#otherAt = this.#latestAt;
    }
    this.#latestAt = at;
  }

  finished({ tenant }: Turn): void {
    tenant.underWay--;
    if (tenant.waiting.size > 0) this.#schedule(tenant);
  }

  #hasRoom(tenant: Tenant): boolean {
    if (tenant.underWay < SHARE) return true;
    const othersAt = tenant === this.#latest ? this.#otherAt : this.#latestAt;
    return this.now() - othersAt > PRESENT_MS;
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
      const [turn] = tenant.waiting;
      if (!turn) return;
      tenant.waiting.delete(turn);
      if (turn.takeNext()) tenant.waiting.add(turn);
    }
    if (tenant.waiting.size > 0 && this.#hasRoom(tenant)) this.#schedule(tenant);
  }
}
