import { expect, test } from 'vitest';
import { inkOn, styleFor } from './style.ts';

const channel = (value: number) => (value <= 10 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4);

/** Contrast ratio with white or black, as WCAG 2.2 defines it. */
function contrast(rgb: readonly [number, number, number], ink: string): number {
  const [red, green, blue] = rgb;
  const luminance = 0.2126 * channel(red) + 0.7152 * channel(green) + 0.0722 * channel(blue);
  return ink === '#fff' ? 1.05 / (luminance + 0.05) : (luminance + 0.05) / 0.05;
}

const hex = (rgb: readonly number[]) => `#${rgb.map((value) => value.toString(16).padStart(2, '0')).join('')}`;

test('the icon is seen on every accent', () => {
  const steps = Array.from({ length: 18 }, (_, step) => step * 15);
  let worst = Number.POSITIVE_INFINITY;
  for (const red of steps)
    for (const green of steps)
      for (const blue of steps) {
        const rgb = [red, green, blue] as const;
        worst = Math.min(worst, contrast(rgb, inkOn(hex(rgb))));
      }
  expect(worst).toBeGreaterThan(3);
});

test('usual accents get white, light ones black, and what is no hex colour gets white', () => {
  expect(['#3B5BFD', '#0a7d55', '#d92d20', 'tomato', ''].map(inkOn)).toEqual(Array(5).fill('#fff'));
  expect(['#ffffff', '#ffd400', '#7fc4a0'].map(inkOn)).toEqual(Array(3).fill('#000'));
});

test('the sheet has no rule that could match outside the shadow root', () => {
  expect(styleFor('#3B5BFD', 'left')).toContain('bottom:20px;left:20px');
  expect(styleFor('#3B5BFD', 'right')).not.toMatch(/:root|html|body|\/\*|undefined/);
});
