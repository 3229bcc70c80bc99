/**
 * Takes a message back (`recall`: one's own, for some time) or away (`delete`: an agent any). Not by the outbox: who is offline cannot
 * take back what others are reading, and is told so at once rather than when it is too late.
 */
import type { Removal } from '../protocol/content.ts';
import type { InlayError } from '../protocol/errors.ts';
import type { ConversationId } from '../protocol/ids.ts';
import type { Client, TimelineEntry } from './client.ts';
import { createClientMessageId } from './random-id.ts';

/** After a lost connection the next one is mostly there at once. */
const TRIES_MAX_COUNT = 2;
/** Milliseconds of one try: a click waits for it. */
const TIMEOUT_MS = 5_000;

/** Rejects with InlayError, e.g. `recall-too-late`. What the screen shows changes when the server says that it is done. */
export async function removeMessage(client: Client, conversationId: ConversationId, content: Removal): Promise<void> {
  // The same in every try: however many of them the server gets, it takes away once.
  const clientMessageId = createClientMessageId(client.now());
  for (let tries = 1; ; tries++) {
    try {
      await client.request('message.send', { conversationId, clientMessageId, content }, { timeoutMs: TIMEOUT_MS });
      return;
    } catch (error) {
      const { retry, retryAfterMs } = error as InlayError;
      // Later is too late: whoever asked for it waits for it.
      if (retry !== 'now' || retryAfterMs !== undefined || tries === TRIES_MAX_COUNT) throw error;
    }
  }
}

/** Milliseconds for which the message can still be recalled; 0 or less: it cannot. */
export function recallableFor(client: Client, { mine, at, seq }: TimelineEntry): number {
  const seconds = client.welcome.value?.limits.recallSeconds ?? 0;
  return mine && seq !== undefined ? at + seconds * 1_000 - client.now() : 0;
}
