import type { ComponentChildren } from 'preact';
import { Icon } from '../../ui/icon.tsx';
import type { IconShape } from '../../ui/icons.ts';
import { type Action, ariaKeys, keyLabels } from '../keymap.ts';
import { useConsole } from './console-context.ts';

export interface KeyButtonProps {
  readonly action: Action;
  readonly icon?: IconShape;
  /** Only the icon is seen; the name is for screen readers and the tooltip. Default false. */
  readonly bare?: boolean;
  /** Default `button quiet`, bare ones `icon-button`. */
  readonly class?: string;
  /** Default: the action's name. */
  readonly label?: string;
  readonly expanded?: boolean;
}

/** A button for an action; its tooltip shows the key that does the same. */
export function KeyButton({ action, icon, bare = false, expanded, ...props }: KeyButtonProps) {
  const { bench, words } = useConsole();
  const label = props.label ?? words.actions[action];
  return (
    <button
      type="button"
      class={`tipped ${props.class ?? (bare ? 'icon-button' : 'button quiet')}`}
      aria-label={bare ? label : undefined}
      aria-keyshortcuts={ariaKeys(action)}
      aria-expanded={expanded}
      onClick={() => bench.act(action)}
    >
      {icon && <Icon icon={icon} />}
      {!bare && label}
      <Tip text={words.actions[action]} keys={keyLabels[action]} />
    </button>
  );
}

export interface TipProps {
  readonly text: string;
  readonly keys?: readonly string[];
}

/** Shown by the style sheet while its parent (`tipped`) is hovered or has the focus. */
export function Tip({ text, keys }: TipProps) {
  return (
    <span class="tip" aria-hidden="true">
      {text}
      {keys && <Keys keys={keys} />}
    </span>
  );
}

export function Keys({ keys }: { readonly keys: readonly string[] }): ComponentChildren {
  return (
    <span class="keys">
      {keys.map((key) => (
        <kbd key={key}>{key}</kbd>
      ))}
    </span>
  );
}
