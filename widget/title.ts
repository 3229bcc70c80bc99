import { effect } from '@preact/signals';
import type { Chat } from './chat.ts';

const FLASH_MS = 1_200;

/** The tab says how much is unread, and blinks while nobody looks. */
export function keepTitle(chat: Chat): void {
  let timer: ReturnType<typeof setInterval> | undefined;
  effect(() => {
    const { count } = chat.unread.value;
    const { name } = chat.tenant.value;
    const { newMessage } = chat.speech.value.words;
    clearInterval(timer);
    document.title = count ? `(${count}) ${name}` : name;
    if (!count) return;
    timer = setInterval(() => {
      document.title = document.title === newMessage ? `(${count}) ${name}` : newMessage;
    }, FLASH_MS);
  });
}
