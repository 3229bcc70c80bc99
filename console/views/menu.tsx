import type { Signal } from '@preact/signals';
import { keyLabels } from '../keymap.ts';
import type { LocaleChoice, Theme } from '../preferences.ts';
import { useConsole } from './console-context.ts';
import { Keys } from './key-button.tsx';
import { Popover } from './popover.tsx';

export function Menu() {
  const { bench, preferences, words, signOut } = useConsole();
  const locales: readonly (readonly [LocaleChoice, string])[] = [
    ['system', words.languageSystem],
    ['en', 'English'],
    ['zh-CN', '简体中文'],
  ];
  const themes = (['system', 'light', 'dark'] as const).map((theme) => [theme, words.themes[theme]] as const);
  return (
    <Popover
      label={words.menu}
      class="menu"
      onClose={() => {
        bench.panel.value = undefined;
      }}
    >
      <p class="menu-who" dir="auto">
        {bench.agent.name ?? words.agent}
      </p>
      <Choice<LocaleChoice> name="language" label={words.language} setting={preferences.locale} options={locales} />
      <Choice<Theme> name="theme" label={words.theme} setting={preferences.theme} options={themes} />
      <label class="menu-item">
        <input
          type="checkbox"
          checked={preferences.sound.value === 'on'}
          onChange={(event) => {
            preferences.sound.value = event.currentTarget.checked ? 'on' : 'off';
          }}
        />
        {words.sound}
      </label>
      <button type="button" class="menu-item" onClick={() => bench.toggle('help')}>
        {words.keys}
        <Keys keys={keyLabels.help} />
      </button>
      <button type="button" class="menu-item" onClick={signOut}>
        {words.signOut}
      </button>
    </Popover>
  );
}

interface ChoiceProps<Value extends string> {
  readonly name: string;
  readonly label: string;
  readonly setting: Signal<Value>;
  readonly options: readonly (readonly [Value, string])[];
}

function Choice<Value extends string>({ name, label, setting, options }: ChoiceProps<Value>) {
  return (
    <fieldset class="choice">
      <legend>{label}</legend>
      {options.map(([value, text]) => (
        <label key={value} class="menu-item">
          <input
            type="radio"
            name={name}
            checked={setting.value === value}
            onChange={() => {
              setting.value = value;
            }}
          />
          {text}
        </label>
      ))}
    </fieldset>
  );
}
