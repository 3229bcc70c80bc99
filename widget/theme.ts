import { type Signal, signal } from '@preact/signals';
import { applyTheme, type Kept, keptTheme, type Theme } from './kept.ts';

/** As the visitor chose it, else as the system has it. */
export class ThemeChoice {
  readonly #kept: Kept;
  readonly theme: Signal<Theme>;

  constructor(kept: Kept) {
    this.#kept = kept;
    this.theme = signal(keptTheme(kept));
  }

  choose(theme: Theme): void {
    this.theme.value = theme;
    this.#kept.write('theme', theme === 'auto' ? undefined : theme);
    applyTheme(theme);
  }
}
