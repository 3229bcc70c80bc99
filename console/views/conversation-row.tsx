import type { Conversation } from '../../protocol/conversations.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { shortStamp } from '../../ui/time.ts';
import { visitorOf } from '../inbox.ts';
import { preview } from '../preview.ts';
import { waitingFor } from '../waiting.ts';
import { ROW_PX } from '../window-of-rows.ts';
import { useConsole } from './console-context.ts';

export const rowId = ({ conversationId }: Conversation) => `row-${conversationId}`;

/** CSS pixels. */
const FACE_PX = 36;

export interface ConversationRowProps {
  readonly conversation: Conversation;
  readonly index: number;
  readonly count: number;
  readonly selected: boolean;
}

export function ConversationRow({ conversation, index, count, selected }: ConversationRowProps) {
  const { bench, words, locale } = useConsole();
  const { conversationId, lastMessage, unread } = conversation;
  const name = bench.nameOf(conversation);
  const now = bench.clock.time.value;
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus and names this row as its active one
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the list's
    <div
      id={rowId(conversation)}
      class={unread > 0 ? 'list-row unread' : 'list-row'}
      role="option"
      aria-selected={selected}
      aria-posinset={index + 1}
      aria-setsize={count}
      style={{ transform: `translateY(${index * ROW_PX}px)` }}
      onClick={() => bench.select(conversationId)}
    >
      <Avatar user={visitorOf(conversation)} name={name} size={FACE_PX} />
      <div class="list-row-text">
        <div class="line">
          <span class="name">
            <bdi>{name}</bdi>
          </span>
          {lastMessage && (
            <time>{shortStamp(lastMessage.sentAt, Math.max(now, lastMessage.sentAt), locale, words.justNow)}</time>
          )}
        </div>
        <div class="line">
          <span class="preview">
            <bdi>{preview(conversation, bench.agent, words)}</bdi>
          </span>
          <RowState conversation={conversation} now={now} />
          {unread > 0 && (
            <span class="badge">
              {unread > 99 ? words.moreThan(99) : unread}
              <span class="unseen"> {words.unreadCount(unread)}</span>
            </span>
          )}
        </div>
      </div>
    </div>
  );
}

function RowState({ conversation, now }: { readonly conversation: Conversation; readonly now: number }) {
  const { words } = useConsole();
  const { status, waitingSince } = conversation.service;
  if (status === 'closed') return <span class="row-state">{words.closed}</span>;
  if (waitingSince === undefined) return null;
  const { text, tooLong } = waitingFor(waitingSince, now, words.duration);
  // "Just now" is what the time above says already.
  if (text === words.duration.now) return null;
  return (
    <span class={tooLong ? 'row-state too-long' : 'row-state'} title={words.waits(text)}>
      <span aria-hidden="true">{text}</span>
      <span class="unseen">{words.waits(text)}</span>
    </span>
  );
}
