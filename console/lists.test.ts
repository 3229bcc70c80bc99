import { signal } from '@preact/signals';
import { expect, test } from 'vitest';
import type { ConnectionState } from '../client/client.ts';
import { PAGE_COUNT } from '../client/pulls.ts';
import type { Conversation } from '../protocol/conversations.ts';
import type { ConversationId, UserId } from '../protocol/ids.ts';
import type { Tab } from './inbox.ts';
import { Lists, type ListsClient } from './lists.ts';

const me = 'me' as UserId;

/** Conversations of a server, newest revision first, handed out page by page as `conversation.list` does. */
class FakeServer implements ListsClient {
  readonly conversations = signal<ReadonlyMap<ConversationId, Conversation>>(new Map());
  readonly connection = signal<ConnectionState>({ name: 'connecting', attempt: 0 });
  readonly asked: { readonly filter: Tab; readonly before: number | undefined }[] = [];
  failing = false;
  readonly #all: readonly Conversation[];

  constructor(count: number) {
    this.#all = Array.from({ length: count }, (_, index) => conversation(count - index));
  }

  async listConversations(filter: Tab, before?: number): Promise<{ more: boolean }> {
    this.asked.push({ filter, before });
    if (this.failing) throw new Error('no answer');
    const fitting = filter === 'mine' ? [] : this.#all.filter((one) => one.revision < (before ?? Infinity));
    this.hold(fitting.slice(0, PAGE_COUNT));
    return { more: fitting.length > PAGE_COUNT };
  }

  hold(conversations: readonly Conversation[]): void {
    const next = new Map(this.conversations.peek());
    for (const one of conversations) next.set(one.conversationId, one);
    this.conversations.value = next;
  }
}

function conversation(revision: number): Conversation {
  return {
    conversationId: `c${revision}` as ConversationId,
    kind: 'service',
    revision,
    lastSeq: 1,
    members: [],
    service: { status: 'waiting' },
    unread: 0,
  };
}

/** Lets everything that has been answered be taken in. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 100; turn++) await Promise.resolve();
}

function begin(count: number): { server: FakeServer; lists: Lists } {
  const server = new FakeServer(count);
  const lists = new Lists(server, me);
  lists.start();
  return { server, lists };
}

test('nothing is asked before there is a connection, then each list once', async () => {
  const { server, lists } = begin(3);
  expect(server.asked).toEqual([]);
  server.connection.value = { name: 'open' };
  await settle();
  expect(server.asked.map((one) => one.filter).sort()).toEqual(['all', 'mine', 'waiting']);
  expect(lists.state('all').value).toEqual({ loaded: true, loading: false, more: false, failed: false });
  lists.stop();
});

test('pages follow each other without a gap, whatever else is in the map', async () => {
  const { server, lists } = begin(3 * PAGE_COUNT + 10);
  // Opened by a link, far below the first page.
  server.hold([conversation(5)]);
  server.connection.value = { name: 'open' };
  await settle();
  for (let page = 0; page < 10 && lists.state('all').value.more; page++) await lists.more('all');
  expect(server.conversations.value.size).toBe(3 * PAGE_COUNT + 10);
  const asked = server.asked.filter((one) => one.filter === 'all').map((one) => one.before);
  expect(asked).toEqual([undefined, 111, 61, 11]);
  lists.stop();
});

test('the queue fetches several pages by itself, since its longest waits are on the last ones', async () => {
  const { server, lists } = begin(4 * PAGE_COUNT);
  server.connection.value = { name: 'open' };
  await settle();
  expect(server.asked.filter((one) => one.filter === 'waiting')).toHaveLength(4);
  lists.stop();
});

test('a page that could not be had says so, and is asked for again', async () => {
  const { server, lists } = begin(3);
  server.failing = true;
  server.connection.value = { name: 'open' };
  await settle();
  expect(lists.state('all').value).toMatchObject({ loaded: false, failed: true });
  server.failing = false;
  await lists.more('all');
  expect(lists.state('all').value).toMatchObject({ loaded: true, failed: false });
  lists.stop();
});

test('when conversations were let go, the lists begin at the top again', async () => {
  const { server, lists } = begin(PAGE_COUNT + 1);
  server.connection.value = { name: 'open' };
  await settle();
  server.conversations.value = new Map();
  await settle();
  expect(server.asked.filter((one) => one.filter === 'all').map((one) => one.before)).toEqual([undefined, undefined]);
  expect(lists.state('all').value.more).toBe(true);
  lists.stop();
});
