/**
 * Tells the server how far this device is: what it has, and what its person has seen.
 *
 * Marks are gathered for a moment, sent as one, and sent again after a reconnect until the server's own receipt says the same.
 * What was seen is kept on the device: reading offline counts.
 */
import { computed, type ReadonlySignal, signal } from '@preact/signals-core';
import type { Conversation } from '../protocol/conversations.ts';
import type { ConversationId } from '../protocol/ids.ts';
import type { Message } from '../protocol/messages.ts';
import type { DeviceStore } from './device-store.ts';
import { asInlayError } from './failures.ts';
import type { Link } from './link.ts';
import type { Replica } from './replica.ts';
import type { Conversations, Viewer } from './state/conversations.ts';
import { isRemoval } from './state/messages.ts';
import { sideOf } from './state/receipts.ts';

/** Milliseconds by which marks are gathered. */
export const GATHER_MS = 200;
/** Milliseconds before a mark that was not taken is sent again. */
const RETRY_MS = 1_000;

export class Receipts {
  readonly #link: Link;
  readonly #store: DeviceStore;
  readonly #replica: Replica;
  readonly #viewer: () => Viewer;
  readonly #read = signal<ReadonlyMap<ConversationId, number>>(new Map());
  readonly #delivered = new Map<ConversationId, number>();
  readonly #due = new Set<ConversationId>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** The conversations as this person knows them: read is read, also before the server was told. */
  readonly conversations: ReadonlySignal<Conversations> = computed(() => this.#withMarks());

  constructor(link: Link, store: DeviceStore, replica: Replica, viewer: () => Viewer) {
    this.#link = link;
    this.#store = store;
    this.#replica = replica;
    this.#viewer = viewer;
  }

  async restore(): Promise<void> {
    this.#read.value = new Map(await this.#store.read<[ConversationId, number][]>('read'));
  }

  markRead(conversationId: ConversationId, seen: number): void {
    const known = Math.max(this.#read.peek().get(conversationId) ?? 0, this.#own(conversationId).readSeq);
    let seq = Math.max(known, seen);
    // What takes a message away cannot be seen: it is read with what stands before it.
    for (const message of this.#replica.log(conversationId).peek().messages)
      if (message.seq === seq + 1 && isRemoval(message.content)) seq++;
    if (seq === known) return;
    this.#setRead(new Map(this.#read.peek()).set(conversationId, seq));
    this.#schedule(conversationId);
  }

  /** These came to this device. */
  onStored(messages: readonly Message[]): void {
    const { userId } = this.#viewer();
    for (const { conversationId, seq, senderId, content } of messages) {
      if (isRemoval(content)) this.markRead(conversationId, 0);
      if (senderId === userId) continue;
      this.#delivered.set(conversationId, Math.max(this.#delivered.get(conversationId) ?? 0, seq));
      this.#schedule(conversationId);
    }
  }

  /** The server's own receipt: a mark that it has reached is not needed any more. */
  onReceipt(conversationId: ConversationId): void {
    const mark = this.#read.peek().get(conversationId) ?? 0;
    const { readSeq } = this.#own(conversationId);
    const lastSeq = this.#replica.get(conversationId)?.lastSeq ?? 0;
    if (Math.min(mark, lastSeq) <= readSeq) this.#forget(conversationId);
  }

  /** After a welcome and a catch-up: what the server does not know yet. */
  resume(): void {
    for (const conversationId of this.#replica.loadedIds()) {
      const { messages } = this.#replica.log(conversationId).peek();
      this.onStored(messages.slice(-1));
    }
    for (const conversationId of this.#read.peek().keys()) this.#schedule(conversationId);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  clear(): void {
    this.stop();
    this.#due.clear();
    this.#delivered.clear();
    this.#read.value = new Map();
  }

  #schedule(conversationId: ConversationId, delayMs = GATHER_MS): void {
    this.#due.add(conversationId);
    this.#timer ??= setTimeout(() => this.#flush(), delayMs);
  }

  #flush(): void {
    this.#timer = undefined;
    if (!this.#link.isOpen) return;
    const due = [...this.#due];
    this.#due.clear();
    for (const conversationId of due) void this.#send(conversationId);
  }

  async #send(conversationId: ConversationId): Promise<void> {
    const own = this.#own(conversationId);
    const readSeq = this.#read.peek().get(conversationId) ?? 0;
    const deliveredSeq = Math.max(this.#delivered.get(conversationId) ?? 0, readSeq);
    const isNews = readSeq > own.readSeq || deliveredSeq > own.deliveredSeq;
    if (!isNews || !this.#viewer().userId) return this.onReceipt(conversationId);
    const marks = { deliveredSeq, ...(readSeq > own.readSeq && { readSeq }) };
    try {
      await this.#link.ask('receipt.update', { conversationId, ...marks });
    } catch (thrown) {
      const { retry, retryAfterMs = RETRY_MS } = asInlayError(thrown);
      if (retry === 'never') this.#forget(conversationId);
      else this.#schedule(conversationId, retryAfterMs);
    }
  }

  #forget(conversationId: ConversationId): void {
    const marks = new Map(this.#read.peek());
    if (marks.delete(conversationId)) this.#setRead(marks);
  }

  #setRead(marks: ReadonlyMap<ConversationId, number>): void {
    this.#read.value = marks;
    this.#store.writeLate('read', () => (this.#read.peek().size > 0 ? [...this.#read.peek()] : undefined));
  }

  /** What the server knows of this side. That one agent has it is enough, else each message would cost a receipt an agent. */
  #own(conversationId: ConversationId): { readonly deliveredSeq: number; readonly readSeq: number } {
    const { side, userId } = this.#viewer();
    const members = this.#replica.get(conversationId)?.members ?? [];
    const sideDelivered = members.filter((member) => sideOf(member) === side).map((member) => member.deliveredSeq);
    const own = members.find(({ user }) => user.userId === userId);
    return { deliveredSeq: Math.max(0, ...sideDelivered), readSeq: own?.readSeq ?? 0 };
  }

  #withMarks(): Conversations {
    const marks = this.#read.value;
    const all = this.#replica.conversations.value;
    const next = new Map(all);
    for (const [id, conversation] of all) {
      const unread = this.#unreadOf(conversation, marks.get(id) ?? 0);
      if (unread !== conversation.unread) next.set(id, { ...conversation, unread });
    }
    return next;
  }

  /** The server counts what was taken back, and that it was. To a visitor, whose messages are all here, neither is something new. */
  #unreadOf({ conversationId, lastSeq, unread }: Conversation, mark: number): number {
    const { side, userId } = this.#viewer();
    if (unread === 0 || mark >= lastSeq) return 0;
    if (side === 'agent') return unread;
    const { readSeq } = this.#own(conversationId);
    const quiet = this.#replica
      .log(conversationId)
      .value.messages.filter(
        ({ seq, senderId, content }) =>
          seq > readSeq && senderId !== userId && /^(recall|delete|cleared)/.test(content.kind),
      );
    return Math.max(0, unread - quiet.length);
  }
}
