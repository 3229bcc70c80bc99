/**
 * A tenant's colour made readable.
 *
 * A colour on which neither white nor black text reaches a contrast of 4.5 does not exist, but white on a middle tone
 * looks right long after it cannot be read. So: white where it can be read; where it nearly can, the colour is darkened (in OKLCH,
 * which keeps the hue) until it can; light colours get dark text instead. Where the accent itself is text or a line on
 * a surface, it is moved until it has 4.5 on each of them. Computed here and not by color-mix, which Safari 15 does not have.
 */
type Triple = readonly [number, number, number];

export interface Accent {
  readonly accent: string;
  /** Text on the accent. */
  readonly text: string;
  readonly hover: string;
  readonly pressed: string;
  /** The accent as text, ring or line on the light and on the dark surface. */
  readonly inkLight: string;
  readonly inkDark: string;
  /** The tenant's colour could not be used as it is. */
  readonly moved: boolean;
}

/** WCAG 2.2, 1.4.3. */
const READABLE = 4.5;
/** White has at least this much on colours that are darkened rather than given dark text. */
const NEARLY = 3;
const STEP = 0.01;
const INK = '#14171f';
/** Of the surfaces of theme.css on which the accent is text, those that are hardest: bubbles, strips and what is hovered. */
const LIGHT_SURFACE = '#eff1f5';
const DARK_SURFACE = '#2c3240';

export function accentFor(colour: string): Accent {
  const white = contrast(colour, '#ffffff');
  const dark = white < NEARLY;
  const accent = dark ? colour : shift(colour, -STEP, (tried) => contrast(tried, '#ffffff') >= READABLE);
  const direction = dark ? 1 : -1;
  return {
    accent,
    text: dark ? INK : '#ffffff',
    hover: lighten(accent, 0.04 * direction),
    pressed: lighten(accent, 0.08 * direction),
    inkLight: shift(accent, -STEP, (tried) => contrast(tried, LIGHT_SURFACE) >= READABLE),
    inkDark: shift(accent, STEP, (tried) => contrast(tried, DARK_SURFACE) >= READABLE),
    moved: accent !== colour,
  };
}

/** By CSSOM, which a strict style policy allows. */
export function applyAccent(colour: string, root: HTMLElement = document.documentElement): void {
  const { accent, text, hover, pressed, inkLight, inkDark } = accentFor(colour);
  const values = { accent, 'accent-text': text, 'accent-hover': hover, 'accent-pressed': pressed };
  const inks = { 'accent-ink-light': inkLight, 'accent-ink-dark': inkDark };
  for (const [name, value] of Object.entries({ ...values, ...inks })) root.style.setProperty(`--${name}`, value);
}

/** 1 to 21, WCAG 2.2. */
export function contrast(one: string, other: string): number {
  const [high = 0, low = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

/** Moves the lightness step by step until `done`, or to the end of the scale. */
function shift(colour: string, step: number, done: (tried: string) => boolean): string {
  let tried = colour;
  for (let moved = step; !done(tried) && Math.abs(moved) <= 1; moved += step) tried = lighten(colour, moved);
  return tried;
}

function lighten(colour: string, by: number): string {
  const [lightness, a, b] = toOklab(linear(colour));
  const moved = Math.min(1, Math.max(0, lightness + by));
  return toHex(moved, a, b);
}

function linear(colour: string): Triple {
  const channel = (at: number) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
}

function luminance(colour: string): number {
  const [red, green, blue] = linear(colour);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Björn Ottosson's matrices, https://bottosson.github.io/posts/oklab/ */
function toOklab([red, green, blue]: Triple): Triple {
  const l = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const m = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const s = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function fromOklab([lightness, a, b]: Triple): Triple {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

/** A colour that sRGB does not have loses chroma, not hue, until it has it. */
function toHex(lightness: number, a: number, b: number): string {
  for (let chroma = 1; chroma > 0; chroma -= 0.02) {
    const channels = fromOklab([lightness, a * chroma, b * chroma]);
    if (channels.every((value) => value >= -0.0005 && value <= 1.0005)) return hexOf(channels);
  }
  return hexOf(fromOklab([lightness, 0, 0]));
}

function hexOf(channels: Triple): string {
  const pair = (value: number) => {
    const clamped = Math.min(1, Math.max(0, value));
    const gamma = clamped <= 0.0031308 ? clamped * 12.92 : 1.055 * clamped ** (1 / 2.4) - 0.055;
    return Math.round(gamma * 255)
      .toString(16)
      .padStart(2, '0');
  };
  return `#${channels.map(pair).join('')}`;
}
