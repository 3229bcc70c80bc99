/** What was written on this device and is not in the conversation yet. */
import type { ErrorCode } from '../../protocol/errors.ts';
import type { File } from '../../protocol/files.ts';
import type { ClientMessageId } from '../../protocol/ids.ts';
import type { Message } from '../../protocol/messages.ts';
import type { ConversationTarget, PendingContent } from '../client.ts';

/** As it is kept on the device. */
export interface KeptEntry {
  readonly key: ClientMessageId;
  /** Grows from entry to entry: the order of writing, which no clock can confuse. */
  readonly order: number;
  readonly target: ConversationTarget;
  readonly content: { readonly kind: 'text'; readonly text: string } | Upload;
  /** By the server's clock. */
  readonly at: number;
  /** The upload is done: the file as the server knows it. The same one is named in every try. */
  readonly file?: File;
  /** It failed for good, for this reason. */
  readonly error?: ErrorCode;
}

/** `blob` is missing when the cache could not hold it. */
export type Upload = Omit<PendingContent, 'blob'> & { readonly blob?: Blob };

export interface OutboxEntry extends KeptEntry {
  readonly state: 'queued' | 'sending' | 'sent' | 'failed';
  /** 0 to 1 while it is uploaded. */
  readonly progress?: number;
  /** It was read from the device; another tab may have seen to it. */
  readonly restored: boolean;
  /** The server has it; it stays here until the conversation shows it. */
  readonly message?: Message;
}

export type Outbox = readonly OutboxEntry[];

/** Entries that wait at one time; over it, what is written fails with `server-busy`. */
export const OUTBOX_MAX_COUNT = 500;
/** Entries that failed because it was full are shown up to here; then the oldest of them is dropped. */
const OVERFLOW_MAX_COUNT = 20;

export const nextOrder = (outbox: Outbox) => Math.max(0, ...outbox.map((entry) => entry.order)) + 1;

export const isFull = (outbox: Outbox) => outbox.length >= OUTBOX_MAX_COUNT;

export function applyWritten(outbox: Outbox, entry: OutboxEntry): Outbox {
  const full = outbox.length >= OUTBOX_MAX_COUNT + OVERFLOW_MAX_COUNT;
  const kept = full ? outbox.filter((_, index) => index !== OUTBOX_MAX_COUNT) : outbox;
  return [...kept, entry];
}

export function applyPatch(outbox: Outbox, key: ClientMessageId, patch: Partial<OutboxEntry>): Outbox {
  return outbox.map((entry) => (entry.key === key ? { ...entry, ...patch } : entry));
}

export const applyDone = (outbox: Outbox, keys: ReadonlySet<ClientMessageId>): Outbox =>
  outbox.some((entry) => keys.has(entry.key)) ? outbox.filter((entry) => !keys.has(entry.key)) : outbox;

/** Conversations became another one, or the one that did not exist yet has a name now. */
export const applyTarget = (
  outbox: Outbox,
  isMeant: (target: ConversationTarget) => boolean,
  target: ConversationTarget,
): Outbox => outbox.map((entry) => (isMeant(entry.target) ? { ...entry, target } : entry));

/** What was kept, as it is when the page comes back. A file that could not be kept can only be chosen again. */
export function restoredEntry(kept: KeptEntry): OutboxEntry {
  const lost = kept.content.kind === 'upload' && !kept.content.blob && !kept.file;
  const error = kept.error ?? (lost ? 'file-unknown' : undefined);
  return error ? { ...kept, error, state: 'failed', restored: true } : { ...kept, state: 'queued', restored: true };
}

export function keptEntry(entry: OutboxEntry): KeptEntry {
  const { key, order, target, content, at, file, error } = entry;
  return { key, order, target, content, at, ...(file && { file }), ...(error && { error }) };
}

export function withoutBlob(kept: KeptEntry): KeptEntry {
  if (kept.content.kind === 'text') return kept;
  const { kind, image, name, size, mediaType } = kept.content;
  return { ...kept, content: { kind, image, name, size, mediaType } };
}

/** By what the server found in the bytes, not by what the device claimed. */
export const contentKindOf = (file: File) => (file.mediaType.startsWith('image/') ? 'image' : 'file');

/** The message that the server stored, for the screen until its event comes. */
export function storedMessage(
  entry: OutboxEntry,
  stored: Pick<Message, 'messageId' | 'conversationId' | 'seq' | 'sentAt' | 'senderId'>,
): Message | undefined {
  const { key: clientMessageId, content, file } = entry;
  const { messageId, conversationId, seq, sentAt, senderId } = stored;
  const head = { messageId, conversationId, seq, senderId, clientMessageId, sentAt };
  if (content.kind === 'text') return { ...head, content };
  return file && { ...head, content: { kind: contentKindOf(file), file } };
}
