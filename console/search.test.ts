import { expect, test } from 'vitest';
import { find } from './search.ts';

const items = [
  { label: 'Joana Prata', also: 'ana@example.com' },
  { label: 'Ana Pereira' },
  { label: 'Müller, José' },
  { label: '王晓明', also: '发票可以开公司的吗' },
  { label: 'Close' },
];
const labels = (query: string, limit = 10) => find(query, items, limit).map((item) => item.label);

test('the start of a word counts more than its middle', () => {
  expect(labels('ana')).toEqual(['Ana Pereira', 'Joana Prata']);
});

test('every word must be found, in any order', () => {
  expect(labels('per ana')).toEqual(['Ana Pereira']);
  expect(labels('ana close')).toEqual([]);
});

test('accents, case and full width make no difference', () => {
  expect(labels('muller JOSE')).toEqual(['Müller, José']);
  expect(labels('ＡＮＡ')).toContain('Ana Pereira');
});

test('Chinese is found inside a name and inside a message', () => {
  expect(labels('晓明')).toEqual(['王晓明']);
  expect(labels('发票')).toEqual(['王晓明']);
});

test('an empty query finds all, and never more than the limit', () => {
  expect(labels('  ')).toHaveLength(items.length);
  expect(labels('', 2)).toEqual(['Joana Prata', 'Ana Pereira']);
});
