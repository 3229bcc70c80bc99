/** A popover with a grid: arrows move, Enter picks, Escape closes, Shift with Enter or a click picks and stays open. */
import './emoji-picker.css';
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useSpeech } from '../locale.ts';
import { emojiGroups } from './emoji-set.ts';

export interface EmojiPickerProps {
  /** The button it belongs to; a click there is the button's own matter. */
  readonly anchor: RefObject<HTMLElement | null>;
  readonly onPick: (emoji: string) => void;
  readonly onClose: () => void;
}

export function EmojiPicker({ anchor, onPick, onClose }: EmojiPickerProps) {
  const { words, locale } = useSpeech();
  const chinese = locale.startsWith('zh');
  const popover = useRef<HTMLDivElement>(null);
  useEffect(() => {
    buttonsOf(popover.current)[0]?.focus();
    const outside = ({ target }: Event) => {
      if (!(target instanceof Node) || popover.current?.contains(target) || anchor.current?.contains(target)) return;
      onClose();
    };
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, []);
  const pick = (emoji: string, stay: boolean) => {
    onPick(emoji);
    if (!stay) onClose();
  };
  return (
    <div
      ref={popover}
      class="emoji-picker"
      role="dialog"
      aria-label={words.emoji}
      onKeyDown={(event) => {
        if (event.key === 'Escape') {
          event.stopPropagation();
          onClose();
        } else if (move(popover.current, event.key)) event.preventDefault();
      }}
    >
      {emojiGroups.map((group) => (
        <section key={group.en}>
          <h2>{chinese ? group.zh : group.en}</h2>
          <div class="emoji-grid">
            {group.emoji.map(([emoji, en, zh]) => (
              <button
                key={emoji}
                type="button"
                tabIndex={-1}
                aria-label={chinese ? zh : en}
                title={chinese ? zh : en}
                onClick={(event) => pick(emoji, event.shiftKey)}
              >
                {emoji}
              </button>
            ))}
          </div>
        </section>
      ))}
    </div>
  );
}

const buttonsOf = (popover: HTMLElement | null): HTMLElement[] => [...(popover?.querySelectorAll('button') ?? [])];

/** False: not a key that moves. */
function move(popover: HTMLElement | null, key: string): boolean {
  const buttons = buttonsOf(popover);
  const at = buttons.indexOf(document.activeElement as HTMLElement);
  const target = targetOf(key, at, buttons);
  if (target === undefined) return false;
  buttons[Math.min(buttons.length - 1, Math.max(0, target))]?.focus();
  return true;
}

function targetOf(key: string, at: number, buttons: readonly HTMLElement[]): number | undefined {
  switch (key) {
    case 'ArrowRight':
      return at + 1;
    case 'ArrowLeft':
      return at - 1;
    case 'ArrowDown':
      return neighbour(at, buttons, 1);
    case 'ArrowUp':
      return neighbour(at, buttons, -1);
    case 'Home':
      return 0;
    case 'End':
      return buttons.length - 1;
    default:
      return undefined;
  }
}

/** The nearest one of the row below (1) or above (-1), also where that belongs to another group. */
function neighbour(at: number, buttons: readonly HTMLElement[], direction: 1 | -1): number {
  const { offsetTop = 0, offsetLeft = 0 } = buttons[at] ?? {};
  const ahead = (button: HTMLElement) => (button.offsetTop - offsetTop) * direction;
  const distance = (button: HTMLElement) => ahead(button) * 1000 + Math.abs(button.offsetLeft - offsetLeft);
  const [nearest] = buttons.filter((button) => ahead(button) > 0).sort((one, other) => distance(one) - distance(other));
  return nearest ? buttons.indexOf(nearest) : at;
}
