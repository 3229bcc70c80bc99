import { useRef, useState } from 'preact/hooks';
import { Icon } from '../../ui/icon.tsx';
import { ellipsis } from '../../ui/icons.ts';
import type { Chat } from '../chat.ts';

export interface MenuButtonProps {
  readonly chat: Chat;
}

/** The menu itself is loaded when it is wanted. */
export function MenuButton({ chat }: MenuButtonProps) {
  const { words } = chat.speech.value;
  const extras = chat.extras.value;
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape closes what is open in here, wherever the focus is
    <div
      class="menu-anchor"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !open) return;
        event.stopPropagation();
        setOpen(false);
        button.current?.focus();
      }}
    >
      <button
        ref={button}
        type="button"
        class="icon-button"
        aria-label={words.menu}
        title={words.menu}
        aria-expanded={open}
        aria-haspopup="dialog"
        onPointerEnter={() => chat.wantExtras()}
        onClick={() => {
          chat.wantExtras();
          setOpen(!open);
        }}
      >
        <Icon icon={ellipsis} />
      </button>
      {open && extras && <extras.Menu chat={chat} extras={extras} onClose={() => setOpen(false)} />}
    </div>
  );
}
