import { expect, test } from 'vitest';
import type { ConversationId, UserId } from '../../protocol/ids.ts';
import { TYPING_EXPIRES_MS } from '../../protocol/limits.ts';
import { applyTyping, expireTyping, nextExpiry, type Typing } from './typing.ts';

const conversationId = 'c' as ConversationId;
const userId = 'agent' as UserId;
const none: Typing = new Map();
const who = (typing: Typing) => [...(typing.get(conversationId)?.keys() ?? [])];

test('a sign of typing is forgotten after its time, unless it is repeated', () => {
  const first = applyTyping(none, { conversationId, userId, typing: true }, 0);
  expect(nextExpiry(first)).toBe(TYPING_EXPIRES_MS);
  expect(who(expireTyping(first, TYPING_EXPIRES_MS - 1))).toEqual([userId]);
  const again = applyTyping(first, { conversationId, userId, typing: true }, 3_000);
  expect(who(expireTyping(again, TYPING_EXPIRES_MS))).toEqual([userId]);
  expect(who(expireTyping(again, 3_000 + TYPING_EXPIRES_MS))).toEqual([]);
});

test('the end of typing is believed at once, and one that nobody heard begin changes nothing', () => {
  const typing = applyTyping(none, { conversationId, userId, typing: true }, 0);
  expect(who(applyTyping(typing, { conversationId, userId, typing: false }, 1))).toEqual([]);
  expect(applyTyping(none, { conversationId, userId, typing: false }, 1)).toBe(none);
});
