import { expect, test } from 'vitest';
import { fitBox } from './fit-box.ts';

test('a picture keeps its shape within the bubble and is never enlarged', () => {
  expect(fitBox(1600, 1200)).toEqual({ width: 260, height: 195 });
  expect(fitBox(600, 1200)).toEqual({ width: 160, height: 320 });
  expect(fitBox(120, 80)).toEqual({ width: 120, height: 80 });
});

test('a thread-thin picture can still be tapped', () => {
  expect(fitBox(4000, 10)).toEqual({ width: 260, height: 48 });
});
