/** Who is writing where, and until when that is believed. */
import type { ConversationId, UserId } from '../../protocol/ids.ts';
import { TYPING_EXPIRES_MS } from '../../protocol/limits.ts';

/** By conversation and user, the time (device's clock) at which the sign expires. */
export type Typing = ReadonlyMap<ConversationId, ReadonlyMap<UserId, number>>;

export function applyTyping(
  typing: Typing,
  change: { readonly conversationId: ConversationId; readonly userId: UserId; readonly typing: boolean },
  now: number,
): Typing {
  const known = typing.get(change.conversationId);
  if (!change.typing && !known?.has(change.userId)) return typing;
  const users = new Map(known);
  if (change.typing) users.set(change.userId, now + TYPING_EXPIRES_MS);
  else users.delete(change.userId);
  return withUsers(typing, change.conversationId, users);
}

/** Without what has expired by `now`. */
export function expireTyping(typing: Typing, now: number): Typing {
  let next = typing;
  for (const [conversationId, users] of typing) {
    const left = new Map([...users].filter(([, until]) => until > now));
    if (left.size < users.size) next = withUsers(next, conversationId, left);
  }
  return next;
}

/** When the next sign expires; undefined when nobody types. */
export function nextExpiry(typing: Typing): number | undefined {
  const times = [...typing.values()].flatMap((users) => [...users.values()]);
  return times.length > 0 ? Math.min(...times) : undefined;
}

function withUsers(typing: Typing, conversationId: ConversationId, users: ReadonlyMap<UserId, number>): Typing {
  const next = new Map(typing);
  if (users.size > 0) next.set(conversationId, users);
  else next.delete(conversationId);
  return next;
}
