/** Finding in the command bar: every word of the query must be found; the start of a word counts more than its middle. */

export interface Findable {
  /** Shown, and searched first. */
  readonly label: string;
  /** Searched as well: contact, last message, other names of an action. */
  readonly also?: string;
}

/** Lower case, without accents, full-width letters as narrow ones: what people type is seldom what stands there. */
export function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLocaleLowerCase();
}

const WORD_START = 3;
const INSIDE = 2;
const ALSO = 1;

function scoreOf(word: string, label: string, also: string): number {
  const at = label.indexOf(word);
  if (at >= 0) return at === 0 || /[^\p{L}\p{N}]/u.test(label[at - 1] ?? '') ? WORD_START : INSIDE;
  return also.includes(word) ? ALSO : 0;
}

function score(words: readonly string[], item: Findable): number {
  const label = fold(item.label);
  const also = fold(item.also ?? '');
  const scores = words.map((word) => scoreOf(word, label, also));
  return scores.some((one) => one === 0) ? 0 : scores.reduce((sum, one) => sum + one, 0);
}

/** The best `limit` items, best first; in their own order where they are equally good. An empty query finds all. */
export function find<Item extends Findable>(query: string, items: readonly Item[], limit: number): readonly Item[] {
  const words = fold(query).split(/\s+/u).filter(Boolean);
  if (words.length === 0) return items.slice(0, limit);
  return items
    .map((item) => ({ item, score: score(words, item) }))
    .filter((one) => one.score > 0)
    .sort((one, other) => other.score - one.score)
    .slice(0, limit)
    .map(({ item }) => item);
}
