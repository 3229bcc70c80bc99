/** Random choices that a seed repeats. */

export class SeededRandom {
  #state: number;

  constructor(readonly seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 ≤ x < 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number, both ends included. */
  int(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  pick<T>(choices: readonly T[]): T {
    if (choices.length === 0) throw new Error('Nothing to pick from.');
    return choices[this.int(0, choices.length - 1)] as T;
  }

  /** Choices of its own, so that one actor's do not depend on when another one chooses. */
  fork(name: string): SeededRandom {
    let hash = this.seed ^ 0x811c9dc5;
    for (const char of name) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
    return new SeededRandom(hash >>> 0);
  }
}

const PIECES = ['where', ' is', ' my', ' order', ' 茶', '杯', ' 👩‍🌾', ' déjà', ' "quoted"', '\n', ' <b>', ' \\u0041'];

/** Text after a body's head: words of several scripts and of what needs escaping, about `length` characters long. */
export function randomText(random: SeededRandom, length: number): string {
  let text = '';
  while (text.length < length) text += random.pick(PIECES);
  return `${text}.`;
}
