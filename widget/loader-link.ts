/** What the loader asks of the chat, and what the chat tells the loader. */
import { effect, untracked } from '@preact/signals';
import { isRemoval } from '../client/state/messages.ts';
import type { ToApp } from '../protocol/embed.ts';
import { InlayError } from '../protocol/errors.ts';
import type { Chat } from './chat.ts';
import type { Host } from './host.ts';

export interface LoaderLinkOptions {
  readonly host: Host;
  readonly chat: Chat;
  /** Speaks another language from now on. */
  readonly setLocale: (locale: string | undefined) => Promise<void>;
  /** The panel was opened: the focus goes into it. */
  readonly onOpen: () => void;
  readonly onClose: () => void;
}

export function linkToLoader({ host, chat, setLocale, onOpen, onClose }: LoaderLinkOptions): void {
  const { client } = chat;

  const answer = async (id: number, work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
      host.post({ type: 'reply', id });
    } catch (error) {
      const { code, message } = error instanceof InlayError ? error : new InlayError('internal', String(error));
      host.post({ type: 'reply', id, error: { code, message } });
    }
  };

  const receive = (message: ToApp): unknown => {
    switch (message.type) {
      case 'open':
        chat.show(message.entry);
        return onOpen();
      case 'close':
        onClose();
        return chat.hide();
      case 'page':
        return chat.moved(message.page);
      case 'push.result':
        return chat.extras.peek()?.push.hostAnswered(message);
      case 'identify':
        return answer(message.id, () => chat.identify(message.jwt));
      case 'logout':
        return answer(message.id, () => chat.logout());
      case 'update':
        return answer(message.id, async () => {
          if (message.visitor) chat.learn(message.visitor);
          if (message.locale) await setLocale(message.locale);
        });
    }
  };

  host.listen((message) => void receive(message));
  effect(() => host.post({ type: 'unread', ...chat.unread.value }));
  effect(() => {
    const session = client.session.value;
    const active = session !== undefined;
    // Before the cache was read nothing is known; to say "none" would make the loader forget one that there is.
    if (!client.restored.value) return;
    host.post({ type: 'session.save', active, ...(active && !client.persistent.value && { session }) });
  });
  effect(() => {
    const state = client.connection.value;
    if (state.name !== 'refused') return;
    if (state.code === 'token-expired' || state.code === 'token-invalid') host.post({ type: 'identity.expired' });
    host.post({ type: 'error', code: state.code, message: state.code });
  });
  client.onError((code, message) => {
    if (code === 'identity-expired') host.post({ type: 'identity.expired' });
    else host.post({ type: 'error', code, message });
  });
  client.onMessage((message, live) => {
    if (!live || isRemoval(message.content)) return;
    const mine = message.senderId === client.user.peek()?.userId;
    const text = message.content.kind === 'text' ? { text: message.content.text } : {};
    host.post({ type: 'message', from: mine ? 'visitor' : 'agent', messageId: message.messageId, ...text });
  });
  const { accent } = untracked(() => chat.tenant.value);
  host.post({ type: 'ready', ...(accent && { accent }) });
}
