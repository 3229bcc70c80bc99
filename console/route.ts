/**
 * What is shown, in the address: `#c=<conversationId>` and, on narrow screens, `&person` while the person panel is open. The
 * address is the truth, so a link or a notification leads there, a reload stays there, and on a phone the device's own "back"
 * goes from the person to the conversation to the list.
 */
import { type ReadonlySignal, signal } from '@preact/signals';
import type { ConversationId } from '../protocol/ids.ts';

export interface Place {
  readonly conversationId?: ConversationId;
  readonly person: boolean;
}

/** As protocol/ids.ts has it; what does not look like an id is no id. */
const ID = /^[A-Za-z0-9_.-]{1,64}$/;

export function parsePlace(hash: string): Place {
  const params = new URLSearchParams(hash.replace(/^#/, ''));
  const id = params.get('c') ?? '';
  if (!ID.test(id)) return { person: false };
  return { conversationId: id as ConversationId, person: params.has('person') };
}

export function formatPlace({ conversationId, person }: Place): string {
  if (conversationId === undefined) return '';
  return `#c=${encodeURIComponent(conversationId)}${person ? '&person' : ''}`;
}

const depth = ({ conversationId, person }: Place) => (conversationId === undefined ? 0 : person ? 2 : 1);

/** The parts of window that are used. */
export interface AddressBar {
  readonly location: Pick<Location, 'hash' | 'pathname' | 'search'>;
  readonly history: Pick<History, 'pushState' | 'replaceState' | 'back' | 'state'>;
  addEventListener(type: 'popstate' | 'hashchange', listener: () => void): void;
  removeEventListener(type: 'popstate' | 'hashchange', listener: () => void): void;
}

export class Route {
  readonly #bar: AddressBar;
  readonly #place;
  readonly #read = () => {
    const next = parsePlace(this.#bar.location.hash);
    if (formatPlace(next) !== formatPlace(this.#place.peek())) this.#place.value = next;
  };

  constructor(bar: AddressBar) {
    this.#bar = bar;
    this.#place = signal(parsePlace(bar.location.hash));
    bar.addEventListener('popstate', this.#read);
    bar.addEventListener('hashchange', this.#read);
  }

  get place(): ReadonlySignal<Place> {
    return this.#place;
  }

  /** Deeper is a new step of the history, beside is not: "back" leads out and never through every conversation of the day. */
  go(next: Place): void {
    const now = this.#place.peek();
    if (formatPlace(next) === formatPlace(now)) return;
    const address = this.#bar.location.pathname + this.#bar.location.search + formatPlace(next);
    if (depth(next) > depth(now)) this.#bar.history.pushState({ inlay: depth(next) }, '', address);
    else this.#bar.history.replaceState(this.#bar.history.state, '', address);
    this.#place.value = next;
  }

  /** One step out. By the history where we came in by it, so that the device's "back" does not lead in again. */
  up(): void {
    const now = this.#place.peek();
    const cameIn = (this.#bar.history.state as { inlay?: number } | null)?.inlay === depth(now);
    if (cameIn) this.#bar.history.back();
    else this.go(now.person ? { ...now, person: false } : { person: false });
  }

  stop(): void {
    this.#bar.removeEventListener('popstate', this.#read);
    this.#bar.removeEventListener('hashchange', this.#read);
  }
}
