import type { IconShape } from './icons.ts';

export interface IconProps {
  /** One of ui/icons.ts. */
  readonly icon: IconShape;
  /** 14 px instead of 20. */
  readonly small?: boolean;
}

/** Decoration: the button or the text beside it carries the name. */
export function Icon({ icon, small }: IconProps) {
  return (
    <svg class={small ? 'icon small' : 'icon'} viewBox="0 0 24 24" aria-hidden="true">
      <path d={icon} />
    </svg>
  );
}
