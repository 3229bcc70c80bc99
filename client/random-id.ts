/** Ids that this device makes. */
import type { ClientMessageId } from '../protocol/ids.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

function randomText(length: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  return Array.from(bytes, (byte) => ALPHABET[byte & 63]).join('');
}

/** Time first, so that the server's index grows at its end and entries sort by when they were written; then 96 random bits. */
export const createClientMessageId = (now: number) =>
  `${now.toString(36).padStart(9, '0')}${randomText(16)}` as ClientMessageId;

/** 192 random bits: who knows it is this guest. */
export const createVisitorKey = () => randomText(32);
