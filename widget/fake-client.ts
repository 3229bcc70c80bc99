/**
 * A client for tests of the app without a server: its signals are set by the test, and it counts what is asked of it. To extend
 * it, give a test's own methods as `over`; what is not given does nothing.
 */
import { signal } from '@preact/signals';
import type { Client, ConnectionState, Timeline } from '../client/client.ts';
import type { Conversation } from '../protocol/conversations.ts';
import type { Welcome } from '../protocol/hello.ts';
import type { ConversationId, UserId } from '../protocol/ids.ts';
import type { Message } from '../protocol/messages.ts';
import type { User } from '../protocol/users.ts';

export const me = { userId: 'user-me' as UserId, kind: 'guest' } satisfies User;
export const anna = { userId: 'user-anna' as UserId, kind: 'agent', name: 'Anna' } satisfies User;

export function createFakeClient(over: Partial<Client> = {}) {
  const calls: [name: string, ...given: unknown[]][] = [];
  const note =
    (name: string) =>
    async (...given: unknown[]) => {
      calls.push([name, ...given]);
    };
  const conversations = signal<ReadonlyMap<ConversationId, Conversation>>(new Map());
  const timeline = signal<Timeline>({ entries: [], hasEarlier: false, loadingEarlier: false, loaded: true });
  const listeners = new Set<(message: Message, live: boolean) => void>();
  const state = {
    connection: signal<ConnectionState>({ name: 'idle' }),
    welcome: signal<Welcome | undefined>(undefined),
    deskOnline: signal(true),
    user: signal<User | undefined>(undefined),
    restored: signal(false),
    persistent: signal(true),
    session: signal<string | undefined>(undefined),
    pushSubscriptions: signal<number | undefined>(undefined),
    conversations,
  };
  const client = {
    ...state,
    typing: () => signal<readonly UserId[]>([]),
    timeline: () => timeline,
    ownConversationId: () => [...conversations.value.keys()][0] ?? 'new',
    now: () => 0,
    start: note('start'),
    stop: note('stop'),
    wake: () => void calls.push(['wake']),
    send: (...given) => {
      calls.push(['send', ...given]);
      return 'key' as ReturnType<Client['send']>;
    },
    retry: () => {},
    discard: async () => true,
    loadEarlier: note('loadEarlier'),
    open: note('open'),
    markRead: (...given) => void calls.push(['markRead', ...given]),
    setTyping: (...given) => void calls.push(['setTyping', ...given]),
    setContext: (...given) => void calls.push(['setContext', ...given]),
    identify: note('identify'),
    logout: note('logout'),
    listConversations: async () => ({ more: false }),
    request: () => new Promise(() => {}),
    on: () => () => {},
    onMessage: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onError: () => () => {},
    ...over,
  } satisfies Client;
  return {
    client,
    state,
    timeline,
    calls,
    called: (name: string) => calls.filter(([called]) => called === name).map(([, ...given]) => given),
    store: (message: Message, live: boolean) => {
      for (const listener of listeners) listener(message, live);
    },
  };
}

export function conversationWith(lastMessage: Message, unread: number): Conversation {
  return {
    conversationId: 'c1' as ConversationId,
    kind: 'service',
    revision: lastMessage.seq,
    lastSeq: lastMessage.seq,
    lastMessage,
    members: [me, anna].map((user) => ({ user, deliveredSeq: 0, readSeq: 0 })),
    service: { status: 'open' },
    unread,
  };
}

export function messageFrom(user: User, text: string, seq = 1): Message {
  return {
    messageId: `m${seq}` as Message['messageId'],
    conversationId: 'c1' as ConversationId,
    seq,
    senderId: user.userId,
    clientMessageId: `client-${seq}` as Message['clientMessageId'],
    content: { kind: 'text', text },
    sentAt: 0,
  };
}
