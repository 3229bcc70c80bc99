import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { accentFor, contrast } from './color.ts';

const colours = [
  '#3b5bfd',
  '#000000',
  '#ffffff',
  '#facc15',
  '#ff0000',
  '#00ff00',
  '#0f766e',
  '#e11d48',
  '#808080',
  '#f97316',
];

const css = readFileSync(new URL('theme.css', import.meta.url), 'utf8');
const declared = (name: string, sheet = css) => sheet.match(new RegExp(`--${name}: (#\\w+)`))?.[1] ?? '';
const [light, dark] = css.split('@media (prefers-color-scheme: dark)');
/** What `--surface`, `--field`, `--raised`, `--bubble` and `--hover` are: from the palest to the one that stands out most. */
const lightSurfaces = ['neutral-1', 'neutral-2'].map((name) => declared(name, light));
const darkSurfaces = ['neutral-0', 'neutral-1', 'neutral-2', 'neutral-3'].map((name) => declared(name, dark));

test('contrast is that of WCAG', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
  expect(contrast('#767676', '#ffffff')).toBeCloseTo(4.54, 2);
});

test.each(colours)('text on %s, and it as text on each surface, can be read', (colour) => {
  const { accent, text, inkLight, inkDark } = accentFor(colour);
  expect(contrast(text, accent)).toBeGreaterThanOrEqual(4.5);
  for (const surface of ['#ffffff', ...lightSurfaces]) expect(contrast(inkLight, surface)).toBeGreaterThanOrEqual(4.5);
  for (const surface of darkSurfaces) expect(contrast(inkDark, surface)).toBeGreaterThanOrEqual(4.5);
});

test.each(colours)('text on the hovered and pressed %s can be read, too', (colour) => {
  const { text, hover, pressed } = accentFor(colour);
  expect(contrast(text, hover)).toBeGreaterThanOrEqual(4.5);
  expect(contrast(text, pressed)).toBeGreaterThanOrEqual(4.5);
});

test('a readable colour is left alone, an unreadable one is moved and says so', () => {
  expect(accentFor('#3b5bfd')).toMatchObject({ accent: '#3b5bfd', text: '#ffffff', moved: false });
  expect(accentFor('#e8590c')).toMatchObject({ text: '#ffffff', moved: true });
  expect(accentFor('#facc15')).toMatchObject({ accent: '#facc15', text: '#14171f', moved: false });
});

test('the style sheet holds what is computed for the default accent', () => {
  const { accent, hover, pressed, inkLight, inkDark } = accentFor('#3b5bfd');
  const names = ['accent', 'accent-hover', 'accent-pressed', 'accent-ink-light', 'accent-ink-dark'];
  expect(names.map((name) => declared(name))).toEqual([accent, hover, pressed, inkLight, inkDark]);
});
