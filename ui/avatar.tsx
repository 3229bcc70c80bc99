import { useState } from 'preact/hooks';
import type { User } from '../protocol/users.ts';

export interface AvatarProps {
  /** Undefined: a person of whom nothing is known yet. */
  readonly user: User | undefined;
  /** Shown where the user has no name. */
  readonly name: string;
  /** CSS pixels. Default 28. */
  readonly size?: number;
}

const HUES = 7;

/** A face beside words that name the person: it says nothing to a screen reader. */
export function Avatar({ user, name, size }: AvatarProps) {
  const [broken, setBroken] = useState<string>();
  const shown = user?.name ?? name;
  const picture = user?.avatar?.startsWith('https://') && user.avatar !== broken ? user.avatar : undefined;
  const style = size ? { '--face': `${size}px` } : {};
  return (
    <span class={`avatar face-${hueOf(user?.userId ?? shown)}`} style={style} aria-hidden="true">
      {picture ? (
        <img src={picture} alt="" referrerpolicy="no-referrer" onError={() => setBroken(picture)} />
      ) : (
        initialOf(shown)
      )}
    </span>
  );
}

/** The first character as people see one; surrogate pairs stay whole. */
function initialOf(name: string): string {
  return (Array.from(name.trim())[0] ?? '?').toUpperCase();
}

function hueOf(seed: string): number {
  let sum = 0;
  for (const character of seed) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 9973;
  return sum % HUES;
}
