/**
 * This device's copy of the conversations it may see and of the messages it shows: signals over the plain data of state/.
 *
 * It takes in what comes, by whatever way, and only ever moves forward; what it could not take in (a hole, a copy behind the
 * server) it reports by `onBehind`, and sync.ts fetches it. Whatever it takes in is kept on the device.
 */
import { batch, type ReadonlySignal, type Signal, signal } from '@preact/signals-core';
import type { Conversation, Held } from '../protocol/conversations.ts';
import type { DownEvent } from '../protocol/down.ts';
import type { ConversationId, UserId } from '../protocol/ids.ts';
import { HELD_MAX_COUNT, UNHEARD_MAX_COUNT } from '../protocol/limits.ts';
import type { Message } from '../protocol/messages.ts';
import type { DeviceStore } from './device-store.ts';
import {
  type Applied,
  applyChanged,
  applyCreated,
  applyFetched,
  applyReceipt,
  applyRemoved,
  type Conversations,
  type Viewer,
  visitorIdOf,
} from './state/conversations.ts';
import {
  applyCleared,
  applyMessage,
  applyNewestPage,
  applyNewSender,
  applyPage,
  emptyLog,
  lastSeqOf,
  type MessageLog,
} from './state/messages.ts';

/** Messages of a conversation that are kept on the device. */
const KEPT_MESSAGES = 100;
/** Conversations that are kept on the device. */
const KEPT_CONVERSATIONS = 20;

export interface Behind {
  /** The copy of the conversation must reach this revision … */
  readonly revision?: number;
  /** … and its messages this seq. */
  readonly seq?: number;
  /** It has to be fetched, whatever is held. */
  readonly copy?: boolean;
}

export interface ReplicaListener {
  onBehind(conversationId: ConversationId, behind: Behind): void;
  /** These are in the log now, or were already: nobody has to send them. */
  onHeld(messages: readonly Message[]): void;
  /** In the order of seq within a conversation; `live`: not part of a catch-up. */
  onStored(messages: readonly Message[], live: boolean): void;
  /** The visitor of it turned out to be somebody else. */
  onVisitorChanged(conversationId: ConversationId, before: UserId): void;
}

interface KeptConversations {
  readonly synced: number | undefined;
  readonly conversations: readonly Conversation[];
}

export class Replica {
  readonly #conversations = signal<Conversations>(new Map());
  readonly #logs = new Map<ConversationId, Signal<MessageLog>>();
  /** Up to here they were told by onStored. */
  readonly #told = new Map<ConversationId, number>();
  readonly #store: DeviceStore;
  readonly #viewer: () => Viewer;
  readonly #listener: ReplicaListener;
  /** Up to this revision the copy is known to be complete; undefined: nothing was fetched yet. */
  synced: number | undefined;
  /** The highest revision that was heard of. */
  #seen = 0;
  /** Revisions of a desk that were taken in beyond `synced`. */
  readonly #beyond = new Set<number>();
  /** Called when a revision of the desk was not heard; it may have been of a conversation that nobody sees yet. */
  onDoubt: () => void = () => undefined;

  constructor(store: DeviceStore, viewer: () => Viewer, listener: ReplicaListener) {
    this.#store = store;
    this.#viewer = viewer;
    this.#listener = listener;
  }

  get conversations(): ReadonlySignal<Conversations> {
    return this.#conversations;
  }

  get seen(): number {
    return Math.max(this.#seen, this.synced ?? 0);
  }

  get(conversationId: ConversationId): Conversation | undefined {
    return this.#conversations.peek().get(conversationId);
  }

  log(conversationId: ConversationId): Signal<MessageLog> {
    const known = this.#logs.get(conversationId) ?? signal(emptyLog);
    this.#logs.set(conversationId, known);
    return known;
  }

  /** The conversations whose messages are on this device. */
  loadedIds(): ConversationId[] {
    return [...this.#logs].filter(([, log]) => log.peek().loaded).map(([id]) => id);
  }

  /** Up to where messages are held, without a hole; those that came last to this device first. */
  held(): Held[] {
    const ids = this.loadedIds().slice(-HELD_MAX_COUNT).reverse();
    return ids.map((conversationId) => ({ conversationId, seq: lastSeqOf(this.log(conversationId).peek()) }));
  }

  async restore(): Promise<void> {
    const kept = await this.#store.read<KeptConversations>('conversations');
    if (!kept) return;
    const logs = await Promise.all(
      kept.conversations.map(({ conversationId }) => this.#store.read<Message[]>(`messages/${conversationId}`)),
    );
    batch(() => {
      this.synced = kept.synced;
      this.#conversations.value = applyFetched(new Map(), kept.conversations);
      kept.conversations.forEach(({ conversationId }, index) => {
        const messages = logs[index];
        if (messages) this.log(conversationId).value = applyNewestPage(messages);
      });
    });
  }

  /** Conversations as fetched; those in `removed` are no more. */
  takeConversations(fetched: readonly Conversation[], removed: readonly ConversationId[] = []): void {
    const before = this.#conversations.peek();
    batch(() => {
      this.#conversations.value = applyRemoved(applyFetched(before, fetched), removed);
      for (const id of removed) this.dropLog(id);
      for (const { conversationId, revision, lastSeq } of fetched) {
        this.#followVisitor(before.get(conversationId));
        this.#seen = Math.max(this.#seen, revision);
        // Of a conversation without messages everything is known.
        if (lastSeq === 0) this.#setLog(conversationId, applyPage(this.log(conversationId).peek(), []));
        this.#clear(conversationId);
      }
    });
    this.#keepConversations();
  }

  /** Only these are left, e.g. after somebody else signed in. */
  replaceConversations(conversations: readonly Conversation[], synced: number | undefined): void {
    const ids = new Set(conversations.map(({ conversationId }) => conversationId));
    const gone = [...new Set([...this.#conversations.peek().keys(), ...this.#logs.keys()])].filter(
      (id) => !ids.has(id),
    );
    batch(() => {
      this.#conversations.value = new Map();
      this.synced = synced;
      this.#beyond.clear();
      this.takeConversations(conversations, gone);
    });
  }

  /** A page of messages as fetched. `newest`: let go of what is held, it is too far behind. `news`: they may be told. */
  takePage(
    conversationId: ConversationId,
    page: readonly Message[],
    { newest = false, news = false, live = false } = {},
  ): void {
    const log = this.log(conversationId).peek();
    const last = lastSeqOf(log);
    this.#setLog(conversationId, newest ? applyNewestPage(page, log) : applyPage(log, page));
    const { messages } = this.log(conversationId).peek();
    this.#listener.onHeld(page);
    if (news)
      this.#tell(
        messages.filter((message) => message.seq > last),
        live,
      );
  }

  /** A message by the answer to its sender. */
  takeMessage(message: Message): void {
    if (this.#append(message)) this.#tell([message], true);
  }

  onMessageCreated(event: DownEvent<'message.created'>): void {
    const { message, revision } = event;
    const isNew = this.#append(message);
    this.#apply(message.conversationId, revision, (known) => applyCreated(known, event, this.#viewer()));
    if (isNew) this.#tell([message], true);
  }

  onReceiptChanged(event: DownEvent<'receipt.changed'>): void {
    this.#apply(event.conversationId, event.revision, (known) => applyReceipt(known, event, this.#viewer()));
  }

  onConversationChanged({ conversation, previousRevision }: DownEvent<'conversation.changed'>): void {
    const { conversationId, revision, lastSeq } = conversation;
    this.#apply(conversationId, revision, (known) =>
      applyChanged(known, conversation, previousRevision, this.#viewer()),
    );
    const log = this.log(conversationId).peek();
    if (log.loaded && lastSeqOf(log) < lastSeq) this.#listener.onBehind(conversationId, { seq: lastSeq });
  }

  onConversationRemoved({ conversationId, mergedInto, revision }: DownEvent<'conversation.removed'>): void {
    this.hearRevision(revision);
    if (!this.get(conversationId)) return;
    this.takeConversations([], [conversationId]);
    this.#listener.onBehind(mergedInto, { copy: true });
  }

  hearRevision(revision: number): void {
    this.#seen = Math.max(this.#seen, revision);
  }

  /** The guest is another user now, and so is who wrote their messages. */
  changeSender(conversationId: ConversationId, from: UserId, to: UserId): void {
    this.#setLog(conversationId, applyNewSender(this.log(conversationId).peek(), from, to));
  }

  /** Its messages are not held any more. */
  dropLog(conversationId: ConversationId): void {
    if (this.#logs.has(conversationId)) this.#setLog(conversationId, emptyLog);
  }

  get isInDoubt(): boolean {
    return this.#viewer().side === 'agent' && this.synced !== undefined && this.#seen > this.synced;
  }

  /** Where a catch-up goes on: what comes after `after`, and of what came before what was not heard. */
  missing(): { readonly after: number; readonly unheard: number[] } {
    const { synced = 0 } = this;
    const after = Math.max(synced, ...this.#beyond);
    const unheard: number[] = [];
    for (let revision = synced + 1; revision < after; revision++) {
      if (!this.#beyond.has(revision)) unheard.push(revision);
      if (unheard.length > UNHEARD_MAX_COUNT) return { after: synced, unheard: [] };
    }
    return { after, unheard };
  }

  setSynced(revision: number): void {
    let synced = Math.max(this.synced ?? 0, revision);
    while (this.#beyond.has(synced + 1)) synced++;
    for (const taken of this.#beyond) if (taken <= synced) this.#beyond.delete(taken);
    this.synced = synced;
    this.#keepConversations();
  }

  clear(): void {
    batch(() => {
      this.#conversations.value = new Map();
      for (const log of this.#logs.values()) log.value = emptyLog;
      this.#told.clear();
      this.#beyond.clear();
      this.synced = undefined;
      this.#seen = 0;
    });
  }

  #apply(conversationId: ConversationId, revision: number, apply: (known: Conversation) => Applied): void {
    this.hearRevision(revision);
    const known = this.get(conversationId);
    const applied = known && apply(known);
    if (applied && applied.conversation !== known) this.#put(applied.conversation);
    if (!applied?.complete) this.#listener.onBehind(conversationId, { revision });
    else this.#advance(revision);
    if (this.isInDoubt) this.onDoubt();
  }

  /** A visitor has one conversation, so a copy of it without a gap is all there is; a desk hears each revision. */
  #advance(revision: number): void {
    if (this.synced === undefined) return;
    const isDesk = this.#viewer().side === 'agent';
    if (isDesk && revision > this.synced) this.#beyond.add(revision);
    this.setSynced(isDesk ? this.synced : revision);
  }

  /** Each message once, whichever way it came first. */
  #tell(messages: readonly Message[], live: boolean): void {
    const [first] = messages;
    const told = (first && this.#told.get(first.conversationId)) ?? 0;
    const fresh = messages.filter(({ seq }) => seq > told);
    const last = fresh.at(-1);
    if (!last) return;
    this.#told.set(last.conversationId, last.seq);
    this.#listener.onStored(fresh, live);
  }

  /** True when this device sees it for the first time. A message beyond a hole will come with what fills the hole. */
  #append(message: Message): boolean {
    const { conversationId, seq } = message;
    const before = this.log(conversationId).peek();
    const last = before.loaded ? lastSeqOf(before) : (this.get(conversationId)?.lastSeq ?? 0);
    this.#setLog(conversationId, applyMessage(before, message));
    const isBeyond = before.loaded && seq > last + 1;
    if (isBeyond) this.#listener.onBehind(conversationId, { seq });
    else this.#listener.onHeld([message]);
    return !isBeyond && seq > last;
  }

  #put(conversation: Conversation): void {
    const { conversationId } = conversation;
    const before = this.get(conversationId);
    this.#conversations.value = new Map(this.#conversations.peek()).set(conversationId, conversation);
    this.#followVisitor(before);
    this.#clear(conversationId);
    this.#keepConversations();
  }

  #clear(conversationId: ConversationId): void {
    if (this.get(conversationId)?.clearedSeq) this.#setLog(conversationId, this.log(conversationId).peek());
  }

  /** A guest who signed in at the host is a user now; the server says so of the conversation, not of each message again. */
  #followVisitor(before: Conversation | undefined): void {
    const after = before && this.get(before.conversationId);
    const [from, to] = [before && visitorIdOf(before), after && visitorIdOf(after)];
    if (!before || !from || !to || from === to) return;
    this.changeSender(before.conversationId, from, to);
    this.#listener.onVisitorChanged(before.conversationId, from);
  }

  #setLog(conversationId: ConversationId, given: MessageLog): void {
    const log = this.log(conversationId);
    // A page may have been read before it was cleared.
    const next = applyCleared(given, this.get(conversationId)?.clearedSeq);
    if (log.peek() === next) return;
    log.value = next;
    this.#store.writeLate(`messages/${conversationId}`, () => {
      const { loaded, messages } = log.peek();
      return loaded ? messages.slice(-KEPT_MESSAGES) : undefined;
    });
  }

  #keepConversations(): void {
    this.#store.writeLate('conversations', () => {
      const all = [...this.#conversations.peek().values()];
      const newest = all.sort((one, other) => other.revision - one.revision).slice(0, KEPT_CONVERSATIONS);
      return { synced: this.synced, conversations: newest } satisfies KeptConversations;
    });
  }
}
