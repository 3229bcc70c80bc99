/** The console's words: those of ui/ and its own. One language is loaded at a time. */
import { intlLocale, type LanguageTag, type Speech, type Words } from '../ui/locale.ts';
import type { Action } from './keymap.ts';
import type { DurationWords } from './waiting.ts';

export interface ConsoleWords extends Words {
  readonly duration: DurationWords;

  readonly signIn: string;
  readonly signInTo: string;
  readonly account: string;
  readonly password: string;
  readonly showPassword: string;
  readonly hidePassword: string;
  readonly signingIn: string;
  readonly signInProblems: {
    readonly empty: string;
    readonly credentials: string;
    readonly limited: (wait: string) => string;
    readonly unreachable: string;
    readonly failed: string;
    readonly ended: string;
  };
  readonly tryAgain: string;
  readonly signOut: string;
  readonly signOutFailed: string;

  readonly inbox: string;
  readonly conversations: string;
  readonly tabs: Readonly<Record<'waiting' | 'mine' | 'all', string>>;
  readonly moreThan: (count: number) => string;
  readonly emptyLists: Readonly<Record<'waiting' | 'mine' | 'all', readonly [title: string, text: string]>>;
  readonly listFailed: string;
  readonly loadingList: string;
  readonly unreadCount: (count: number) => string;
  readonly waits: (duration: string) => string;
  readonly youWrote: (text: string) => string;
  readonly closed: string;

  readonly firstUse: {
    readonly title: string;
    readonly text: string;
    readonly copy: string;
    readonly copied: string;
    readonly copyFailed: string;
    readonly or: string;
    readonly linkPage: string;
  };

  readonly nothingSelected: readonly [title: string, text: string];
  readonly gone: readonly [title: string, text: string];
  readonly noMessages: string;
  readonly status: {
    readonly waiting: (duration: string) => string;
    readonly waitingNew: string;
    readonly mine: string;
    readonly other: (name: string) => string;
    readonly closed: string;
  };
  readonly closedNote: string;
  readonly otherNote: (name: string) => string;
  readonly back: string;
  readonly actions: Readonly<Record<Action, string>>;
  readonly dismiss: string;
  readonly done: { readonly closed: (name: string) => string };
  readonly failed: {
    readonly take: string;
    readonly close: string;
    readonly reopen: string;
    readonly offline: string;
  };

  readonly person: string;
  readonly kinds: Readonly<Record<'guest' | 'user', string>>;
  readonly details: Readonly<
    Record<'contact' | 'page' | 'referrer' | 'entry' | 'language' | 'timeZone' | 'device', string>
  >;
  readonly entries: Readonly<Record<'script' | 'link' | 'mini-program' | 'element', string>>;
  readonly localTime: (time: string) => string;
  readonly form: string;
  readonly nothingKnown: string;

  readonly commandBar: string;
  readonly commandHint: string;
  readonly noCommands: string;
  readonly keys: string;
  readonly keysFor: Readonly<Record<'list' | 'conversation' | 'everywhere', string>>;

  readonly menu: string;
  readonly language: string;
  readonly theme: string;
  readonly themes: Readonly<Record<'system' | 'light' | 'dark', string>>;
  readonly languageSystem: string;
  readonly sound: string;
  readonly on: string;
  readonly off: string;
  readonly push: {
    readonly turnOn: string;
    readonly turnOff: string;
    readonly turningOn: string;
    readonly blocked: string;
    readonly needsInstall: string;
    readonly unsupported: string;
    readonly failed: string;
    readonly turnedOn: string;
    readonly turnedOff: string;
  };
}

export type ConsoleSpeech = Speech<ConsoleWords> & { readonly language: LanguageTag };

const loaders: Readonly<Record<LanguageTag, () => Promise<{ readonly words: ConsoleWords }>>> = {
  'en': () => import('./locale/en.ts'),
  'zh-CN': () => import('./locale/zh-CN.ts'),
};

export async function loadSpeech(language: LanguageTag, browser: readonly string[]): Promise<ConsoleSpeech> {
  const { words } = await loaders[language]();
  return { language, locale: intlLocale(language, browser), words };
}
