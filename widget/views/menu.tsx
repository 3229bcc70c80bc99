import { useEffect, useRef } from 'preact/hooks';
import type { Chat } from '../chat.ts';
import type { Extras } from '../extras.ts';
import { THEMES } from '../kept.ts';
import { ClearSetting } from './clear-setting.tsx';
import { pushWords } from './push-words.ts';

export interface MenuProps {
  readonly chat: Chat;
  readonly extras: Extras;
  /** Something else was tapped. */
  readonly onClose: () => void;
}

/** The few settings a visitor has. A popover: the conversation stays in sight. */
export function Menu({ chat, extras, onClose }: MenuProps) {
  const { words } = chat.speech.value;
  const menu = useRef<HTMLDivElement>(null);
  useEffect(() => {
    menu.current?.querySelector<HTMLElement>('input:checked')?.focus();
    const outside = ({ target }: Event) => {
      // Its button, beside it in the same parent, closes it by itself.
      if (target instanceof Node && !menu.current?.parentElement?.contains(target)) onClose();
    };
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, []);
  return (
    <div class="menu" ref={menu} role="dialog" aria-label={words.menu}>
      <fieldset class="themes">
        <legend>{words.theme}</legend>
        {THEMES.map((name) => (
          <label key={name}>
            <input
              type="radio"
              name="theme"
              checked={extras.theme.theme.value === name}
              onChange={() => extras.theme.choose(name)}
            />
            <span>{words.themes[name]}</span>
          </label>
        ))}
      </fieldset>
      <section>
        <h2>{words.notifications}</h2>
        <PushSetting chat={chat} extras={extras} />
      </section>
      <ClearSetting chat={chat} onDone={onClose} />
    </div>
  );
}

/** What can be said of notifications, and done about them, in each state. */
function PushSetting({ chat, extras: { push } }: Pick<MenuProps, 'chat' | 'extras'>) {
  const { words } = chat.speech.value;
  const state = push.state.value;
  // The server must know whom to notify.
  const possible = chat.client.session.value !== undefined;
  const prepare = () => possible && push.prepare();
  const offered = state.name === 'off' || state.name === 'failed';
  return (
    <>
      <p role="status">{offered && !possible ? words.pushLater : pushWords(state, words)}</p>
      {offered && possible && (
        <button type="button" class="button" onPointerEnter={prepare} onFocus={prepare} onClick={() => push.turnOn()}>
          {words.pushTurnOn}
        </button>
      )}
      {state.name === 'asking' && state.link && (
        <a href={state.link} target="_blank" rel="noopener">
          {words.pushOpenWindow}
        </a>
      )}
    </>
  );
}
