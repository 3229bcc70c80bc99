import { Icon } from '../../ui/icon.tsx';
import type { IconShape } from '../../ui/icons.ts';

export interface HintProps {
  readonly words: readonly [title: string, text: string];
  readonly icon?: IconShape;
}

/** In a column that is empty: what it is for, and what to do. */
export function Hint({ words: [title, text], icon }: HintProps) {
  return (
    <div class="hint">
      {icon && <Icon icon={icon} />}
      <h2>{title}</h2>
      <p>{text}</p>
    </div>
  );
}
