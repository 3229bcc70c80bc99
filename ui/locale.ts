/**
 * The words of a user interface. Each language is a module of its own that implements `Words`; widget and console extend it by
 * words of their own (a module there spreads the one here), so that one request brings one whole language:
 *
 *     const { words } = await import('./locale/zh-CN.ts');
 *     <Language.Provider value={{ locale: 'zh-CN', words }}> … useWords() …
 */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { ErrorCode } from '../protocol/errors.ts';

export type LanguageTag = 'en' | 'zh-CN';

export interface Words {
  /** A visitor without a name. */
  readonly guest: string;
  /** An agent without a name. */
  readonly agent: string;
  readonly close: string;
  readonly justNow: string;

  // The list of messages
  readonly messages: string;
  readonly loadingMessages: string;
  readonly loadingEarlier: string;
  readonly unread: string;
  readonly newMessages: (count: number) => string;
  readonly toNewest: string;
  readonly typing: (names: readonly string[]) => string;
  /** For a screen reader, when a message comes in. */
  readonly wrote: (name: string, text: string) => string;
  readonly you: string;
  readonly states: Readonly<Record<'queued' | 'sending' | 'sent' | 'delivered' | 'read', string>>;
  readonly notSent: string;
  readonly discard: string;
  /** Why a message failed, where trying again cannot help; `other` where it can. */
  readonly failures: Readonly<Partial<Record<ErrorCode, string>>>;
  readonly picture: (name: string) => string;
  readonly file: (name: string) => string;
  readonly uploading: (name: string) => string;
  readonly cancelUpload: string;
  readonly unknownContent: string;
  /** In the place of a message that its sender took back, that an agent took away. */
  readonly recalled: string;
  readonly deleted: string;

  // The composer
  readonly message: string;
  readonly send: string;
  readonly attach: string;
  readonly emoji: string;
  readonly dropFiles: string;
  readonly charactersLeft: (count: number) => string;
  readonly tooLong: (count: number) => string;
  readonly fileTooLarge: (name: string, limit: string) => string;
  readonly fileEmpty: (name: string) => string;
  readonly fileKindForbidden: (name: string) => string;

  // The connection
  readonly offline: string;
  readonly reconnecting: string;
  readonly refused: Readonly<Partial<Record<ErrorCode, string>>> & { readonly other: string };
}

export interface Speech<Extended extends Words = Words> {
  /** For Intl: the visitor's own variant of the language where there is one, e.g. `en-GB`. */
  readonly locale: string;
  readonly words: Extended;
}

export const Language = createContext<Speech | undefined>(undefined);

export function useSpeech(): Speech {
  const speech = useContext(Language);
  if (!speech) throw new Error('no Language.Provider above this component');
  return speech;
}

export const useWords = (): Words => useSpeech().words;

/** The first of the wishes that we speak, else English. Any Chinese is answered in simplified Chinese. */
export function pickLanguage(wishes: readonly (string | undefined)[]): LanguageTag {
  for (const wish of wishes) {
    if (wish && /^zh\b/i.test(wish)) return 'zh-CN';
    if (wish && /^en\b/i.test(wish)) return 'en';
  }
  return 'en';
}

/** How the person writes numbers and dates, if the browser says it of this very language. */
export function intlLocale(language: LanguageTag, browser: readonly string[]): string {
  const base = language.slice(0, 2);
  return browser.find((tag) => tag.toLowerCase().startsWith(base)) ?? language;
}

/** A text by language, as tenants give it: a missing one falls back to English, then to any. */
export function inLanguage<Value>(
  values: Readonly<Record<string, Value>> | undefined,
  language: string,
): Value | undefined {
  return values?.[language] ?? values?.en ?? Object.values(values ?? {})[0];
}
