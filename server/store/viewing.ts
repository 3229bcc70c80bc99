/**
 * What each side may see of a conversation. An agent's copy tells what is known of the visitor; a visitor's holds nothing of what
 * they cleared, and no agent learns that they did.
 */
import type { SharedConversation } from '../../protocol/conversations.ts';
import type { Message } from '../../protocol/messages.ts';

export function forDesk<C extends SharedConversation>({ clearedSeq: _, ...rest }: C): Omit<C, 'clearedSeq'> {
  return rest;
}

export function forVisitor<C extends SharedConversation>({ visitor: _, ...rest }: C): Omit<C, 'visitor'> {
  const { lastMessage, clearedSeq = 0 } = rest;
  return lastMessage ? { ...rest, lastMessage: withoutCleared(lastMessage, clearedSeq) } : rest;
}

/** Both, for those who hear of a change. */
export function forBoth(shared: SharedConversation) {
  return { conversation: forDesk(shared), forVisitor: forVisitor(shared) };
}

/** As it is to somebody who cleared everything up to that seq. */
export function withoutCleared(message: Message, clearedSeq: number): Message {
  return message.seq > clearedSeq ? message : { ...message, content: { kind: 'cleared' } };
}
