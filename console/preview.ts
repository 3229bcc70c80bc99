import type { Conversation } from '../protocol/conversations.ts';
import type { User } from '../protocol/users.ts';
import { plainText } from '../ui/announcements.tsx';
import type { ConsoleWords } from './words.ts';

/** Characters of a message that can stand in one line anywhere. */
const MAX_LENGTH = 160;

/** The last message in one line. */
export function preview({ lastMessage }: Conversation, agent: User, words: ConsoleWords): string {
  if (!lastMessage) return words.noMessages;
  const text = plainText(lastMessage, words).slice(0, MAX_LENGTH).replace(/\s+/gu, ' ').trim();
  return lastMessage.senderId === agent.userId ? words.youWrote(text) : text;
}
