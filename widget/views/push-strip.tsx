import { useState } from 'preact/hooks';
import { Icon } from '../../ui/icon.tsx';
import { cross } from '../../ui/icons.ts';
import { bell } from '../../ui/later-icons.ts';
import type { Chat } from '../chat.ts';
import type { Extras } from '../extras.ts';
import { pushWords } from './push-words.ts';

export interface PushStripProps {
  readonly chat: Chat;
  readonly extras: Extras;
}

/**
 * Offers a notification when there is something to wait for: the visitor has written, and nobody has answered yet or nobody is
 * there. Once turned away it is only in the menu.
 */
export function PushStrip({ chat, extras: { push } }: PushStripProps) {
  const { words } = chat.speech.value;
  const state = push.state.value;
  const [dismissed, setDismissed] = useState(false);
  const [asked, setAsked] = useState(false);
  const offered = state.name === 'off' || state.name === 'failed';
  const wanted = isWaiting(chat) && (offered || state.name === 'needs-install');
  // Who asked wants to see how it goes.
  const going = asked && state.name !== 'off';
  if (dismissed || !(going || wanted)) return null;
  const prepare = () => push.prepare();
  return (
    <aside class="strip" aria-label={words.notifications}>
      <Icon icon={bell} />
      <p role="status">{pushWords(state, words)}</p>
      {state.name === 'asking' && state.link && (
        <a class="strip-action" href={state.link} target="_blank" rel="noopener">
          {words.pushOpenWindow}
        </a>
      )}
      {offered && (
        <button
          type="button"
          class="strip-action"
          onPointerEnter={prepare}
          onPointerDown={prepare}
          onFocus={prepare}
          onClick={() => {
            setAsked(true);
            push.turnOn();
          }}
        >
          {words.pushTurnOn}
        </button>
      )}
      <button type="button" class="icon-button" aria-label={words.close} onClick={() => setDismissed(true)}>
        <Icon icon={cross} />
      </button>
    </aside>
  );
}

function isWaiting(chat: Chat): boolean {
  if (chat.client.session.value === undefined) return false;
  const { entries } = chat.client.timeline(chat.target.value).value;
  const wrote = entries.some((entry) => entry.mine && entry.seq !== undefined);
  return wrote && (!chat.agent.value || !chat.client.deskOnline.value);
}
