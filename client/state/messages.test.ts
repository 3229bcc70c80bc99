import { expect, test } from 'vitest';
import type { ClientMessageId, ConversationId, MessageId, UserId } from '../../protocol/ids.ts';
import type { Message } from '../../protocol/messages.ts';
import {
  applyCleared,
  applyMessage,
  applyNewestPage,
  applyNewSender,
  applyPage,
  emptyLog,
  hasEarlier,
  isShown,
  LOG_MAX_COUNT,
  type MessageLog,
} from './messages.ts';

const message = (seq: number): Message => ({
  messageId: `m${seq}` as MessageId,
  conversationId: 'c' as ConversationId,
  seq,
  senderId: 'guest' as UserId,
  clientMessageId: `client-${seq}` as ClientMessageId,
  content: { kind: 'text', text: String(seq) },
  sentAt: seq,
});
const page = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => message(from + index));
const seqs = (log: MessageLog) => log.messages.map(({ seq }) => seq);
const log = (from: number, to: number) => applyNewestPage(page(from, to));

test('the next message is put at the end; a known one and one beyond a hole change nothing', () => {
  const held = log(1, 2);
  expect(seqs(applyMessage(held, message(3)))).toEqual([1, 2, 3]);
  expect(applyMessage(held, message(2))).toBe(held);
  expect(applyMessage(held, message(4))).toBe(held);
});

test('nothing is put into a log that is not loaded', () => {
  expect(applyMessage(emptyLog, message(1))).toBe(emptyLog);
  expect(seqs(applyMessage(applyNewestPage([]), message(1)))).toEqual([1]);
});

test('a page is joined at either end, with or without an overlap', () => {
  expect(seqs(applyPage(log(4, 5), page(2, 3)))).toEqual([2, 3, 4, 5]);
  expect(seqs(applyPage(log(4, 5), page(5, 7)))).toEqual([4, 5, 6, 7]);
  expect(seqs(applyPage(log(4, 5), page(3, 6)))).toEqual([3, 4, 5, 6]);
});

test('a page that does not touch is not taken in', () => {
  expect(seqs(applyPage(log(10, 11), page(2, 3)))).toEqual([10, 11]);
  expect(seqs(applyPage(log(10, 11), page(13, 14)))).toEqual([10, 11]);
});

test('there are earlier ones until the first is held', () => {
  expect([hasEarlier(log(1, 2)), hasEarlier(log(2, 3)), hasEarlier(applyNewestPage([]))]).toEqual([false, true, false]);
});

test('a log that grows for ever lets the earliest go', () => {
  const full = applyMessage(log(1, LOG_MAX_COUNT), message(LOG_MAX_COUNT + 1));
  expect(full.messages.length).toBeLessThan(LOG_MAX_COUNT);
  expect(full.messages.at(-1)?.seq).toBe(LOG_MAX_COUNT + 1);
  expect(hasEarlier(full)).toBe(true);
});

test('the messages of a guest become those of the user', () => {
  const renamed = applyNewSender(log(1, 2), 'guest' as UserId, 'user' as UserId);
  expect(renamed.messages.map(({ senderId }) => senderId)).toEqual(['user', 'user']);
});

test('the newest page takes the place of what is held, but not of what came after it', () => {
  expect(seqs(applyNewestPage(page(51, 60), log(1, 20)))).toEqual(page(51, 60).map(({ seq }) => seq));
  expect(seqs(applyNewestPage(page(51, 60), log(1, 62)))).toEqual(page(51, 62).map(({ seq }) => seq));
});

const recall = (seq: number, target: number): Message => ({
  ...message(seq),
  content: { kind: 'recall', seq: target },
});
const kinds = (held: MessageLog) => held.messages.map(({ content }) => content.kind);

test('a recall takes the words of what is held, by whatever way the two come', () => {
  const gone = ['text', 'recalled', 'text', 'recall'];
  const held = log(1, 3);
  const live = applyMessage(held, recall(4, 2));
  expect(kinds(live)).toEqual(gone);
  // What has not changed is the same object: it need not be drawn again.
  expect(live.messages[0]).toBe(held.messages[0]);
  expect(kinds(applyPage(log(1, 2), [message(3), recall(4, 2)]))).toEqual(gone);
  // The earlier page was read before it was recalled, or was kept on the device.
  expect(kinds(applyPage(applyNewestPage([message(3), recall(4, 2)]), page(1, 2)))).toEqual(gone);
  expect(kinds(applyNewestPage([...page(1, 3), recall(4, 2)]))).toEqual(gone);
  expect(kinds(applyNewestPage(page(1, 3), applyNewestPage([...page(1, 3), recall(4, 2)])))).toEqual(gone);
});

test('a recall of what is not held changes nothing but its own place', () => {
  const held = applyMessage(log(3, 4), recall(5, 1));
  expect(kinds(held)).toEqual(['text', 'text', 'recall']);
});

test('what is cleared keeps its number and nothing else, and nothing is earlier', () => {
  const held = applyCleared(log(3, 6), 4);
  expect(kinds(held)).toEqual(['cleared', 'cleared', 'text', 'text']);
  expect([seqs(held), hasEarlier(held), held.messages.filter(isShown).length]).toEqual([[3, 4, 5, 6], false, 2]);
  expect(applyCleared(held, 2)).toBe(held);
});
