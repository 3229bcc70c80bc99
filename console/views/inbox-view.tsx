import { useRef } from 'preact/hooks';
import { Avatar } from '../../ui/avatar.tsx';
import { search } from '../icons.ts';
import { type Tab, tabs } from '../inbox.ts';
import { keyLabels } from '../keymap.ts';
import { Bell } from './bell.tsx';
import { useConsole } from './console-context.ts';
import { ConversationList } from './conversation-list.tsx';
import { KeyButton, Tip } from './key-button.tsx';
import { Menu } from './menu.tsx';

export function InboxView() {
  const { bench, words } = useConsole();
  const tenant = bench.client.welcome.value?.tenant.name;
  return (
    <nav class="column inbox" aria-label={words.conversations}>
      <header class="column-head">
        <h2 title={tenant}>{tenant ?? words.inbox}</h2>
        <KeyButton action="commands" icon={search} bare expanded={bench.panel.value === 'commands'} />
        <Bell />
        <MenuButton />
      </header>
      <TabList />
      <ConversationList key={bench.tab.value} />
    </nav>
  );
}

function MenuButton() {
  const { bench, words } = useConsole();
  const open = bench.panel.value === 'menu';
  return (
    <div class="anchor">
      <button
        type="button"
        class="icon-button tipped"
        aria-label={words.menu}
        aria-haspopup="dialog"
        aria-expanded={open}
        onClick={() => bench.toggle('menu')}
      >
        <Avatar user={bench.agent} name={bench.agent.name ?? words.agent} />
        <Tip text={words.menu} />
      </button>
      {open && <Menu />}
    </div>
  );
}

function TabList() {
  const { bench, words } = useConsole();
  const list = useRef<HTMLDivElement>(null);
  const go = (step: number) => {
    const next = tabs[(tabs.indexOf(bench.tab.peek()) + step + tabs.length) % tabs.length];
    if (!next) return;
    bench.show(next);
    list.current?.querySelector<HTMLElement>(`#tab-${next}`)?.focus();
  };
  return (
    <div
      ref={list}
      class="tabs"
      role="tablist"
      aria-label={words.conversations}
      onKeyDown={(event) => {
        if (event.key === 'ArrowRight') go(1);
        if (event.key === 'ArrowLeft') go(-1);
      }}
    >
      {tabs.map((tab) => (
        <TabButton key={tab} tab={tab} />
      ))}
    </div>
  );
}

function TabButton({ tab }: { readonly tab: Tab }) {
  const { bench, words } = useConsole();
  const selected = bench.tab.value === tab;
  const count = bench.counts.value[tab];
  const { loaded, more } = bench.lists.state(tab).value;
  return (
    <button
      type="button"
      class="tab tipped"
      role="tab"
      id={`tab-${tab}`}
      aria-selected={selected}
      aria-controls="inbox-list"
      tabIndex={selected ? 0 : -1}
      onClick={() => bench.show(tab)}
    >
      {words.tabs[tab]}
      {loaded && <span class="count">{more ? words.moreThan(count) : count}</span>}
      <Tip text={words.actions[`tab-${tab}`]} keys={keyLabels[`tab-${tab}`]} />
    </button>
  );
}
