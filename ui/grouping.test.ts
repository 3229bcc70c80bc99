import { expect, test } from 'vitest';
import type { TimelineEntry } from '../client/client.ts';
import type { ClientMessageId, UserId } from '../protocol/ids.ts';
import { GROUP_MS, groupEntries, sameGroup } from './grouping.ts';

const noon = new Date(2026, 10, 21, 12).getTime();

function entry(seq: number, from: 'me' | 'anna' | 'ben', at: number): TimelineEntry {
  return {
    key: `key-${seq}` as ClientMessageId,
    seq,
    senderId: from as UserId,
    mine: from === 'me',
    content: { kind: 'text', text: `${seq}` },
    at,
    state: 'read',
  };
}

const shape = (...args: Parameters<typeof groupEntries>) =>
  groupEntries(...args).map((item) => (item.kind === 'group' ? item.entries.map(({ seq }) => seq) : item.kind));

test('messages of one sender within five minutes stand together', () => {
  const entries = [entry(1, 'me', noon), entry(2, 'me', noon + GROUP_MS - 1), entry(3, 'anna', noon + GROUP_MS)];
  expect(shape(entries)).toEqual(['day', [1, 2], [3]]);
});

test('a pause of five minutes or another sender of the same side ends a group', () => {
  expect(shape([entry(1, 'me', noon), entry(2, 'me', noon + GROUP_MS)])).toEqual(['day', [1], [2]]);
  expect(shape([entry(1, 'anna', noon), entry(2, 'ben', noon)])).toEqual(['day', [1], [2]]);
});

test('each day has its line, and midnight ends a group', () => {
  const midnight = new Date(2026, 10, 22).getTime();
  expect(shape([entry(1, 'me', midnight - 1000), entry(2, 'me', midnight)])).toEqual(['day', [1], 'day', [2]]);
});

test('the line "new" stands once, before the first unread message of somebody else', () => {
  const entries = [entry(1, 'anna', noon), entry(2, 'me', noon), entry(3, 'anna', noon), entry(4, 'anna', noon)];
  expect(shape(entries, { unreadAfterSeq: 1 })).toEqual(['day', [1], [2], 'unread', [3, 4]]);
  expect(shape(entries, { unreadAfterSeq: 3 })).toEqual(['day', [1], [2], [3], 'unread', [4]]);
  expect(shape(entries, { unreadAfterSeq: 4 })).toEqual(['day', [1], [2], [3, 4]]);
});

test('a stored message joins the group of the one on its way before it has a sender', () => {
  const { senderId: _, ...pending } = entry(2, 'me', noon + 1);
  expect(shape([entry(1, 'me', noon), pending])).toEqual(['day', [1, 2]]);
});

test('groups of the same rows are the same, others are not', () => {
  const rows = [entry(1, 'me', noon), entry(2, 'me', noon)];
  const [, first] = groupEntries(rows);
  const [, again] = groupEntries(rows);
  const [, longer] = groupEntries([...rows, entry(3, 'me', noon)]);
  if (first?.kind !== 'group' || again?.kind !== 'group' || longer?.kind !== 'group') throw new Error('no groups');
  expect(sameGroup(first, again)).toBe(true);
  expect(sameGroup(first, longer)).toBe(false);
});
