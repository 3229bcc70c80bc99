import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { UserId } from '../../protocol/ids.ts';
import { Composer } from '../../ui/composer.tsx';
import { ConnectionLine } from '../../ui/connection-line.tsx';
import { inLanguage } from '../../ui/locale.ts';
import { MessageList } from '../../ui/message-list.tsx';
import { useMinute } from '../../ui/minute.ts';
import type { Chat } from '../chat.ts';
import { languageOf } from '../speech.ts';
import { Welcome } from './welcome.tsx';

export interface ConversationViewProps {
  readonly chat: Chat;
}

export function ConversationView({ chat }: ConversationViewProps) {
  const { client } = chat;
  const target = chat.target.value;
  const timeline = client.timeline(target).value;
  const conversation = chat.conversation.value;
  const members = conversation?.members ?? [];
  const typing = target === 'new' ? [] : client.typing(target).value;
  const now = useMinute(client.now, client.welcome.value);
  const unreadAfterSeq = useUnreadMark(chat);
  const language = languageOf(chat.speech.value);
  const words = chat.speech.value.words;
  const tenant = chat.tenant.value;
  const extras = chat.extras.value;
  const empty = timeline.loaded && timeline.entries.length === 0;
  const nameOf = (id: UserId) => members.find(({ user }) => user.userId === id)?.user.name ?? words.agent;
  const sendFiles = useCallback(
    (files: File[]) => {
      for (const file of files) chat.send({ kind: 'upload', file, name: file.name });
    },
    [chat],
  );
  const readTo = useCallback((seq: number) => chat.readTo(seq), [chat]);
  const earlier = useCallback(() => chat.earlier(), [chat]);
  return (
    <main class="conversation">
      <ConnectionLine state={client.connection.value} />
      <MessageList
        timeline={timeline}
        members={members}
        now={now}
        unreadAfterSeq={unreadAfterSeq}
        active={chat.active.value}
        typingNames={typing.map(nameOf)}
        onEarlier={earlier}
        onReadTo={readTo}
        onRetry={(key) => client.retry(key)}
        onDiscard={(key) => chat.discard(key)}
        RowMenu={extras?.RowMenu}
      >
        <Welcome
          name={tenant.name}
          greeting={inLanguage(tenant.greeting, language) ?? words.greeting}
          questions={(empty && inLanguage(tenant.questions, language)) || []}
          label={words.questions}
          onAsk={(text) => chat.send({ kind: 'text', text })}
        />
      </MessageList>
      {extras && <extras.PushStrip chat={chat} extras={extras} />}
      <Composer
        onSend={(text) => chat.send({ kind: 'text', text })}
        onFiles={sendFiles}
        onTyping={(writing) => chat.typing(writing)}
        limits={client.welcome.value?.limits}
        disabled={client.connection.value.name === 'refused'}
        draftKey={tenant.tenantId}
      />
    </main>
  );
}

/** Where the reader had stopped when they came; it stays there until they come again. */
function useUnreadMark(chat: Chat): number | undefined {
  const conversation = chat.conversation.value;
  const active = chat.active.value;
  const [mark, setMark] = useState<number>();
  const taken = useRef(false);
  useEffect(() => {
    if (!active) {
      taken.current = false;
      return;
    }
    if (taken.current || !conversation) return;
    taken.current = true;
    const me = chat.client.user.peek()?.userId;
    const readSeq = conversation.members.find(({ user }) => user.userId === me)?.readSeq;
    setMark(conversation.unread > 0 ? readSeq : undefined);
  }, [active, conversation]);
  return mark;
}
