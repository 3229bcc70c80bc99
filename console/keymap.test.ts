import { expect, test } from 'vitest';
import { actionOf, ariaKeys, type KeyPress, keyLabels } from './keymap.ts';

const press = (key: string, extra: Partial<KeyPress> = {}): KeyPress => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  isComposing: false,
  repeat: false,
  ...extra,
});

test('a letter is a command where nothing is written, and a letter where something is', () => {
  expect(actionOf(press('t'), 'elsewhere')).toBe('take');
  expect(actionOf(press('E'), 'list')).toBe('close');
  expect(actionOf(press('t'), 'text')).toBeUndefined();
});

test('with a modifier a letter is the browser’s', () => {
  expect(actionOf(press('r', { ctrlKey: true }), 'elsewhere')).toBeUndefined();
  expect(actionOf(press('t', { metaKey: true }), 'elsewhere')).toBeUndefined();
});

test('the command bar opens from everywhere, also from within a text', () => {
  expect(actionOf(press('k', { ctrlKey: true }), 'text')).toBe('commands');
  expect(actionOf(press('K', { metaKey: true }), 'elsewhere')).toBe('commands');
});

test('arrows move in the list, and scroll elsewhere', () => {
  expect(actionOf(press('ArrowDown'), 'list')).toBe('next');
  expect(actionOf(press('ArrowUp'), 'list')).toBe('previous');
  expect(actionOf(press('ArrowDown'), 'elsewhere')).toBeUndefined();
});

test('a key that is held moves on, but closes once', () => {
  expect(actionOf(press('j', { repeat: true }), 'elsewhere')).toBe('next');
  expect(actionOf(press('e', { repeat: true }), 'elsewhere')).toBeUndefined();
});

test('while an input method composes, its keys are its own', () => {
  expect(actionOf(press('k', { ctrlKey: true, isComposing: true }), 'text')).toBeUndefined();
  expect(actionOf(press('j', { isComposing: true }), 'elsewhere')).toBeUndefined();
});

test('every label leads to its action', () => {
  for (const [action, labels] of Object.entries(keyLabels)) {
    if (action === 'commands') continue;
    const keys = labels.map((label) => ({ '↓': 'ArrowDown', '↑': 'ArrowUp' })[label] ?? label);
    expect(keys.map((key) => actionOf(press(key), 'list'))).toEqual(keys.map(() => action));
  }
  expect(ariaKeys('next')).toBe('J ArrowDown');
});
