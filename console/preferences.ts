/**
 * What an agent has set for this browser. localStorage throws where cookies are blocked and in some private windows; a setting
 * then lasts as long as the page.
 */
import { type Signal, signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';
export type LocaleChoice = 'system' | 'en' | 'zh-CN';

export type Storage = Pick<globalThis.Storage, 'getItem' | 'setItem'>;

const PREFIX = 'inlay-console.';

export class Preferences {
  readonly theme: Signal<Theme>;
  readonly locale: Signal<LocaleChoice>;
  readonly sound: Signal<'on' | 'off'>;
  readonly #storage: () => Storage;

  /** A function, since in some browsers the mere word `localStorage` throws. */
  constructor(storage: () => Storage) {
    this.#storage = storage;
    this.theme = this.#kept('theme', ['system', 'light', 'dark']);
    this.locale = this.#kept('locale', ['system', 'en', 'zh-CN']);
    this.sound = this.#kept('sound', ['on', 'off']);
  }

  /** The first of `allowed` is the default. */
  #kept<Value extends string>(name: string, allowed: readonly [Value, ...Value[]]): Signal<Value> {
    const kept = this.#read(name);
    const setting = signal<Value>(allowed.find((value) => value === kept) ?? allowed[0]);
    let first = true;
    setting.subscribe((value) => {
      if (!first) this.#write(name, value);
      first = false;
    });
    return setting;
  }

  #read(name: string): string | null {
    try {
      return this.#storage().getItem(PREFIX + name);
    } catch {
      // Blocked: the default.
      return null;
    }
  }

  #write(name: string, value: string): void {
    try {
      this.#storage().setItem(PREFIX + name, value);
    } catch {
      // Blocked or full: it holds until the page is left.
    }
  }
}

/** The language of the words: chosen, or the browser's. */
export function localeFor(choice: LocaleChoice, languages: readonly string[]): 'en' | 'zh-CN' {
  if (choice !== 'system') return choice;
  const known = languages.find((language) => /^(zh|en)\b/i.test(language));
  return known && /^zh\b/i.test(known) ? 'zh-CN' : 'en';
}
