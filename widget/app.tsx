import { useEffect } from 'preact/hooks';
import { Language } from '../ui/locale.ts';
import type { Chat } from './chat.ts';
import { ConversationView } from './views/conversation-view.tsx';
import { Header } from './views/header.tsx';
import { Trouble } from './views/trouble.tsx';

export interface AppProps {
  readonly chat: Chat;
  /** A frame in the host's panel, a page, or a page inside a mini-program. */
  readonly frame: 'embed' | 'page' | 'mini-program';
  /** Closes the panel, or goes back to the mini-program; absent on a page. */
  readonly leave: (() => void) | undefined;
}

export function App({ chat, frame, leave }: AppProps) {
  const speech = chat.speech.value;
  const state = chat.client.connection.value;
  const hopeless = state.name === 'refused' && chat.target.value === 'new';
  useEffect(() => {
    if (frame !== 'embed' || !leave) return undefined;
    // Whatever is open inside the panel takes its own Escape and lets nothing through to here.
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !event.isComposing && !event.defaultPrevented) leave();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [frame, leave]);
  return (
    <Language.Provider value={speech}>
      {/* The host's page sees only a frame: that the panel is a dialog is said in here. */}
      <div
        class={chat.open.value ? `app ${frame} open` : `app ${frame}`}
        {...(frame === 'embed' && { role: 'dialog', 'aria-label': chat.tenant.value.name })}
      >
        <Header chat={chat} frame={frame} leave={leave} />
        {hopeless ? (
          <Trouble
            title={speech.words.unavailable}
            text={speech.words.refused[state.code] ?? speech.words.refused.other}
            reload={speech.words.reload}
          />
        ) : (
          <ConversationView key={chat.departures.value} chat={chat} />
        )}
      </div>
    </Language.Provider>
  );
}
