/**
 * Calls an agent who looks elsewhere: a tone when a visitor's message comes in that they do not see, and in the page's title how
 * many conversations wait for them. Not for what a colleague has, nor for what a reconnect brings late.
 */
import { effect } from '@preact/signals';
import type { Message } from '../client/client.ts';
import { isRemoval } from '../client/state/messages.ts';
import { concerns, unreadForAgent, visitorOf } from './inbox.ts';
import type { Preferences } from './preferences.ts';
import type { Sound } from './sound.ts';
import type { Workbench } from './workbench.ts';

export interface AlertParts {
  readonly bench: Workbench;
  readonly sound: Pick<Sound, 'play'>;
  readonly preferences: Preferences;
  readonly setTitle: (title: string) => void;
}

/** Returns a function that ends it. */
export function startAlerts({ bench, sound, preferences, setTitle }: AlertParts): () => void {
  const stopListening = bench.client.onMessage((message, live) => {
    if (live && preferences.sound.peek() === 'on' && isNews(bench, message)) sound.play();
  });
  const stopTitle = effect(() => {
    const count = unreadForAgent(bench.client.conversations.value.values(), bench.agent.userId);
    const tenant = bench.client.welcome.value?.tenant.name;
    const place = [bench.speech.value.words.inbox, tenant].filter(Boolean).join(' · ');
    setTitle(count > 0 ? `(${count}) ${place}` : place);
  });
  return () => {
    stopListening();
    stopTitle();
  };
}

function isNews(bench: Workbench, message: Message): boolean {
  if (isRemoval(message.content)) return false;
  const conversation = bench.client.conversations.peek().get(message.conversationId);
  const fromVisitor = conversation
    ? visitorOf(conversation)?.userId === message.senderId
    : message.senderId !== bench.agent.userId;
  const seen = bench.attention.here.peek() && bench.conversationId.peek() === message.conversationId;
  return fromVisitor && !seen && (!conversation || concerns(conversation, bench.agent.userId));
}
