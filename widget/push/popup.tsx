import type { PopupFlow, PopupState } from './flow.ts';
import type { PopupWords } from './words.ts';

export interface PopupProps {
  readonly flow: PopupFlow;
  readonly words: PopupWords;
  /** The name under which the browser shows the notifications. */
  readonly host: string;
  readonly close: () => void;
}

interface Card {
  readonly title: string;
  readonly text?: string;
  readonly action?: { readonly label: string; readonly run: () => void };
  readonly tone?: 'ok' | 'warn';
}

export function Popup({ flow, words, host, close }: PopupProps) {
  const card = cardOf(flow.state.value, { flow, words, host, close });
  return (
    <div class="popup" data-state={flow.state.value.name}>
      <Bell tone={card.tone} />
      <div role="status">
        <h1>{card.title}</h1>
        {card.text && <p>{card.text}</p>}
      </div>
      {card.action && (
        <button type="button" class="button" onClick={card.action.run}>
          {card.action.label}
        </button>
      )}
    </div>
  );
}

function cardOf(state: PopupState, { flow, words, host, close }: PopupProps): Card {
  const turnOn = () => void flow.turnOn();
  switch (state.name) {
    case 'loading':
      return { title: words.loading };
    case 'ask':
      return {
        title: words.ask(state.redeemed.tenant.name),
        text: words.askText(host),
        action: { label: words.turnOn, run: turnOn },
      };
    case 'turning-on':
      return { title: words.turningOn, text: words.turningOnText };
    case 'done':
      return { title: words.done, text: words.doneText, tone: 'ok', action: { label: words.close, run: close } };
    case 'problem': {
      const [title, text] = words.problems[state.problem];
      const hopeless = ['expired', 'unsupported', 'needs-install'].includes(state.problem);
      const again = { label: words.tryAgain, run: turnOn };
      return { title, text, tone: 'warn', ...(!hopeless && { action: again }) };
    }
  }
}

/** Lucide: bell. */
function Bell({ tone }: { readonly tone: Card['tone'] }) {
  return (
    <svg class={`popup-bell ${tone ?? ''}`} viewBox="0 0 24 24" aria-hidden="true">
      <path d="M10.268 21a2 2 0 0 0 3.464 0" />
      <path d="M3.262 15.326A1 1 0 0 0 4 17h16a1 1 0 0 0 .74-1.673C19.41 13.956 18 12.499 18 8A6 6 0 0 0 6 8c0 4.499-1.411 5.956-2.738 7.326" />
    </svg>
  );
}
