/** What a visitor's device tells of itself and its page: told when it changed, and again on each new connection. */
import type { VisitorContext } from '../protocol/service.ts';
import type { Link } from './link.ts';

/** Milliseconds by which changes are gathered: a page that is built changes its title more than once. */
const GATHER_MS = 300;

export class Context {
  readonly #link: Link;
  readonly #hasSession: () => boolean;
  #current: VisitorContext | undefined;
  /** As JSON, what this connection was told. */
  #told: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(link: Link, hasSession: () => boolean) {
    this.#link = link;
    this.#hasSession = hasSession;
  }

  get current(): VisitorContext | undefined {
    return this.#current;
  }

  set(context: VisitorContext): void {
    this.#current = context;
    this.#schedule();
  }

  onWelcome(): void {
    this.#told = undefined;
    this.#schedule();
  }

  /** The request that made the session carried it. */
  onSession(): void {
    this.#told = JSON.stringify(this.#current);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => void this.#send(), GATHER_MS);
  }

  async #send(): Promise<void> {
    this.#timer = undefined;
    const text = JSON.stringify(this.#current);
    if (!this.#current || text === this.#told || !this.#hasSession() || !this.#link.isOpen) return;
    this.#told = text;
    await this.#link.ask('context.update', { context: this.#current }).catch(() => {
      // Told with the next change or the next connection.
      this.#told = undefined;
    });
  }
}
