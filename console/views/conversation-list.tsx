/**
 * The rows of one list. Only those in sight are drawn; the focus stays on the list itself (`aria-activedescendant`), so that a
 * row may come and go under it.
 */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Conversation } from '../../protocol/conversations.ts';
import { ROW_PX, rowsInSight, scrollToRow } from '../window-of-rows.ts';
import { useConsole } from './console-context.ts';
import { ConversationRow, rowId } from './conversation-row.tsx';
import { Hint } from './hint.tsx';

/** CSS pixels above the end of the list at which the next page is asked for. */
const AHEAD_PX = 10 * ROW_PX;

export function ConversationList() {
  const { bench, words } = useConsole();
  const tab = bench.tab.value;
  const { loaded, failed } = bench.lists.state(tab).value;
  const rows = bench.rows.value;
  if (rows.length > 0) return <Rows />;
  return (
    <div class="list" id="inbox-list" role="tabpanel" aria-labelledby={`tab-${tab}`}>
      {loaded ? <Hint words={words.emptyLists[tab]} /> : failed ? <ListEnd /> : <RowSkeleton />}
    </div>
  );
}

function Rows() {
  const { bench } = useConsole();
  const scroller = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 0 });
  const rows = bench.rows.value;
  const tab = bench.tab.value;
  const selected = bench.conversationId.value;
  const at = rows.findIndex((row) => row.conversationId === selected);
  const { from, to } = rowsInSight(view.top, view.height, rows.length);
  const measure = () => {
    const { scrollTop = 0, clientHeight = 0 } = scroller.current ?? {};
    if (scrollTop !== view.top || clientHeight !== view.height) setView({ top: scrollTop, height: clientHeight });
  };

  useLayoutEffect(() => {
    measure();
    const observer = new ResizeObserver(measure);
    if (scroller.current) observer.observe(scroller.current);
    return () => observer.disconnect();
  });
  useEffect(() => {
    const box = scroller.current;
    const target = box && at >= 0 ? scrollToRow(at, box.scrollTop, box.clientHeight) : undefined;
    if (box && target !== undefined) box.scrollTop = target;
    // Only when another one is selected: a row that moves by a new message must not drag the list along.
  }, [selected]);
  const nearEnd = view.top + view.height > rows.length * ROW_PX - AHEAD_PX;
  const { more, loading, failed } = bench.lists.state(tab).value;
  useEffect(() => {
    if (nearEnd && more && !loading && !failed) void bench.lists.more(tab);
  }, [nearEnd, more, loading, failed, tab]);

  return (
    <div class="list" id="inbox-list" role="tabpanel" aria-labelledby={`tab-${tab}`} ref={scroller} onScroll={measure}>
      <List from={from} to={to} at={at} />
      <ListEnd />
    </div>
  );
}

function List({ from, to, at }: { readonly from: number; readonly to: number; readonly at: number }) {
  const { bench, words } = useConsole();
  const rows = bench.rows.value;
  const active = rows[at];
  return (
    <div
      class="list-rows"
      role="listbox"
      tabIndex={0}
      aria-label={words.tabs[bench.tab.value]}
      aria-activedescendant={active && at >= from && at < to ? rowId(active) : undefined}
      style={{ height: `${rows.length * ROW_PX}px` }}
      onKeyDown={(event) => {
        const chosen = rowForKey(event.key, rows, active);
        if (!chosen) return;
        event.preventDefault();
        bench.select(chosen.conversationId);
      }}
    >
      {rows.slice(from, to).map((conversation, index) => (
        <ConversationRow
          key={conversation.conversationId}
          conversation={conversation}
          index={from + index}
          count={rows.length}
          selected={conversation === active}
        />
      ))}
    </div>
  );
}

/** Home and End go to the ends; Enter and Space take the first row where none of them is active. */
function rowForKey(key: string, rows: readonly Conversation[], active: Conversation | undefined) {
  if (key === 'Home' || ((key === 'Enter' || key === ' ') && !active)) return rows[0];
  return key === 'End' ? rows.at(-1) : undefined;
}

/** Below the last row: more is coming, or could not be had. */
function ListEnd() {
  const { bench, words } = useConsole();
  const tab = bench.tab.value;
  const { loading, failed } = bench.lists.state(tab).value;
  if (failed) {
    return (
      <div class="list-end" role="alert">
        <p>{words.listFailed}</p>
        <button type="button" class="button quiet" onClick={() => void bench.lists.more(tab)}>
          {words.tryAgain}
        </button>
      </div>
    );
  }
  return loading ? (
    <div class="list-end late" role="status">
      {words.loadingList}
    </div>
  ) : null;
}

function RowSkeleton() {
  const { words } = useConsole();
  return (
    <div class="row-skeleton late" role="status">
      <span class="unseen">{words.loadingList}</span>
      <i />
      <i />
      <i />
      <i />
    </div>
  );
}
