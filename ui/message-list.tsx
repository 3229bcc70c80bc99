/**
 * The messages of a conversation, for the visitor and for the agent.
 *
 * Of a long conversation only the newest rows are drawn at first, more when somebody scrolls up (first those that the client
 * holds, then those that `onEarlier` brings), and again only the newest ones once they are back at the bottom. What a screen reader
 * is told goes through a region of its own, which holds new messages only: a log that announces by itself would read whole
 * pages when earlier messages come in.
 */
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Timeline, TimelineEntry } from '../client/client.ts';
import type { Member } from '../protocol/conversations.ts';
import type { UserId } from '../protocol/ids.ts';
import type { User } from '../protocol/users.ts';
import { NewMessages } from './announcements.tsx';
import { GroupView, type RowActions } from './group-view.tsx';
import { groupEntries, type Item } from './grouping.ts';
import { Icon } from './icon.tsx';
import { arrowDown } from './icons.ts';
import { type Speech, useSpeech, type Words } from './locale.ts';
import { ScrollKeeper, type ScrollPosition } from './scroll-keeper.ts';
import { Skeleton } from './skeleton.tsx';
import { dayName } from './time.ts';

export interface MessageListProps extends RowActions {
  readonly timeline: Timeline;
  readonly members: readonly Member[];
  /** Now, by the server's clock; give a new one each minute (ui/minute.ts). */
  readonly now: number;
  /** Where the line "new" stands; the reader's readSeq when they opened the conversation. */
  readonly unreadAfterSeq?: number | undefined;
  /** Asks for the page before; called when somebody comes near the top and again after each page. */
  readonly onEarlier: () => void;
  /** Messages up to this seq are in sight. Called only while `active`. */
  readonly onReadTo: (seq: number) => void;
  /** The list is open and its page is visible. Default true. */
  readonly active?: boolean;
  /** Names of those who are writing. */
  readonly typingNames: readonly string[];
  /** Which messages stand on the right. Default: the own ones. */
  readonly isOwnSide?: (entry: TimelineEntry) => boolean;
  /** Above the first message, e.g. the greeting; shown when there is nothing earlier. */
  readonly children?: ComponentChildren;
}

/** Rows drawn at first, and how many more at a time. */
const WINDOW_ROWS = 120;

export function MessageList(props: MessageListProps) {
  const { timeline, onEarlier, onReadTo, active = true } = props;
  const speech = useSpeech();
  const [shown, setShown] = useState(WINDOW_ROWS);
  const [position, setPosition] = useState<ScrollPosition>({ atBottom: true, far: false, nearTop: true });
  /** The newest message that was in sight. */
  const [seenSeq, setSeenSeq] = useState(0);
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const keeper = useRef<ScrollKeeper | undefined>(undefined);
  const { entries, hasEarlier, loadingEarlier, loaded } = timeline;
  const visible = useMemo(() => entries.slice(-shown), [entries, shown]);
  const items = useMemo(
    () => groupEntries(visible, { unreadAfterSeq: props.unreadAfterSeq, isOwnSide: props.isOwnSide }),
    [visible, props.unreadAfterSeq, props.isOwnSide],
  );

  useLayoutEffect(() => {
    if (!scroller.current || !content.current) return undefined;
    const made = new ScrollKeeper({
      scroller: scroller.current,
      content: content.current,
      onChange: setPosition,
      onSeen: (row) => setSeenSeq((before) => Math.max(before, Number(row.dataset.seq ?? 0))),
    });
    keeper.current = made;
    return () => made.stop();
  }, []);

  const newest = entries.at(-1);
  useLayoutEffect(() => {
    // Who writes wants to see what they wrote.
    if (newest?.mine && !newest.messageId) keeper.current?.toBottom();
  }, [newest?.key]);
  useLayoutEffect(() => keeper.current?.settle());
  useUnreadInSight(keeper, content, loaded && entries.length > 0);

  const more = visible.length < entries.length;
  useEffect(() => {
    if (position.atBottom && shown > WINDOW_ROWS && !position.nearTop) setShown(WINDOW_ROWS);
    else if (position.nearTop && more) setShown(shown + WINDOW_ROWS);
    else if (position.nearTop && hasEarlier && !loadingEarlier && loaded) onEarlier();
  }, [position, shown, entries.length, more, hasEarlier, loadingEarlier, loaded, onEarlier]);

  useEffect(() => {
    if (active && seenSeq) onReadTo(seenSeq);
  }, [active, seenSeq, onReadTo]);

  const unseen = useUnseen(entries, position.atBottom);
  return (
    <div class="messages">
      <div
        class="scroller"
        ref={scroller}
        role="log"
        aria-live="off"
        aria-label={speech.words.messages}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        onScroll={() => keeper.current?.scrolled()}
      >
        <div class="content" ref={content}>
          {loadingEarlier && <div class="loading-earlier">{speech.words.loadingEarlier}</div>}
          {!loaded && <Skeleton />}
          {loaded && !hasEarlier && !more && props.children}
          <Items {...props} items={items} lastOwn={lastOwnKey(entries)} speech={speech} />
          <Typing names={props.typingNames} words={speech.words} />
        </div>
      </div>
      {(unseen > 0 || position.far) && (
        <button type="button" class="to-newest" onClick={() => keeper.current?.toBottom()}>
          <Icon icon={arrowDown} />
          {unseen > 0 ? speech.words.newMessages(unseen) : <span class="unseen">{speech.words.toNewest}</span>}
        </button>
      )}
      <NewMessages
        entries={entries}
        loaded={loaded}
        nameOf={(entry) => nameOf(entry.senderId, props.members, speech)}
      />
    </div>
  );
}

interface ItemsProps extends MessageListProps {
  readonly items: readonly Item[];
  readonly lastOwn: string | undefined;
  readonly speech: Speech;
}

function Items({ items, lastOwn, speech, members, now, onRetry, onDiscard, RowMenu }: ItemsProps) {
  return (
    <>
      {items.map((item) => {
        if (item.kind === 'unread')
          return (
            <div class="divider unread-line" key={item.key}>
              <span>{speech.words.unread}</span>
            </div>
          );
        if (item.kind === 'day')
          return (
            <div class="divider" key={item.key}>
              <span>{dayName(item.at, now, speech.locale)}</span>
            </div>
          );
        return (
          <GroupView
            key={item.key}
            group={item}
            sender={userOf(item.senderId, members)}
            name={nameOf(item.senderId, members, speech)}
            last={item.entries.at(-1)?.key === lastOwn}
            {...{ now, speech, onRetry, onDiscard, RowMenu }}
          />
        );
      })}
    </>
  );
}

function Typing({ names, words }: { readonly names: readonly string[]; readonly words: Words }) {
  if (!names.length) return null;
  return (
    <div class="typing">
      <span class="dots" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      <span class="typing-words">{words.typing(names)}</span>
    </div>
  );
}

function userOf(id: UserId | string | undefined, members: readonly Member[]): User | undefined {
  return members.find((member) => member.user.userId === id)?.user;
}

/** Who is not among the members (an agent whose receipt has not come yet) is of the desk. */
function nameOf(id: UserId | string | undefined, members: readonly Member[], { words }: Speech): string {
  const user = userOf(id, members);
  return user?.name ?? (user && user.kind !== 'agent' ? words.guest : words.agent);
}

/** The state in words stands under the newest own message, if it is the last of its group. */
function lastOwnKey(entries: readonly TimelineEntry[]): string | undefined {
  for (let at = entries.length - 1; at >= 0; at--) if (entries[at]?.mine) return entries[at]?.key;
  return undefined;
}

/** How many messages of others came in below what is in sight. */
function useUnseen(entries: readonly TimelineEntry[], atBottom: boolean): number {
  const left = useRef(0);
  const lastSeq = entries.reduce((highest, entry) => Math.max(highest, entry.seq ?? 0), 0);
  if (atBottom) left.current = lastSeq;
  if (left.current === lastSeq) return 0;
  return entries.filter((entry) => !entry.mine && (entry.seq ?? 0) > left.current).length;
}

/** Once, when the first messages are there: begins at the line "new", where it stands above the edge. */
function useUnreadInSight(
  keeper: { readonly current: ScrollKeeper | undefined },
  content: { readonly current: HTMLElement | null },
  ready: boolean,
): void {
  useLayoutEffect(() => {
    const line = content.current?.querySelector<HTMLElement>('.unread-line');
    if (ready && line) keeper.current?.toElement(line, line.offsetHeight);
  }, [ready]);
}
