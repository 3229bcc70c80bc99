/**
 * A push service that asks for a pause (Retry-After) asks for all of its subscriptions: going on with the next one is what
 * gets a sender blocked. Kept in memory: after a restart the service says it again.
 */
export class HostWaits {
  readonly #until = new Map<string, number>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  set(endpoint: string, until: number): void {
    this.#forgetPast();
    const { host } = new URL(endpoint);
    this.#until.set(host, Math.max(until, this.#until.get(host) ?? 0));
  }

  /** Until when nothing is to be sent to the endpoint's service; `undefined`: send. */
  untilFor(endpoint: string): number | undefined {
    const until = this.#until.get(new URL(endpoint).host);
    return until !== undefined && until > this.#now() ? until : undefined;
  }

  /** Bounded by the number of services, and those that are over go. */
  #forgetPast(): void {
    for (const [host, until] of this.#until) if (until <= this.#now()) this.#until.delete(host);
  }
}
