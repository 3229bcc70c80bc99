/** One short word at the lower edge about what was just done or failed, with a way back where there is one. */
import { type ReadonlySignal, signal } from '@preact/signals';

export interface Toast {
  readonly key: number;
  readonly text: string;
  readonly failed: boolean;
  readonly action?: { readonly label: string; readonly run: () => void };
}

/** Milliseconds: long enough to read and to reach. WCAG 2.2.1: nothing is lost with it, each action has a place of its own. */
const SHOWN_MS = 7_000;

export class Toasts {
  readonly #current = signal<Toast | undefined>(undefined);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #count = 0;

  get current(): ReadonlySignal<Toast | undefined> {
    return this.#current;
  }

  /** Takes the place of the one before: two at once would only hide the newer. */
  show(text: string, { failed = false, action }: { failed?: boolean; action?: Toast['action'] } = {}): void {
    this.#count++;
    this.#current.value = { key: this.#count, text, failed, ...(action && { action }) };
    this.resume();
  }

  /** While the pointer or the focus is on it, it stays. */
  hold(): void {
    clearTimeout(this.#timer);
  }

  resume(): void {
    this.hold();
    this.#timer = setTimeout(() => this.dismiss(), SHOWN_MS);
  }

  dismiss(): void {
    this.hold();
    this.#current.value = undefined;
  }
}
