/**
 * The messages of one conversation that this device holds: always a run of seqs without a hole. What would make a hole is not
 * taken in; the caller fetches what lies between instead, and so the screen never shows a conversation with a piece missing.
 *
 * Nor does it show what was taken back: whichever of the two comes first, the message or the one that takes it away.
 */
import type { Content, Removal } from '../../protocol/content.ts';
import type { UserId } from '../../protocol/ids.ts';
import type { Message } from '../../protocol/messages.ts';

export interface MessageLog {
  /** Ascending by seq, each seq one above the one before. */
  readonly messages: readonly Message[];
  /** The cache or the server said what the newest messages are; only then is a new one put in. */
  readonly loaded: boolean;
}

export const emptyLog: MessageLog = { messages: [], loaded: false };

/** Messages of a log that grows live; over it, the earliest fifth is let go (it can be loaded again). */
export const LOG_MAX_COUNT = 5_000;

export const firstSeqOf = (log: MessageLog) => log.messages[0]?.seq ?? 0;
export const lastSeqOf = (log: MessageLog) => log.messages.at(-1)?.seq ?? 0;
export const hasEarlier = ({ messages: [first] }: MessageLog) => !!first && first.seq > 1 && !isCleared(first);
const isCleared = ({ content }: Message) => content.kind === 'cleared';

/** It takes another message away, and is no line on the screen itself. */
export const isRemoval = (content: { readonly kind: string }): content is Removal =>
  content.kind === 'recall' || content.kind === 'delete';

/** What was cleared keeps its place, so that numbers have no hole, and is no line on the screen either. */
export const isShown = (message: Message) => !isRemoval(message.content) && !isCleared(message);

/** What stands at or below `seq` says nothing any more. */
export function applyCleared(log: MessageLog, seq = 0): MessageLog {
  if (firstSeqOf(log) > seq) return log;
  const content: Content = { kind: 'cleared' };
  return { ...log, messages: log.messages.map((message) => (message.seq > seq ? message : { ...message, content })) };
}

/** As a fetch would show them; `news`: where a removal may be. */
function withoutRemoved(messages: readonly Message[], news = messages): readonly Message[] {
  return news.reduce((all, { content: removal }) => {
    if (!isRemoval(removal)) return all;
    const content: Content = { kind: removal.kind === 'recall' ? 'recalled' : 'deleted' };
    return all.map((message) => (message.seq === removal.seq ? { ...message, content } : message));
  }, messages);
}

/** Puts the next message at the end. The same log comes back when it is known already or would leave a hole. */
export function applyMessage(log: MessageLog, message: Message): MessageLog {
  if (!log.loaded || message.seq !== lastSeqOf(log) + 1) return log;
  const kept = log.messages.length < LOG_MAX_COUNT ? log.messages : log.messages.slice(LOG_MAX_COUNT / 5);
  return { loaded: true, messages: withoutRemoved([...kept, message], [message]) };
}

/** Takes in the part of a page that continues the log at either end. */
export function applyPage(log: MessageLog, page: readonly Message[]): MessageLog {
  if (!log.loaded) return applyNewestPage(page);
  const first = firstSeqOf(log);
  const earlier = first === 0 ? [] : page.filter((message) => message.seq < first);
  const joined = earlier.length > 0 && earlier.at(-1)?.seq === first - 1;
  const start = joined ? { loaded: true, messages: withoutRemoved([...earlier, ...log.messages]) } : log;
  return page.reduce(applyMessage, start);
}

/** Lets go of what is held and begins anew with the newest page. What came live while it was on its way stays. */
export function applyNewestPage(page: readonly Message[], log = emptyLog): MessageLog {
  const next = (page.at(-1)?.seq ?? 0) + 1;
  const newer = log.messages.filter(({ seq }) => seq >= next);
  return { loaded: true, messages: withoutRemoved(newer[0]?.seq === next ? [...page, ...newer] : page) };
}

/** A guest became another user: their messages are that user's now. */
export function applyNewSender(log: MessageLog, from: UserId, to: UserId): MessageLog {
  return {
    ...log,
    messages: log.messages.map((message) => (message.senderId === from ? { ...message, senderId: to } : message)),
  };
}
