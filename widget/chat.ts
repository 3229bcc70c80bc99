/**
 * The visitor's side of a conversation, without its looks: when to connect, what to tell the host, the agent and the loader, and
 * what counts as read. Views read its signals and call its methods.
 *
 * The client is started when the panel is opened for the first time, or when a conversation is known on this device; a frame
 * that was only loaded ahead (a pointer over the launcher) opens no socket.
 */
import { computed, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { Client, ConversationTarget, Draft } from '../client/client.ts';
import type { Conversation } from '../protocol/conversations.ts';
import type { VisitorFacts } from '../protocol/embed.ts';
import type { ClientMessageId } from '../protocol/ids.ts';
import type { Message } from '../protocol/messages.ts';
import type { Entry } from '../protocol/service.ts';
import type { Tenant } from '../protocol/tenants.ts';
import type { User } from '../protocol/users.ts';
import { plainText } from '../ui/announcements.tsx';
import { forgetDrafts } from '../ui/drafts.ts';
import { boundFacts, boundPage, type PageFacts } from './entry.ts';
import type { Extras } from './extras.ts';
import type { Kept } from './kept.ts';
import type { WidgetSpeech } from './words.ts';

export interface ChatOptions {
  readonly client: Client;
  readonly tenant: Tenant;
  readonly speech: Signal<WidgetSpeech>;
  readonly kept: Kept;
  /** The visitor begins to say something: what is kept of it may be kept from now on. */
  readonly onFirstWord: () => void;
  /** Of the chunk that can wait, for this chat. */
  readonly loadExtras: (chat: Chat) => Promise<Extras>;
  /** The panel is open now. */
  readonly open: boolean;
  /** The page can be seen, as the browser says it. */
  readonly visible: ReadonlySignal<boolean>;
  readonly entry: Entry;
  readonly page: PageFacts;
  readonly visitor: VisitorFacts;
}

export interface Unread {
  readonly count: number;
  /** The newest message, if it is unread. */
  readonly preview?: { readonly name?: string; readonly text: string };
}

export class Chat {
  readonly client: Client;
  readonly speech: Signal<WidgetSpeech>;
  /** Settings and notifications; undefined until they were wanted and have come. */
  readonly extras: Signal<Extras | undefined>;
  readonly kept: Kept;
  readonly open: Signal<boolean>;
  /** Open on a page that can be seen: what is in sight now is read. */
  readonly active: ReadonlySignal<boolean>;
  readonly tenant: ReadonlySignal<Tenant>;
  readonly target: ReadonlySignal<ConversationTarget>;
  readonly conversation: ReadonlySignal<Conversation | undefined>;
  readonly unread: ReadonlySignal<Unread>;
  /** The person of the desk who answered last. */
  readonly agent: ReadonlySignal<User | undefined>;
  /** How often somebody signed out: what a view holds of them must not outlast it. */
  readonly departures: Signal<number> = signal(0);
  readonly #entry: Signal<Entry>;
  readonly #page: Signal<PageFacts>;
  readonly #visitor: Signal<VisitorFacts>;
  #started: Promise<void> | undefined;
  #identity: string | undefined;
  readonly #loadExtras: ChatOptions['loadExtras'];
  readonly #onFirstWord: () => void;
  #extrasWanted = false;

  constructor(options: ChatOptions) {
    const { client } = options;
    this.client = client;
    this.speech = options.speech;
    this.extras = signal(undefined);
    this.#loadExtras = options.loadExtras;
    this.#onFirstWord = options.onFirstWord;
    this.kept = options.kept;
    this.open = signal(options.open);
    this.active = computed(() => this.open.value && options.visible.value);
    this.tenant = computed(() => client.welcome.value?.tenant ?? options.tenant);
    this.target = computed(() => client.ownConversationId());
    this.conversation = computed(() => {
      const id = this.target.value;
      return id === 'new' ? undefined : client.conversations.value.get(id);
    });
    this.unread = computed(() => this.#countUnread());
    this.agent = computed(() => this.#lastAgent());
    this.#entry = signal(options.entry);
    this.#page = signal(options.page);
    this.#visitor = signal(options.visitor);
    effect(() => client.setContext(this.#context()));
    this.#watchDepartures();
    effect(() => {
      const known = client.session.value !== undefined;
      if (client.restored.value) this.kept.write('active', known ? '1' : undefined);
    });
  }

  /** Reads the cache and connects; once. */
  start(): Promise<void> {
    this.#started ??= this.client.start();
    return this.#started;
  }

  get isStarted(): boolean {
    return this.#started !== undefined;
  }

  /** They come by themselves; a view that reads `extras` is drawn again then. */
  wantExtras(): void {
    if (this.#extrasWanted) return;
    this.#extrasWanted = true;
    this.#loadExtras(this).then(
      (extras) => {
        this.extras.value = extras;
      },
      () => {
        // The network is away: the next wish tries again.
        this.#extrasWanted = false;
      },
    );
  }

  /** For what has no caller who could hear of it. */
  begin(): void {
    this.start().catch(() => undefined);
  }

  /** The panel was opened. */
  show(entry: Entry): void {
    this.#entry.value = entry;
    this.open.value = true;
    this.begin();
    this.client.wake();
    if (this.#identity) {
      const jwt = this.#identity;
      this.#identity = undefined;
      // A refusal reaches the host by the client's error, see loader-link.ts.
      void this.#become(jwt).catch(() => undefined);
    }
  }

  hide(): void {
    this.open.value = false;
  }

  send(draft: Draft): void {
    this.#onFirstWord();
    this.begin();
    this.client.send(this.target.peek(), draft);
  }

  discard(key: ClientMessageId): void {
    // Too late is no harm: the message then stands where it is.
    void this.client.discard(key).catch(() => false);
  }

  typing(typing: boolean): void {
    if (typing) this.#onFirstWord();
    const target = this.target.peek();
    if (target !== 'new') this.client.setTyping(target, typing);
  }

  earlier(): void {
    const target = this.target.peek();
    // Without an answer the same scroll asks again later.
    if (target !== 'new') void this.client.loadEarlier(target).catch(() => undefined);
  }

  readTo(seq: number): void {
    const target = this.target.peek();
    if (target !== 'new' && this.active.peek()) this.client.markRead(target, seq);
  }

  moved(page: PageFacts): void {
    this.#page.value = page;
  }

  learn(visitor: VisitorFacts): void {
    const { fields, ...rest } = this.#visitor.peek();
    this.#visitor.value = { ...rest, ...visitor, fields: { ...fields, ...visitor.fields } };
  }

  /** Knowing who it is opens no connection: before the panel was ever opened the identity waits for that. */
  async identify(jwt: string): Promise<void> {
    if (!this.isStarted) this.#identity = jwt;
    else await this.#become(jwt);
  }

  async #become(jwt: string): Promise<void> {
    this.#onFirstWord();
    await this.client.identify(jwt);
  }

  /** Signs out and leaves nothing of the visitor on this device. */
  async logout(): Promise<void> {
    this.#identity = undefined;
    await this.start();
    const endpoint = this.kept.read('push');
    // Where another window turned notifications on and could not tell, the endpoint is not known.
    await this.client.logout(endpoint?.startsWith('https:') ? { endpoint } : {});
    this.#forget();
    await this.extras.peek()?.push.forget();
    this.kept.write('push', undefined);
    this.kept.write('active', undefined);
  }

  #forget(): void {
    forgetDrafts();
    this.departures.value = this.departures.peek() + 1;
  }

  /** Signing out in another tab takes the conversation away here. */
  #watchDepartures(): void {
    const isNobody = () => this.client.user.value === undefined && this.target.value === 'new';
    let wasNobody = true;
    effect(() => {
      const left = isNobody() && !wasNobody;
      wasNobody = isNobody();
      // In a moment: between a guest and the user they become there may be nobody.
      if (left) queueMicrotask(() => isNobody() && this.#forget());
    });
  }

  #context() {
    const { locale } = this.speech.value;
    return {
      entry: this.#entry.value,
      page: boundPage(this.#page.value),
      locale: locale.slice(0, 35),
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      ...boundFacts(this.#visitor.value),
    };
  }

  #countUnread(): Unread {
    const conversation = this.conversation.value;
    if (!conversation?.unread || this.active.value) return { count: 0 };
    const { lastMessage, unread, members } = conversation;
    if (!lastMessage || lastMessage.senderId === this.client.user.value?.userId) return { count: unread };
    const name = members.find(({ user }) => user.userId === lastMessage.senderId)?.user.name;
    return { count: unread, preview: { ...(name && { name }), text: this.textOf(lastMessage) } };
  }

  /** A message in one short line. */
  textOf(message: Message): string {
    return plainText(message, this.speech.value.words).slice(0, 200);
  }

  #lastAgent(): User | undefined {
    const conversation = this.conversation.value;
    if (!conversation) return undefined;
    const { entries } = this.client.timeline(conversation.conversationId).value;
    const agents = new Map(
      conversation.members.filter(({ user }) => user.kind === 'agent').map(({ user }) => [user.userId, user]),
    );
    for (let at = entries.length - 1; at >= 0; at--) {
      const agent = agents.get(entries[at]?.senderId ?? ('' as User['userId']));
      if (agent) return agent;
    }
    return undefined;
  }
}
