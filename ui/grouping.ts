/** What the list draws, in the order of the screen: lines between days, the line before what is new, groups of bubbles. */
import type { TimelineEntry } from '../client/client.ts';
import { midnightAfter } from './time.ts';

export interface Group {
  readonly kind: 'group';
  readonly key: string;
  readonly mine: boolean;
  readonly senderId: string | undefined;
  readonly entries: readonly TimelineEntry[];
}

export type Item =
  | Group
  | { readonly kind: 'day'; readonly key: string; readonly at: number }
  | { readonly kind: 'unread'; readonly key: string };

/** Messages of one sender that follow each other within this time stand together. */
export const GROUP_MS = 5 * 60_000;

export interface GroupingOptions {
  /** The line "new" stands after this seq, before the first message of another person. */
  readonly unreadAfterSeq?: number | undefined;
  /** Which messages stand on the own side. Default: the own ones. */
  readonly isOwnSide?: ((entry: TimelineEntry) => boolean) | undefined;
}

export function groupEntries(entries: readonly TimelineEntry[], options: GroupingOptions = {}): Item[] {
  const items: Item[] = [];
  let before: TimelineEntry | undefined;
  let dayEnd = Number.NEGATIVE_INFINITY;
  let group: TimelineEntry[] = [];
  let marked = options.unreadAfterSeq === undefined;
  for (const entry of entries) {
    const newDay = entry.at >= dayEnd;
    if (newDay) dayEnd = midnightAfter(entry.at);
    const unread = !marked && !entry.mine && (entry.seq ?? 0) > (options.unreadAfterSeq ?? 0);
    if (newDay) items.push({ kind: 'day', key: `day-${entry.key}`, at: entry.at });
    if (unread) items.push({ kind: 'unread', key: 'unread' });
    marked ||= unread;
    if (!newDay && !unread && before && belongs(before, entry)) {
      group.push(entry);
    } else {
      group = [entry];
      items.push(groupOf(entry, group, options));
    }
    before = entry;
  }
  return items;
}

function groupOf(entry: TimelineEntry, entries: TimelineEntry[], { isOwnSide }: GroupingOptions): Group {
  const mine = isOwnSide ? isOwnSide(entry) : entry.mine;
  return { kind: 'group', key: entry.key, mine, senderId: entry.senderId, entries };
}

function belongs(before: TimelineEntry, entry: TimelineEntry): boolean {
  const sameSender = before.mine ? entry.mine : !entry.mine && before.senderId === entry.senderId;
  return sameSender && entry.at - before.at < GROUP_MS;
}

/** Groups are made anew each time; those with the same rows need not be drawn again. */
export function sameGroup(one: Group, other: Group): boolean {
  return (
    one.mine === other.mine &&
    one.senderId === other.senderId &&
    one.entries.length === other.entries.length &&
    one.entries.every((entry, index) => entry === other.entries[index])
  );
}
