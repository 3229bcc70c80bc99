import { useCallback, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Conversation, Member } from '../../client/client.ts';
import type { ConversationId } from '../../protocol/ids.ts';
import { Composer } from '../../ui/composer.tsx';
import { MessageList } from '../../ui/message-list.tsx';
import { useMinute } from '../../ui/minute.ts';
import { createRowMenu } from '../../ui/row-menu.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { inbox } from '../icons.ts';
import { assigneeOf } from '../inbox.ts';
import { nameOf } from '../visitor-name.ts';
import { useConsole } from './console-context.ts';
import { ConversationHead } from './conversation-head.tsx';
import { FirstUse } from './first-use.tsx';
import { Hint } from './hint.tsx';
import { KeyButton } from './key-button.tsx';

export function ConversationView() {
  const { bench, words } = useConsole();
  const conversation = bench.conversation.value;
  const id = bench.conversationId.value;
  const { loaded, more, failed } = bench.lists.state('all').value;
  if (conversation) return <Conversing key={conversation.conversationId} conversation={conversation} />;
  if (id && bench.missing.value !== id) {
    return (
      <section class="column conversation">
        <div class="waiting-for-it">
          <Skeleton />
        </div>
      </section>
    );
  }
  const unused = loaded && !more && bench.counts.value.all === 0;
  return (
    <section class="column conversation">
      {id ? (
        <Gone />
      ) : unused ? (
        <FirstUse />
      ) : (
        (loaded || failed) && <Hint words={words.nothingSelected} icon={inbox} />
      )}
    </section>
  );
}

function Gone() {
  const { bench, words } = useConsole();
  return (
    <>
      <Hint words={words.gone} icon={inbox} />
      <button type="button" class="button quiet gone-back" onClick={() => bench.route.go({ person: false })}>
        {words.back}
      </button>
    </>
  );
}

interface ConversingProps {
  readonly conversation: Conversation;
}

function Conversing({ conversation }: ConversingProps) {
  const { bench, words } = useConsole();
  const { conversationId } = conversation;
  const main = useRef<HTMLElement>(null);
  const members = useMembers(conversation);
  useComposerFocus(main);
  return (
    <section class="column conversation" ref={main} aria-label={bench.nameOf(conversation)}>
      <ConversationHead conversation={conversation} />
      <Messages conversation={conversation} members={members} />
      <Note conversation={conversation} />
      {conversation.service.status !== 'closed' && (
        <Composer
          draftKey={`${bench.agent.userId}/${conversationId}`}
          limits={bench.client.welcome.value?.limits}
          placeholder={words.actions.reply}
          onSend={(text) => bench.client.send(conversationId, { kind: 'text', text })}
          onFiles={(files) => {
            for (const file of files) bench.client.send(conversationId, { kind: 'upload', file, name: file.name });
          }}
          onTyping={(typing) => bench.client.setTyping(conversationId, typing)}
        />
      )}
    </section>
  );
}

interface MessagesProps extends ConversingProps {
  readonly members: readonly Member[];
}

function Messages({ conversation, members }: MessagesProps) {
  const { bench, words } = useConsole();
  const { client } = bench;
  const { conversationId } = conversation;
  const now = useMinute(client.now, client.welcome.value);
  const [unreadAfterSeq] = useState(() => firstLook(conversation));
  const onReadTo = useCallback((seq: number) => client.markRead(conversationId, seq), [conversationId]);
  const RowMenu = useMemo(
    () => createRowMenu({ client, target: () => conversationId, canDelete: true }),
    [client, conversationId],
  );
  const onEarlier = useCallback(() => void loadEarlier(client, conversationId), [conversationId]);
  const visitorId = members.find(({ user }) => user.kind !== 'agent')?.user.userId;
  const isOwnSide = useCallback(
    (entry: { mine: boolean; senderId?: string }) => entry.mine || entry.senderId !== visitorId,
    [visitorId],
  );
  const typingNames = client
    .typing(conversationId)
    .value.map((id) => members.find(({ user }) => user.userId === id)?.user.name ?? words.agent);
  return (
    <MessageList
      timeline={client.timeline(conversationId).value}
      active={bench.attention.here.value}
      onRetry={(key) => client.retry(key)}
      onDiscard={(key) => void client.discard(key)}
      RowMenu={RowMenu}
      {...{ members, now, unreadAfterSeq, onReadTo, onEarlier, isOwnSide, typingNames }}
    />
  );
}

/** What the desk had read when this agent came in: what one agent read is read. */
function firstLook({ unread, lastSeq, members }: Conversation): number | undefined {
  if (unread === 0) return undefined;
  const read = members.filter(({ user }) => user.kind === 'agent').map(({ readSeq }) => readSeq);
  return Math.min(Math.max(0, ...read), lastSeq);
}

async function loadEarlier(
  client: ReturnType<typeof useConsole>['bench']['client'],
  id: ConversationId,
): Promise<void> {
  try {
    await client.loadEarlier(id);
  } catch {
    // No connection: the connection line says so, and the next scroll asks again.
  }
}

/** A nameless guest is called in the messages what they are called in the list. */
function useMembers(conversation: Conversation): readonly Member[] {
  const { words } = useConsole();
  return useMemo(
    () =>
      conversation.members.map((member) =>
        member.user.kind === 'agent'
          ? member
          : { ...member, user: { ...member.user, name: nameOf(member.user, words) } },
      ),
    [conversation.members, words],
  );
}

/** Below the messages: why there is nothing to write in, or that somebody else is answering. */
function Note({ conversation }: ConversingProps) {
  const { bench, words } = useConsole();
  const { status, assigneeId } = conversation.service;
  if (status === 'closed') {
    return (
      <div class="note">
        <p>{words.closedNote}</p>
        <KeyButton action="reopen" class="button quiet" />
      </div>
    );
  }
  if (status !== 'open' || assigneeId === bench.agent.userId) return null;
  return (
    <div class="note">
      <p>{words.otherNote(assigneeOf(conversation)?.name ?? words.agent)}</p>
    </div>
  );
}

function useComposerFocus(main: { readonly current: HTMLElement | null }): void {
  const { bench } = useConsole();
  useLayoutEffect(() => {
    const focus = () => main.current?.querySelector('textarea')?.focus();
    bench.focusComposer = focus;
    return () => {
      if (bench.focusComposer === focus) bench.focusComposer = undefined;
    };
  }, [bench]);
}
