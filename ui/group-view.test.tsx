import type { ComponentChildren, VNode } from 'preact';
import { expect, test } from 'vitest';
import type { TimelineEntry } from '../client/client.ts';
import type { ClientMessageId } from '../protocol/ids.ts';
import { GroupView, type GroupViewProps } from './group-view.tsx';
import { words } from './locale/en.ts';

const entry = (mine: boolean): TimelineEntry => ({
  key: 'key' as ClientMessageId,
  mine,
  content: { kind: 'text', text: 'Hello' },
  at: 0,
  state: mine ? 'sent' : 'read',
});

const propsFor = (ownSide: boolean, mine: boolean): GroupViewProps => ({
  group: { kind: 'group', key: 'group', mine: ownSide, senderId: 'somebody', entries: [entry(mine)] },
  sender: undefined,
  name: 'Omar Haddad',
  last: false,
  now: 0,
  speech: { words, locale: 'en' },
  onRetry: () => {},
  onDiscard: () => {},
});

/** All text of the elements themselves; components stay closed. */
function textOf(node: ComponentChildren): string {
  if (Array.isArray(node)) return node.map(textOf).join(' ');
  if (typeof node === 'string') return node;
  return node && typeof node === 'object'
    ? textOf((node as VNode<{ children?: ComponentChildren }>).props.children)
    : '';
}

const textFor = (props: GroupViewProps) => textOf(new GroupView(props).render(props));

test('a name stands with the messages of others, also with a colleague’s on the own side, and never with one’s own', () => {
  const name = /Omar Haddad.*Omar Haddad/s;
  expect(textFor(propsFor(false, false))).toMatch(name);
  expect(textFor(propsFor(true, false))).toMatch(name);
  expect(textFor(propsFor(true, true))).not.toContain('Omar Haddad');
  expect(textFor(propsFor(true, true))).toContain(words.you);
});
