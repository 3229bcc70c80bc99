import { intlLocale, pickLanguage } from '../ui/locale.ts';
import type { WidgetSpeech, WidgetWords } from './words.ts';

const languages: Readonly<Record<ReturnType<typeof pickLanguage>, () => Promise<{ readonly words: WidgetWords }>>> = {
  'en': () => import('./locale/en.ts'),
  'zh-CN': () => import('./locale/zh-CN.ts'),
};

/** Loads the one language that is spoken: the host's wish, else the visitor's. */
export async function loadSpeech(wish: string | undefined, browser: readonly string[]): Promise<WidgetSpeech> {
  const language = pickLanguage([wish, ...browser]);
  const { words } = await languages[language]();
  return { locale: intlLocale(language, browser), words };
}

/** For `<html lang>` and the tenant's texts. */
export const languageOf = ({ locale }: WidgetSpeech): 'en' | 'zh-CN' => (locale.startsWith('zh') ? 'zh-CN' : 'en');
