import type { Speech, Words } from '../ui/locale.ts';

/** What the visitor's app says beyond the words of a conversation. */
export interface WidgetWords extends Words {
  readonly chat: string;
  readonly back: string;
  readonly menu: string;
  readonly online: string;
  readonly away: string;
  readonly greeting: string;
  readonly questions: string;
  readonly newMessage: string;

  readonly theme: string;
  readonly themes: Readonly<Record<'auto' | 'light' | 'dark', string>>;

  readonly notifications: string;
  readonly pushOffer: string;
  readonly pushLater: string;
  readonly pushTurnOn: string;
  readonly pushAsking: string;
  readonly pushOpenWindow: string;
  readonly pushOn: string;
  readonly pushBlocked: string;
  readonly pushNeedsInstall: string;
  readonly pushUnsupported: string;
  readonly pushFailed: string;

  readonly reload: string;
  readonly unavailable: string;
}

export type WidgetSpeech = Speech<WidgetWords>;
