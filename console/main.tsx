import { effect, signal } from '@preact/signals';
import { render } from 'preact';
import { createClient } from '../client/client.ts';
import { App } from './app.tsx';
import { Entrance } from './entrance.ts';
import { localeFor, Preferences } from './preferences.ts';
import { Route } from './route.ts';
import { beginShift } from './shift.ts';
import { Sound } from './sound.ts';
import { loadSpeech } from './words.ts';

const preferences = new Preferences(() => localStorage);
const wished = () => localeFor(preferences.locale.value, navigator.languages);

effect(() => {
  const theme = preferences.theme.value;
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
});

async function start(): Promise<void> {
  const speech = signal(await loadSpeech(wished(), navigator.languages));
  effect(() => {
    const language = wished();
    // The last language that was wished counts, in whatever order they come.
    void loadSpeech(language, navigator.languages).then((loaded) => {
      if (wished() === language) speech.value = loaded;
    });
  });
  effect(() => {
    document.documentElement.lang = speech.value.language;
  });
  const shiftParts = {
    createClient: (tenantId: Parameters<typeof beginShift>[1]['tenantId']) =>
      createClient({ url: location.origin, tenantId, actor: 'agent', name: 'inlay-console' }),
    speech,
    preferences,
    route: new Route(window),
    sound: new Sound(),
  };
  const entrance = new Entrance({
    fetch: (path, init) => fetch(path, init),
    beginShift: (session) => beginShift(shiftParts, session),
  });
  const root = document.getElementById('app');
  if (root) render(<App {...{ entrance, speech, preferences }} />, root);
  await entrance.restore();
}

void start();
