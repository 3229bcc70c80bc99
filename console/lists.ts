/**
 * Brings the lists of the inbox page by page into the client's one map of conversations.
 *
 * A page is asked for by the revision up to which a list is complete, never by the number of rows on the screen: rows come
 * and go while somebody reads. The waiting list is shown longest wait first while pages come newest change first, so some
 * of its pages are fetched at once; a queue beyond them goes on when its end is scrolled to.
 */
import { effect, type ReadonlySignal, type Signal, signal, untracked } from '@preact/signals';
import type { Client } from '../client/client.ts';
import { PAGE_COUNT } from '../client/pulls.ts';
import type { UserId } from '../protocol/ids.ts';
import { belongsTo, type Tab, tabs } from './inbox.ts';

export interface ListState {
  /** The first page is here. */
  readonly loaded: boolean;
  readonly loading: boolean;
  /** The server has further rows. */
  readonly more: boolean;
  /** The last page could not be had; `more()` tries again. */
  readonly failed: boolean;
}

/** Pages of the waiting list that are fetched without being scrolled to: 300 people who wait. */
const QUEUE_PAGES = 6;

const fresh: ListState = { loaded: false, loading: false, more: true, failed: false };

export type ListsClient = Pick<Client, 'listConversations' | 'conversations' | 'connection'>;

export class Lists {
  readonly #client: ListsClient;
  readonly #agentId: UserId;
  readonly #states: Readonly<Record<Tab, Signal<ListState>>> = {
    waiting: signal(fresh),
    mine: signal(fresh),
    all: signal(fresh),
  };
  readonly #complete = new Map<Tab, number>();
  #stops: (() => void)[] = [];

  constructor(client: ListsClient, agentId: UserId) {
    this.#client = client;
    this.#agentId = agentId;
  }

  state(tab: Tab): ReadonlySignal<ListState> {
    return this.#states[tab];
  }

  start(): void {
    let size = 0;
    this.#stops = [
      effect(() => {
        if (this.#client.connection.value.name === 'open') untracked(() => this.#loadMissing());
      }),
      effect(() => {
        const before = size;
        size = this.#client.conversations.value.size;
        // Conversations are let go when too much changed while we were away: what was complete is not any more.
        if (size < before) untracked(() => this.#restart());
      }),
    ];
  }

  stop(): void {
    for (const stop of this.#stops) stop();
  }

  /** The next page, unless it is on its way or there is none. */
  async more(tab: Tab): Promise<void> {
    const state = this.#states[tab];
    if (state.peek().loading || !state.peek().more) return;
    state.value = { ...state.peek(), loading: true, failed: false };
    try {
      const before = this.#complete.get(tab);
      const { more } = await this.#client.listConversations(tab, before);
      const reached = this.#reached(tab, before);
      if (reached !== undefined) this.#complete.set(tab, reached);
      state.value = { loaded: true, loading: false, more, failed: false };
    } catch {
      // Shown at the end of the list, with a way to try again.
      state.value = { ...state.peek(), loading: false, failed: true };
    }
  }

  #loadMissing(): void {
    for (const tab of tabs) if (!this.#states[tab].peek().loaded) void this.#loadFirst(tab);
  }

  #restart(): void {
    this.#complete.clear();
    for (const tab of tabs) {
      this.#states[tab].value = { ...this.#states[tab].peek(), more: true };
      void this.#loadFirst(tab);
    }
  }

  async #loadFirst(tab: Tab): Promise<void> {
    for (let pages = tab === 'waiting' ? QUEUE_PAGES : 1; pages > 0; pages--) {
      await this.more(tab);
      if (this.#states[tab].peek().failed) return;
    }
  }

  /** A page is the PAGE_COUNT newest ones below `before`; others in the map (opened by a link) may be far below. */
  #reached(tab: Tab, before = Number.POSITIVE_INFINITY): number | undefined {
    return [...this.#client.conversations.peek().values()]
      .filter((one) => one.revision < before && belongsTo(tab, one, this.#agentId))
      .map((one) => one.revision)
      .sort((one, other) => other - one)
      .slice(0, PAGE_COUNT)
      .at(-1);
  }
}
