/** What the screen shows of a conversation: what is stored, then what is on its way. */
import type { Conversation } from '../../protocol/conversations.ts';
import type { ClientMessageId } from '../../protocol/ids.ts';
import type { Message } from '../../protocol/messages.ts';
import type { TimelineEntry } from '../client.ts';
import type { Viewer } from './conversations.ts';
import { isShown } from './messages.ts';
import type { Outbox, OutboxEntry } from './outbox.ts';
import { otherReach, stateBy } from './receipts.ts';

const NO_BLOB = new Blob([]);

/** Builds the entries anew, but hands out the same object for a row that has not changed, so that it need not be drawn again. */
export class TimelineRows {
  #stored = new Map<Message, TimelineEntry>();
  #pending = new Map<OutboxEntry, TimelineEntry>();

  /** `stalled`: nothing can leave now, so what was on its way waits like the rest. */
  rows(
    messages: readonly Message[],
    outbox: Outbox,
    conversation: Conversation | undefined,
    viewer: Viewer,
    stalled = false,
  ): TimelineEntry[] {
    const reach = otherReach(conversation?.members ?? [], viewer.side);
    const shown = messages.filter(isShown);
    const stored = shown.map((message) => {
      const mine = message.senderId === viewer.userId;
      const state = mine ? stateBy(reach, message.seq) : 'read';
      const known = this.#stored.get(message);
      return known?.state === state && known.mine === mine ? known : storedRow(message, mine, state);
    });
    this.#stored = new Map(shown.map((message, index) => [message, stored[index] as TimelineEntry]));
    const keys = new Set(stored.map((row) => row.key));
    const waiting = outbox.filter((entry) => !keys.has(entry.key));
    const pending = waiting.map((entry) => {
      const state = stalled && entry.state === 'sending' ? 'queued' : entry.state;
      const known = this.#pending.get(entry);
      return known?.state === state ? known : pendingRow(entry, state, viewer);
    });
    this.#pending = new Map(waiting.map((entry, index) => [entry, pending[index] as TimelineEntry]));
    return [...stored, ...pending];
  }
}

function storedRow(message: Message, mine: boolean, state: TimelineEntry['state']): TimelineEntry {
  const { messageId, clientMessageId, seq, senderId, content, sentAt } = message;
  // Others choose their clientMessageIds, and could choose one of ours; ids of the server are nobody's choice.
  const key = mine ? clientMessageId : (messageId as string as ClientMessageId);
  return { key, messageId, seq, senderId, mine, content, at: sentAt, state };
}

function pendingRow(entry: OutboxEntry, state: OutboxEntry['state'], { userId }: Viewer): TimelineEntry {
  const { key, content, message, error, progress, at } = entry;
  return {
    key,
    mine: true,
    content: message?.content ?? (content.kind === 'text' ? content : { ...content, blob: content.blob ?? NO_BLOB }),
    at,
    state,
    ...(message && { messageId: message.messageId }),
    ...(userId && { senderId: userId }),
    ...(error && { error }),
    ...(progress !== undefined && { progress }),
  };
}
