/**
 * Finds a socket that is dead without having been closed (a phone that changed its network, a laptop that slept). Whoever has
 * heard nothing for a while asks; whoever gets no answer takes the socket for dead.
 */

/** Milliseconds of silence after which a ping is sent. */
export const SILENCE_MS = 20_000;
/** Milliseconds within which anything must be heard after it. */
export const PONG_TIMEOUT_MS = 8_000;

export class Heartbeat {
  readonly #ping: (timeoutMs: number) => Promise<void>;
  readonly #onDead: () => void;
  #heardAt = 0;
  #asking = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ping: (timeoutMs: number) => Promise<void>, onDead: () => void) {
    this.#ping = ping;
    this.#onDead = onDead;
  }

  start(): void {
    this.stop();
    this.heard();
    this.#watch();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#asking = false;
  }

  heard(): void {
    this.#heardAt = performance.now();
  }

  /** Asks without waiting for silence: there is reason to doubt. */
  probe(): void {
    if (this.#timer === undefined || this.#asking) return;
    clearTimeout(this.#timer);
    void this.#ask();
  }

  #watch(): void {
    const left = this.#heardAt + SILENCE_MS - performance.now();
    this.#timer = setTimeout(() => (left > 0 ? this.#check() : void this.#ask()), Math.max(left, 0));
  }

  #check(): void {
    if (performance.now() - this.#heardAt >= SILENCE_MS) void this.#ask();
    else this.#watch();
  }

  async #ask(): Promise<void> {
    const timer = this.#timer;
    const askedAt = performance.now();
    this.#asking = true;
    const answered = await this.#ping(PONG_TIMEOUT_MS).then(
      () => true,
      () => false,
    );
    // Stopped or started anew while we waited: this answer is about another socket.
    if (this.#timer !== timer) return;
    this.#asking = false;
    if (answered) this.heard();
    if (answered || this.#heardAt > askedAt) this.#watch();
    else this.#onDead();
  }
}
