import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Avatar } from '../../ui/avatar.tsx';
import { Icon } from '../../ui/icon.tsx';
import { type Command, findCommands } from '../commands.ts';
import { search } from '../icons.ts';
import { visitorOf } from '../inbox.ts';
import { usePushToggle } from './bell.tsx';
import { useConsole } from './console-context.ts';
import { Keys } from './key-button.tsx';
import { Popover } from './popover.tsx';

/** A field with a list under it: the focus stays in the field, the arrows move in the list. */
export function CommandBar() {
  const { bench, preferences, words, signOut } = useConsole();
  const togglePush = usePushToggle();
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const listId = useId();
  const found = findCommands(query, { bench, preferences, signOut, togglePush });
  const active = found[Math.min(at, found.length - 1)];
  const close = () => {
    bench.panel.value = undefined;
  };
  const run = (command: Command | undefined) => {
    if (!command) return;
    close();
    command.run();
  };
  return (
    <Popover label={words.commandBar} class="card command-bar" onClose={close}>
      <div class="command-field">
        <Icon icon={search} />
        <input
          type="text"
          role="combobox"
          aria-expanded={found.length > 0}
          aria-controls={listId}
          aria-activedescendant={active && `command-${active.id}`}
          aria-label={words.commandHint}
          placeholder={words.commandHint}
          autocomplete="off"
          spellcheck={false}
          value={query}
          onInput={(event) => {
            setQuery(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={(event) => {
            if (event.isComposing) return;
            const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
            if (step) setAt((Math.min(at, found.length - 1) + step + found.length) % Math.max(1, found.length));
            if (event.key === 'Enter') run(active);
            if (step || event.key === 'Enter') event.preventDefault();
          }}
        />
      </div>
      {found.length > 0 ? (
        <div class="command-list" role="listbox" id={listId} aria-label={words.commandBar}>
          {found.map((command) => (
            <Row key={command.id} command={command} active={command === active} onRun={() => run(command)} />
          ))}
        </div>
      ) : (
        <p class="command-none" role="status">
          {words.noCommands}
        </p>
      )}
    </Popover>
  );
}

interface RowProps {
  readonly command: Command;
  readonly active: boolean;
  readonly onRun: () => void;
}

function Row({ command, active, onRun }: RowProps) {
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (active) row.current?.scrollIntoView({ block: 'nearest' });
  }, [active]);
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus and names this row as its active one
    // biome-ignore lint/a11y/useKeyWithClickEvents: Enter is the field's
    <div
      ref={row}
      id={`command-${command.id}`}
      class="command"
      role="option"
      aria-selected={active}
      onPointerDown={(event) => event.preventDefault()}
      onClick={onRun}
    >
      <Face command={command} />
      <span class="command-label">
        <bdi>{command.label}</bdi>
        {command.note && <bdi class="command-note">{command.note}</bdi>}
      </span>
      {command.keys && <Keys keys={command.keys} />}
    </div>
  );
}

function Face({ command: { conversationId, label } }: { readonly command: Command }) {
  const { bench } = useConsole();
  const conversation = conversationId && bench.client.conversations.value.get(conversationId);
  return conversation ? <Avatar user={visitorOf(conversation)} name={label} size={24} /> : null;
}
