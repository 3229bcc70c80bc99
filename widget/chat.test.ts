import { signal } from '@preact/signals';
import { expect, test, vi } from 'vitest';
import type { Tenant } from '../protocol/tenants.ts';
import { Chat, type ChatOptions } from './chat.ts';
import type { Extras } from './extras.ts';
import { anna, conversationWith, createFakeClient, me, messageFrom } from './fake-client.ts';
import { Kept } from './kept.ts';
import { words } from './locale/en.ts';

const tenant = { tenantId: 'demo', name: 'Demo' } as Tenant;

function setUp(over: Partial<ChatOptions> = {}) {
  const fake = createFakeClient();
  const onFirstWord = vi.fn();
  const visible = signal(true);
  const chat = new Chat({
    client: fake.client,
    tenant,
    speech: signal({ words, locale: 'en' }),
    kept: new Kept(`test-${Math.random()}`),
    open: false,
    visible,
    entry: 'script',
    page: { url: 'https://shop.example/' },
    visitor: {},
    onFirstWord,
    loadExtras: () => Promise.reject(new Error('offline')),
    ...over,
  });
  return { ...fake, chat, onFirstWord, visible };
}

test('a frame loaded ahead connects when it is opened, once', () => {
  const { chat, called } = setUp();
  expect(called('start')).toEqual([]);
  chat.show('element');
  chat.hide();
  chat.show('script');
  expect(called('start')).toHaveLength(1);
});

test('the agent is told where the visitor is and by which way they came', () => {
  const { chat, called } = setUp();
  chat.learn({ name: 'Mia', fields: { order: '7' } });
  chat.learn({ fields: { size: 'L' } });
  chat.moved({ url: 'https://shop.example/cups', title: 'Cups' });
  chat.show('element');
  expect(called('setContext').at(-1)?.[0]).toMatchObject({
    entry: 'element',
    page: { url: 'https://shop.example/cups', title: 'Cups' },
    locale: 'en',
    name: 'Mia',
    fields: { order: '7', size: 'L' },
  });
});

test('an identity waits for the first opening, and is told at once afterwards', async () => {
  const { chat, called, onFirstWord } = setUp();
  await chat.identify('jwt-1');
  expect(called('identify')).toEqual([]);
  chat.show('script');
  expect(called('identify')).toEqual([['jwt-1']]);
  await chat.identify('jwt-2');
  expect(called('identify')).toEqual([['jwt-1'], ['jwt-2']]);
  expect(onFirstWord).toHaveBeenCalled();
});

test('nothing may be kept before the first word', () => {
  const { chat, onFirstWord } = setUp({ open: true });
  chat.begin();
  chat.typing(false);
  expect(onFirstWord).not.toHaveBeenCalled();
  chat.typing(true);
  expect(onFirstWord).toHaveBeenCalled();
});

test('unread is counted while nobody looks, with the newest message of the other side', () => {
  const { chat, state, visible } = setUp({ open: true });
  state.user.value = me;
  const conversation = conversationWith(messageFrom(anna, 'Hello'), 2);
  state.conversations.value = new Map([[conversation.conversationId, conversation]]);
  expect(chat.unread.value).toEqual({ count: 0 });
  visible.value = false;
  expect(chat.unread.value).toEqual({ count: 2, preview: { name: 'Anna', text: 'Hello' } });
  visible.value = true;
  chat.hide();
  expect(chat.unread.value.count).toBe(2);
});

test('what is in sight counts as read only while somebody can see it', () => {
  const { chat, state, called, visible } = setUp({ open: true });
  const conversation = conversationWith(messageFrom(anna, 'Hello', 3), 1);
  state.conversations.value = new Map([[conversation.conversationId, conversation]]);
  visible.value = false;
  chat.readTo(3);
  expect(called('markRead')).toEqual([]);
  visible.value = true;
  chat.readTo(3);
  expect(called('markRead')).toEqual([['c1', 3]]);
});

test('the person who answered last is shown, not the visitor', () => {
  const { chat, state, timeline } = setUp({ open: true });
  const conversation = conversationWith(messageFrom(anna, 'Hello'), 0);
  state.conversations.value = new Map([[conversation.conversationId, conversation]]);
  expect(chat.agent.value).toBeUndefined();
  const row = (senderId: string, mine: boolean) => ({
    key: senderId,
    senderId,
    mine,
    content: { kind: 'text', text: '' },
    at: 0,
  });
  timeline.value = {
    ...timeline.value,
    entries: [row('user-anna', false), row('user-me', true)] as unknown as typeof timeline.value.entries,
  };
  expect(chat.agent.value).toEqual(anna);
});

test('that a conversation is known here is noted when the cache was read, and forgotten with a sign-out', async () => {
  const kept = new Kept(`test-${Math.random()}`);
  const { chat, state } = setUp({ kept });
  state.session.value = 'token';
  expect(kept.read('active')).toBeUndefined();
  state.restored.value = true;
  expect(kept.read('active')).toBe('1');
  await chat.logout();
  expect(kept.read('active')).toBeUndefined();
});

test('logging out tells the server the endpoint of this browser, where it is known', async () => {
  const kept = new Kept(`test-${Math.random()}`);
  const { chat, called } = setUp({ kept });
  kept.write('push', 'https://push.example/1');
  await chat.logout();
  expect(kept.read('push')).toBeUndefined();
  kept.write('push', '1');
  await chat.logout();
  expect(called('logout')).toEqual([[{ endpoint: 'https://push.example/1' }], [{}]]);
});

test('a chunk that could not be loaded is asked for again with the next wish', async () => {
  const extras = {} as Extras;
  const loadExtras = vi.fn().mockRejectedValueOnce(new Error('offline')).mockResolvedValue(extras);
  const { chat } = setUp({ loadExtras });
  chat.wantExtras();
  chat.wantExtras();
  await vi.waitFor(() => {
    chat.wantExtras();
    expect(chat.extras.value).toBe(extras);
  });
  expect(loadExtras).toHaveBeenCalledTimes(2);
});
