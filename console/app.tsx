import type { ReadonlySignal } from '@preact/signals';
import { Language } from '../ui/locale.ts';
import type { Entrance } from './entrance.ts';
import type { Preferences } from './preferences.ts';
import { Console } from './views/console-context.ts';
import { Restoring, Unreachable } from './views/restoring.tsx';
import { SignIn } from './views/sign-in.tsx';
import { WorkbenchView } from './views/workbench-view.tsx';
import type { ConsoleSpeech } from './words.ts';

export interface AppProps {
  readonly entrance: Entrance;
  readonly speech: ReadonlySignal<ConsoleSpeech>;
  readonly preferences: Preferences;
}

export function App({ entrance, speech, preferences }: AppProps) {
  return (
    <Language.Provider value={speech.value}>
      <Stage {...{ entrance, speech, preferences }} />
    </Language.Provider>
  );
}

function Stage({ entrance, speech, preferences }: AppProps) {
  const stage = entrance.stage.value;
  const { words } = speech.value;
  switch (stage.name) {
    case 'restoring':
      return <Restoring words={words} />;
    case 'unreachable':
      return <Unreachable words={words} problem={stage.problem} onRetry={() => void entrance.restore()} />;
    case 'signed-out':
      return (
        <SignIn words={words} stage={stage} onSubmit={(account, password) => void entrance.signIn(account, password)} />
      );
    case 'working': {
      const { bench } = stage.shift;
      const signOut = async () => {
        if (!(await entrance.signOut())) bench.toasts.show(words.signOutFailed, { failed: true });
      };
      return (
        <Console.Provider
          value={{ bench, preferences, words, locale: speech.value.locale, signOut: () => void signOut() }}
        >
          <WorkbenchView />
        </Console.Provider>
      );
    }
  }
}
