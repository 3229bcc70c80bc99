import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Preferences } from '../preferences.ts';
import type { ConsoleWords } from '../words.ts';
import type { Workbench } from '../workbench.ts';

export interface ConsoleValue {
  readonly bench: Workbench;
  readonly preferences: Preferences;
  readonly words: ConsoleWords;
  /** For Intl. */
  readonly locale: string;
  readonly signOut: () => void;
}

export const Console = createContext<ConsoleValue | undefined>(undefined);

export function useConsole(): ConsoleValue {
  const value = useContext(Console);
  if (!value) throw new Error('no Console.Provider above this component');
  return value;
}
