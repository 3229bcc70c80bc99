/** How many sockets an address and a tenant have in this process. A count that fell to zero takes no memory. */
export class SocketCounts {
  readonly #addresses = new Map<string, number>();
  readonly #tenants = new Map<string, number>();

  constructor(
    private readonly perAddress: number,
    private readonly perTenant: number,
  ) {}

  /** A function that gives the place back (more than once does no harm), or undefined when there is none. */
  take(address: string, tenantId: string): (() => void) | undefined {
    const full =
      (this.#addresses.get(address) ?? 0) >= this.perAddress || (this.#tenants.get(tenantId) ?? 0) >= this.perTenant;
    if (full) return undefined;
    change(this.#addresses, address, 1);
    change(this.#tenants, tenantId, 1);
    let given = true;
    return () => {
      if (!given) return;
      given = false;
      change(this.#addresses, address, -1);
      change(this.#tenants, tenantId, -1);
    };
  }
}

function change(counts: Map<string, number>, key: string, by: number): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count > 0) counts.set(key, count);
  else counts.delete(key);
}
