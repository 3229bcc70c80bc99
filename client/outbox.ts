/**
 * What was written and is not acknowledged yet.
 *
 * An entry is on the screen at once and on the device before it leaves, so it survives whatever happens to the page. It keeps
 * its clientMessageId through all tries, and the server stores that once: sending again is always safe, and so is another tab
 * that sends the same entry. Entries of one conversation leave one after another, in the order of writing; one that fails for
 * good stays where it is and lets the next go on.
 */
import { type ReadonlySignal, signal } from '@preact/signals-core';
import type { SentContent } from '../protocol/content.ts';
import { type ErrorCode, InlayError } from '../protocol/errors.ts';
import type { File } from '../protocol/files.ts';
import type { ClientMessageId, ConversationId, UserId } from '../protocol/ids.ts';
import { TEXT_MAX_LENGTH } from '../protocol/limits.ts';
import type { Message } from '../protocol/messages.ts';
import { backoffMs } from './backoff.ts';
import type { ConversationTarget, Draft } from './client.ts';
import { BLOB_TIMEOUT_MS, type DeviceStore } from './device-store.ts';
import { asInlayError, connectionLost } from './failures.ts';
import type { Link } from './link.ts';
import { Pauses } from './pauses.ts';
import { createClientMessageId } from './random-id.ts';
import {
  applyDone,
  applyPatch,
  applyTarget,
  applyWritten,
  contentKindOf,
  type Outbox as Entries,
  isFull,
  type KeptEntry,
  keptEntry,
  nextOrder,
  type OutboxEntry,
  restoredEntry,
  storedMessage,
  type Upload,
  withoutBlob,
} from './state/outbox.ts';

export interface OutboxOptions {
  readonly link: Link;
  readonly store: DeviceStore;
  now(): number;
  /** Bytes of one file; undefined while it is unknown. */
  fileMaxBytes(): number | undefined;
  /** Who sends; undefined without a session. */
  userId(): UserId | undefined;
  /** The conversation behind a target; makes the visitor's session where there is none. */
  resolve(target: ConversationTarget): Promise<ConversationId>;
  /** Entries with the same lane wait for each other. */
  laneOf(target: ConversationTarget): string;
  upload(content: Upload & { blob: Blob }, onProgress: (share: number) => void, signal: AbortSignal): Promise<File>;
  onStored(message: Message): void;
}

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #entries = signal<Entries>([]);
  readonly #lanes = new Set<string>();
  readonly #pauses = new Pauses();
  readonly #keeping = new Map<ClientMessageId, Promise<unknown>>();
  readonly #uploads = new Map<ClientMessageId, AbortController>();
  readonly #asking = new Map<ClientMessageId, Promise<unknown>>();
  #held = 0;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  get entries(): ReadonlySignal<Entries> {
    return this.#entries;
  }

  async restore(): Promise<void> {
    const kept = await this.#options.store.readAll<KeptEntry>('outbox/');
    const sorted = kept.sort((one, other) => one.order - other.order);
    this.#entries.value = [...sorted.map(restoredEntry), ...this.#entries.peek()];
  }

  write(target: ConversationTarget, draft: Draft): ClientMessageId {
    const at = this.#options.now();
    const key = createClientMessageId(at);
    const full = isFull(this.#entries.peek());
    const error = full ? 'server-busy' : this.#fault(draft);
    const order = nextOrder(this.#entries.peek());
    const base = { key, order, target, content: contentOf(draft), at, restored: false };
    const entry: OutboxEntry = error ? { ...base, state: 'failed', error } : { ...base, state: 'queued' };
    this.#entries.value = applyWritten(this.#entries.peek(), entry);
    if (!full) this.#keep(key);
    this.run();
    return key;
  }

  retry(key: ClientMessageId): void {
    if (this.#get(key)?.state !== 'failed') return;
    this.#entries.value = this.#entries.peek().map((entry) => {
      if (entry.key !== key) return entry;
      const { error: _, ...rest } = entry;
      return { ...rest, state: 'queued' };
    });
    this.#keep(key);
    this.run();
  }

  /** False: it is stored. */
  async discard(key: ClientMessageId): Promise<boolean> {
    const entry = this.#get(key);
    if (!entry || entry.state === 'sent') return false;
    // What is with the server at this moment is stored or not: its answer says which.
    const isStored = await this.#asking.get(key)?.then(
      () => true,
      () => false,
    );
    if (isStored) return false;
    this.#uploads.get(key)?.abort();
    this.#remove([key]);
    return true;
  }

  /** These are in their conversation: on whatever way they came there, they need not be sent any more. */
  settle(messages: readonly Message[]): void {
    this.#remove(messages.map((message) => message.clientMessageId));
  }

  retarget(isMeant: (target: ConversationTarget) => boolean, target: ConversationTarget): void {
    const before = this.#entries.peek();
    this.#entries.value = applyTarget(before, isMeant, target);
    for (const { key, target: old } of before) if (old !== target && isMeant(old)) this.#keep(key);
  }

  /** Nothing leaves until the function that comes back is called. */
  hold(): () => void {
    this.#held++;
    return () => {
      this.#held--;
      this.run();
    };
  }

  /** Everything that can leave does, without waiting for the next try. */
  run(): void {
    this.#pauses.endAll();
    const lanes = new Set(this.#entries.peek().map(({ target }) => this.#options.laneOf(target)));
    for (const lane of lanes) if (!this.#lanes.has(lane)) void this.#runLane(lane);
  }

  stop(): void {
    this.#pauses.endAll();
    for (const upload of this.#uploads.values()) upload.abort();
  }

  clear(): void {
    this.stop();
    this.#entries.value = [];
  }

  #fault(draft: Draft): ErrorCode | undefined {
    if (draft.kind === 'upload') {
      const max = this.#options.fileMaxBytes() ?? Number.POSITIVE_INFINITY;
      return draft.file.size === 0 ? 'file-empty' : draft.file.size > max ? 'file-too-large' : undefined;
    }
    if (draft.text.trim() === '') return 'text-empty';
    return draft.text.length > TEXT_MAX_LENGTH ? 'text-too-long' : undefined;
  }

  #get(key: ClientMessageId): OutboxEntry | undefined {
    return this.#entries.peek().find((entry) => entry.key === key);
  }

  #patch(key: ClientMessageId, patch: Partial<OutboxEntry>): void {
    this.#entries.value = applyPatch(this.#entries.peek(), key, patch);
  }

  #remove(keys: readonly ClientMessageId[]): void {
    const before = this.#entries.peek();
    this.#entries.value = applyDone(before, new Set(keys));
    for (const { key } of before) if (keys.includes(key)) this.#forget(key);
  }

  #keep(key: ClientMessageId): void {
    const before = this.#keeping.get(key) ?? Promise.resolve();
    const keeping = before.then(() => this.#write(key));
    this.#keeping.set(key, keeping);
  }

  async #write(key: ClientMessageId): Promise<void> {
    const entry = this.#get(key);
    if (!entry || entry.state === 'sent') return;
    const { store } = this.#options;
    const kept = keptEntry(entry);
    const hasBlob = kept.content.kind === 'upload' && kept.content.blob !== undefined;
    const done = await store.write(`outbox/${key}`, kept, hasBlob ? BLOB_TIMEOUT_MS : undefined);
    if (!done && hasBlob) await store.write(`outbox/${key}`, withoutBlob(kept));
  }

  #forget(key: ClientMessageId): void {
    const before = this.#keeping.get(key) ?? Promise.resolve();
    this.#keeping.delete(key);
    void before.then(() => this.#options.store.remove(`outbox/${key}`));
  }

  async #runLane(lane: string): Promise<void> {
    this.#lanes.add(lane);
    for (let failures = 0; ; ) {
      const entry = this.#next(lane);
      if (!entry) break;
      try {
        await this.#deliver(entry.key);
        failures = 0;
      } catch (thrown) {
        const error = asInlayError(thrown);
        failures++;
        this.#onFailure(entry.key, error);
        if (error.retry !== 'never' && this.#isReady()) {
          await this.#pauses.wait(error.retryAfterMs ?? backoffMs(failures));
        }
      }
    }
    this.#lanes.delete(lane);
  }

  #isReady(): boolean {
    return this.#held === 0 && this.#options.link.isTrusted;
  }

  #next(lane: string): OutboxEntry | undefined {
    if (!this.#isReady()) return undefined;
    return this.#entries
      .peek()
      .find(({ state, target }) => state === 'queued' && this.#options.laneOf(target) === lane);
  }

  #onFailure(key: ClientMessageId, error: InlayError): void {
    const entry = this.#get(key);
    if (!entry) return;
    // Uploaded by the guest that this user was, or swept away: it can be uploaded again.
    const again = error.code === 'file-unknown' && entry.content.kind === 'upload' && entry.content.blob && entry.file;
    if (error.retry !== 'never' || again) this.#patch(key, { state: 'queued' });
    else this.#patch(key, { state: 'failed', error: error.code });
    if (again) this.#dropFile(key);
    if (error.retry === 'never') this.#keep(key);
  }

  #dropFile(key: ClientMessageId): void {
    this.#entries.value = this.#entries.peek().map((entry) => {
      if (entry.key !== key) return entry;
      const { file: _, ...rest } = entry;
      return rest;
    });
  }

  async #deliver(key: ClientMessageId): Promise<void> {
    const { store, resolve, link, userId, onStored } = this.#options;
    // On the device first: from here on a reload finds it.
    await this.#keeping.get(key);
    const entry = this.#get(key);
    if (entry?.state !== 'queued') return;
    if (entry.restored && (await store.isGone(`outbox/${key}`))) return this.#remove([key]);
    this.#patch(key, { state: 'sending' });
    const conversationId = await resolve(entry.target);
    const target = this.#get(key)?.target;
    const content = await this.#sentContent(key);
    if (!content) return;
    const asking = link.ask('message.send', { conversationId, clientMessageId: key, content });
    this.#asking.set(key, asking);
    const stored = await asking
      .catch((error: unknown) => {
        // The conversation became another one while this was on its way: it is not refused, it went to the wrong address.
        throw this.#get(key)?.target === target ? error : connectionLost();
      })
      .finally(() => this.#asking.delete(key));
    const latest = this.#get(key);
    const senderId = userId();
    if (!latest) return;
    this.#forget(key);
    const message = senderId && storedMessage(latest, { ...stored, senderId });
    if (!message) return this.#remove([key]);
    this.#patch(key, { state: 'sent', message });
    onStored(message);
  }

  /** Undefined: it was taken back meanwhile. */
  async #sentContent(key: ClientMessageId): Promise<SentContent | undefined> {
    const entry = this.#get(key);
    if (!entry) return undefined;
    const { content } = entry;
    if (content.kind === 'text') return content;
    const file = entry.file ?? (await this.#upload(key, content));
    return file && { kind: contentKindOf(file), fileId: file.fileId };
  }

  async #upload(key: ClientMessageId, content: Upload): Promise<File | undefined> {
    const { blob } = content;
    if (!blob) throw new InlayError('file-unknown');
    const cancel = new AbortController();
    this.#uploads.set(key, cancel);
    try {
      const onProgress = (progress: number) => this.#patch(key, { progress });
      const file = await this.#options.upload({ ...content, blob }, onProgress, cancel.signal);
      // The same file in every try: another one under the same clientMessageId would be refused.
      this.#patch(key, { file, progress: 1 });
      this.#keep(key);
      await this.#keeping.get(key);
      return this.#get(key) && file;
    } finally {
      this.#uploads.delete(key);
    }
  }
}

function contentOf(draft: Draft): OutboxEntry['content'] {
  if (draft.kind === 'text') return draft;
  const { file: blob, name } = draft;
  const { type: mediaType, size } = blob;
  return { kind: 'upload', image: mediaType.startsWith('image/'), name, size, mediaType, blob };
}
