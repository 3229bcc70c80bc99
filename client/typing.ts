/** Signs of typing, both ways. Never kept, never repeated: one that is lost is replaced by the next in a moment. */
import { computed, type ReadonlySignal, signal } from '@preact/signals-core';
import type { DownEvent } from '../protocol/down.ts';
import type { ConversationId, UserId } from '../protocol/ids.ts';
import type { Link } from './link.ts';
import type { Viewer } from './state/conversations.ts';
import { applyTyping, expireTyping, nextExpiry, type Typing as TypingState } from './state/typing.ts';

/** Milliseconds between two signs while somebody goes on typing. */
export const TYPING_EVERY_MS = 3_000;

export class Typing {
  readonly #link: Link;
  readonly #viewer: () => Viewer;
  readonly #state = signal<TypingState>(new Map());
  readonly #views = new Map<ConversationId, ReadonlySignal<readonly UserId[]>>();
  readonly #sentAt = new Map<ConversationId, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(link: Link, viewer: () => Viewer) {
    this.#link = link;
    this.#viewer = viewer;
  }

  in(conversationId: ConversationId): ReadonlySignal<readonly UserId[]> {
    const view =
      this.#views.get(conversationId) ?? computed(() => [...(this.#state.value.get(conversationId)?.keys() ?? [])]);
    this.#views.set(conversationId, view);
    return view;
  }

  /** Call it on each key; false when the person stopped or sent. */
  set(conversationId: ConversationId, typing: boolean): void {
    const sentAt = this.#sentAt.get(conversationId);
    const now = performance.now();
    if (typing ? sentAt !== undefined && now - sentAt < TYPING_EVERY_MS : sentAt === undefined) return;
    if (typing) this.#sentAt.set(conversationId, now);
    else this.#sentAt.delete(conversationId);
    if (!this.#link.isOpen) return;
    // A sign that does not arrive is no loss.
    this.#link.ask('typing.set', { conversationId, typing }).catch(() => undefined);
  }

  onChanged({ conversationId, userId, typing }: DownEvent<'typing.changed'>): void {
    if (userId === this.#viewer().userId) return;
    this.#apply(applyTyping(this.#state.peek(), { conversationId, userId, typing }, performance.now()));
  }

  /** What somebody typed has arrived, or they are somebody else now. */
  onMessage(conversationId: ConversationId, userId: UserId): void {
    this.#apply(applyTyping(this.#state.peek(), { conversationId, userId, typing: false }, performance.now()));
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#sentAt.clear();
    this.#state.value = new Map();
  }

  #apply(next: TypingState): void {
    this.#state.value = next;
    clearTimeout(this.#timer);
    const expiry = nextExpiry(next);
    if (expiry === undefined) return;
    const expire = () => this.#apply(expireTyping(this.#state.peek(), performance.now()));
    this.#timer = setTimeout(expire, Math.max(0, expiry - performance.now()) + 1);
  }
}
