/**
 * The few small things that this app keeps beside the client's own cache: whether a conversation is known here, where
 * notifications are sent to, which appearance was chosen. Written only after the visitor did something; storage may throw, and
 * then they are forgotten with the page.
 */
export type KeptName = 'active' | 'push' | 'theme';

export class Kept {
  readonly #prefix: string;
  readonly #memory = new Map<KeptName, string>();

  constructor(tenantId: string) {
    this.#prefix = `inlay-app:${tenantId}:`;
  }

  read(name: KeptName): string | undefined {
    try {
      return this.#memory.get(name) ?? localStorage.getItem(this.#prefix + name) ?? undefined;
    } catch {
      // Blocked.
      return undefined;
    }
  }

  write(name: KeptName, value: string | undefined): void {
    if (value === undefined) this.#memory.delete(name);
    else this.#memory.set(name, value);
    try {
      if (value === undefined) localStorage.removeItem(this.#prefix + name);
      else localStorage.setItem(this.#prefix + name, value);
    } catch {
      // Blocked or full: the memory has it.
    }
  }
}

export type Theme = 'auto' | 'light' | 'dark';

export const THEMES: readonly Theme[] = ['auto', 'light', 'dark'];

export const keptTheme = (kept: Kept): Theme => THEMES.find((theme) => theme === kept.read('theme')) ?? 'auto';

export function applyTheme(theme: Theme): void {
  const { dataset } = document.documentElement;
  if (theme === 'auto') delete dataset.theme;
  else dataset.theme = theme;
}
