/**
 * The keys of the workbench. A letter alone is a command only while nothing is being written: the check is on the target, so
 * that a field which is added later is safe without knowing of this file.
 */

export type Action =
  | 'take'
  | 'close'
  | 'reopen'
  | 'next'
  | 'previous'
  | 'reply'
  | 'person'
  | 'undo'
  | 'commands'
  | 'help'
  | 'tab-waiting'
  | 'tab-mine'
  | 'tab-all';

/** What of a KeyboardEvent decides. */
export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  /** An input method is composing: its keys are its own. */
  readonly isComposing: boolean;
  readonly repeat: boolean;
}

const letters: Readonly<Record<string, Action>> = {
  't': 'take',
  'e': 'close',
  'o': 'reopen',
  'j': 'next',
  'k': 'previous',
  'r': 'reply',
  'i': 'person',
  'z': 'undo',
  '1': 'tab-waiting',
  '2': 'tab-mine',
  '3': 'tab-all',
  '?': 'help',
};

/** Only where the list has the focus: elsewhere they scroll what is read. */
const arrows: Readonly<Record<string, Action>> = { arrowdown: 'next', arrowup: 'previous', enter: 'reply' };

/** Moving may go on while the key is held; anything else would be done many times. */
const repeatable: readonly Action[] = ['next', 'previous'];

/** Where the focus is: in something that takes text, on the list of conversations, or elsewhere. */
export type Focus = 'text' | 'list' | 'elsewhere';

export function actionOf(press: KeyPress, focus: Focus): Action | undefined {
  if (press.isComposing) return undefined;
  const key = press.key.toLowerCase();
  if (key === 'k' && (press.ctrlKey || press.metaKey) && !press.altKey) return press.repeat ? undefined : 'commands';
  if (focus === 'text' || press.ctrlKey || press.metaKey || press.altKey) return undefined;
  const action = letters[key] ?? (focus === 'list' ? arrows[key] : undefined);
  if (!action || (press.repeat && !repeatable.includes(action))) return undefined;
  return action;
}

/** What stands on the key, for tooltips and the list of keys. */
export const keyLabels: Readonly<Record<Action, readonly string[]>> = {
  'take': ['T'],
  'close': ['E'],
  'reopen': ['O'],
  'next': ['J', '↓'],
  'previous': ['K', '↑'],
  'reply': ['R'],
  'person': ['I'],
  'undo': ['Z'],
  'commands': ['Ctrl K'],
  'help': ['?'],
  'tab-waiting': ['1'],
  'tab-mine': ['2'],
  'tab-all': ['3'],
};

/** `aria-keyshortcuts` in the form of WAI-ARIA. */
export function ariaKeys(action: Action): string {
  if (action === 'commands') return 'Control+K Meta+K';
  return keyLabels[action].map((label) => ({ '↓': 'ArrowDown', '↑': 'ArrowUp' })[label] ?? label).join(' ');
}

/** Radios and the like count as text: letters and arrows mean something to them. */
export function focusOf(target: EventTarget | null): Focus {
  if (!(target instanceof HTMLElement)) return 'elsewhere';
  if (target.isContentEditable || target.matches('input, textarea, select')) return 'text';
  return target.closest('[role="listbox"]') ? 'list' : 'elsewhere';
}
