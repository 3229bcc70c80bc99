import { expect, test } from 'vitest';
import { EnterKey, type KeyStroke } from './enter-key.ts';

const stroke = (over: Partial<KeyStroke> = {}): KeyStroke => ({
  key: 'Enter',
  keyCode: 13,
  isComposing: false,
  shiftKey: false,
  ctrlKey: false,
  altKey: false,
  metaKey: false,
  timeStamp: 1_000,
  ...over,
});

test('Enter sends; other keys, and Enter with Shift or Alt, do not', () => {
  const enter = new EnterKey();
  expect(enter.sends(stroke())).toBe(true);
  expect(enter.sends(stroke({ ctrlKey: true }))).toBe(true);
  expect(enter.sends(stroke({ shiftKey: true }))).toBe(false);
  expect(enter.sends(stroke({ altKey: true }))).toBe(false);
  expect(enter.sends(stroke({ key: 'a' }))).toBe(false);
});

test('Enter that confirms a candidate does not send, by whatever mark the browser gives it', () => {
  const enter = new EnterKey();
  expect(enter.sends(stroke({ isComposing: true }))).toBe(false);
  expect(enter.sends(stroke({ keyCode: 229 }))).toBe(false);
  enter.compositionStarted();
  expect(enter.sends(stroke())).toBe(false);
});

test('where the composition ends before the key comes (Safari), that key does not send and the next one does', () => {
  const enter = new EnterKey();
  enter.compositionStarted();
  enter.compositionEnded(1_000);
  expect(enter.sends(stroke({ timeStamp: 1_001 }))).toBe(false);
  expect(enter.sends(stroke({ timeStamp: 1_200 }))).toBe(true);
});
