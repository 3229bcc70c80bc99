/**
 * What the workbench knows and does; the views draw its signals and call its methods. Conversations and messages are the
 * client's, the selection is the address's (route.ts); here is what lies between: lists, actions with their undo, drafts, and
 * who is told that a message was read.
 */
import { batch, computed, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { Client, Conversation } from '../client/client.ts';
import { InlayError } from '../protocol/errors.ts';
import type { ConversationId } from '../protocol/ids.ts';
import type { User } from '../protocol/users.ts';
import type { Attention } from './attention.ts';
import type { Clock } from './clock.ts';
import { inboxRows, neighbour, type Tab, tabs, visitorOf } from './inbox.ts';
import type { Action } from './keymap.ts';
import { Lists } from './lists.ts';
import type { AgentPush } from './push.ts';
import type { Route } from './route.ts';
import type { SignedIn } from './session.ts';
import type { Toasts } from './toasts.ts';
import { nameOf } from './visitor-name.ts';
import type { ConsoleSpeech } from './words.ts';

export interface WorkbenchParts {
  readonly client: Client;
  readonly session: SignedIn;
  readonly route: Route;
  readonly speech: ReadonlySignal<ConsoleSpeech>;
  readonly toasts: Toasts;
  readonly attention: Attention;
  readonly clock: Clock;
  readonly push: AgentPush;
}

/** What lies over the columns; one at a time. */
export type Panel = 'commands' | 'menu' | 'help';

/** Milliseconds after which a click that had no effect is told. */
const DEED_TIMEOUT_MS = 8_000;

type Deed = 'take' | 'close' | 'reopen';

export class Workbench {
  readonly client: Client;
  readonly agent: User;
  readonly tenantId: string;
  readonly route: Route;
  readonly speech: ReadonlySignal<ConsoleSpeech>;
  readonly toasts: Toasts;
  readonly attention: Attention;
  readonly clock: Clock;
  readonly push: AgentPush;
  readonly lists: Lists;

  readonly tab: Signal<Tab> = signal('waiting');
  readonly panel: Signal<Panel | undefined> = signal(undefined);
  /** Gives the composer the focus, at once: the next key belongs to the answer. Set by the view while there is a composer. */
  focusComposer: (() => void) | undefined;

  readonly rows: ReadonlySignal<readonly Conversation[]>;
  readonly counts: ReadonlySignal<Readonly<Record<Tab, number>>>;
  readonly conversationId: ReadonlySignal<ConversationId | undefined>;
  readonly conversation: ReadonlySignal<Conversation | undefined>;
  /** An address or a notification led to a conversation that this agent cannot have. */
  readonly missing: Signal<ConversationId | undefined> = signal(undefined);
  readonly #deeds: Readonly<Record<Action, () => void>> = {
    'take': () => void this.#do('take'),
    'close': () => void this.#do('close'),
    'reopen': () => void this.#do('reopen'),
    'next': () => this.move(1),
    'previous': () => this.move(-1),
    'reply': () => this.focusComposer?.(),
    'person': () => this.togglePerson(),
    'undo': () => this.toasts.current.peek()?.action?.run(),
    'commands': () => this.toggle('commands'),
    'help': () => this.toggle('help'),
    'tab-waiting': () => this.show('waiting'),
    'tab-mine': () => this.show('mine'),
    'tab-all': () => this.show('all'),
  };
  #stops: (() => void)[] = [];

  constructor(parts: WorkbenchParts) {
    this.client = parts.client;
    this.agent = parts.session.user;
    this.tenantId = parts.session.tenantId;
    this.route = parts.route;
    this.speech = parts.speech;
    this.toasts = parts.toasts;
    this.attention = parts.attention;
    this.clock = parts.clock;
    this.push = parts.push;
    this.lists = new Lists(this.client, this.agent.userId);
    const listed = Object.fromEntries(
      tabs.map((tab) => [
        tab,
        computed(() => inboxRows(this.client.conversations.value.values(), tab, this.agent.userId)),
      ]),
    ) as Record<Tab, ReadonlySignal<readonly Conversation[]>>;
    this.rows = computed(() => listed[this.tab.value].value);
    this.counts = computed(() => ({
      waiting: listed.waiting.value.length,
      mine: listed.mine.value.length,
      all: listed.all.value.length,
    }));
    this.conversationId = computed(() => this.route.place.value.conversationId);
    this.conversation = computed(() => {
      const id = this.conversationId.value;
      return id && this.client.conversations.value.get(id);
    });
  }

  start(): void {
    this.lists.start();
    this.#stops = [
      effect(() => {
        const id = this.conversationId.value;
        const open = this.client.connection.value.name === 'open';
        if (id && open) void this.#load(id);
      }),
      this.client.on('conversation.removed', ({ conversationId, mergedInto }) => {
        if (this.conversationId.peek() === conversationId) this.select(mergedInto);
      }),
      () => this.lists.stop(),
    ];
  }

  stop(): void {
    for (const stop of this.#stops) stop();
    this.toasts.dismiss();
  }

  nameOf(conversation: Conversation): string {
    return nameOf(visitorOf(conversation), this.speech.value.words);
  }

  select(conversationId: ConversationId): void {
    batch(() => {
      this.panel.value = undefined;
      const { person } = this.route.place.peek();
      this.route.go({ conversationId, person: person && this.conversationId.peek() === conversationId });
    });
  }

  /** The next (1) or previous (-1) row of the list. */
  move(step: 1 | -1): void {
    const row = neighbour(this.rows.peek(), this.conversationId.peek(), step);
    if (row) this.select(row.conversationId);
  }

  togglePerson(): void {
    const { conversationId, person } = this.route.place.peek();
    if (!conversationId) return;
    if (person) this.route.up();
    else this.route.go({ conversationId, person: true });
  }

  toggle(panel: Panel): void {
    this.panel.value = this.panel.peek() === panel ? undefined : panel;
  }

  /** False: the action means nothing here and now. */
  can(action: Action): boolean {
    const conversation = this.conversation.value;
    const { status, assigneeId } = conversation?.service ?? {};
    switch (action) {
      case 'take':
        return status === 'waiting' || (status === 'open' && assigneeId !== this.agent.userId);
      case 'close':
        return status === 'waiting' || status === 'open';
      case 'reopen':
        return status === 'closed';
      case 'reply':
        return conversation !== undefined && status !== 'closed';
      case 'person':
        return conversation !== undefined;
      case 'undo':
        return this.toasts.current.value?.action !== undefined;
      default:
        return true;
    }
  }

  act(action: Action): void {
    if (this.can(action)) this.#deeds[action]();
  }

  show(tab: Tab): void {
    this.tab.value = tab;
  }

  async #load(conversationId: ConversationId): Promise<void> {
    try {
      await this.client.open(conversationId);
    } catch {
      // Told by client.onError where it matters; the effect tries again with the next connection.
    }
    if (this.client.connection.peek().name !== 'open') return;
    const there = this.client.conversations.peek().has(conversationId);
    this.missing.value = there ? undefined : conversationId;
  }

  async #do(deed: Deed): Promise<void> {
    const conversation = this.conversation.peek();
    if (!conversation) return;
    const { words } = this.speech.peek();
    if (!(await this.#ask(deed, conversation.conversationId)) || deed !== 'close') return;
    this.toasts.show(words.done.closed(this.nameOf(conversation)), {
      action: { label: words.actions.undo, run: () => void this.#undoClose(conversation) },
    });
  }

  /** Back to what it was: taken by this agent. A conversation that nobody had is taken by whoever reopens it. */
  async #undoClose({ conversationId }: Conversation): Promise<void> {
    this.toasts.dismiss();
    if (await this.#ask('reopen', conversationId)) this.select(conversationId);
  }

  async #ask(deed: Deed, conversationId: ConversationId): Promise<boolean> {
    const { words } = this.speech.peek();
    const { name } = this.client.connection.peek();
    try {
      // While it is known that there is no connection, nobody is left waiting for one.
      if (name === 'waiting' || name === 'refused') throw new InlayError('server-busy');
      await this.client.request(`service.${deed}`, { conversationId }, { timeoutMs: DEED_TIMEOUT_MS });
      return true;
    } catch {
      const isOpen = this.client.connection.peek().name === 'open';
      this.toasts.show(isOpen ? words.failed[deed] : words.failed.offline, { failed: true });
      return false;
    }
  }
}
