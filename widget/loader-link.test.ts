import { signal } from '@preact/signals';
import { expect, test, vi } from 'vitest';
import type { Connect, ToApp, ToLoader } from '../protocol/embed.ts';
import { InlayError } from '../protocol/errors.ts';
import type { Tenant } from '../protocol/tenants.ts';
import { Chat } from './chat.ts';
import { anna, createFakeClient, me, messageFrom } from './fake-client.ts';
import { Kept } from './kept.ts';
import { linkToLoader } from './loader-link.ts';
import { words } from './locale/en.ts';

function setUp(over: Parameters<typeof createFakeClient>[0] = {}) {
  const fake = createFakeClient(over);
  const chat = new Chat({
    client: fake.client,
    tenant: { tenantId: 'demo', name: 'Demo', accent: '#0a7d55' } as Tenant,
    speech: signal({ words, locale: 'en' }),
    kept: new Kept(`test-${Math.random()}`),
    open: false,
    visible: signal(true),
    entry: 'script',
    page: { url: 'https://shop.example/' },
    visitor: {},
    onFirstWord: () => {},
    loadExtras: () => Promise.reject(new Error('offline')),
  });
  const posted: ToLoader[] = [];
  let receive: (message: ToApp) => void = () => {};
  const host = {
    origin: 'https://shop.example',
    connect: {} as Connect,
    post: (message: ToLoader) => void posted.push(message),
    listen: (listener: (message: ToApp) => void) => {
      receive = listener;
    },
  };
  const onOpen = vi.fn();
  const onClose = vi.fn();
  const setLocale = vi.fn(async () => {});
  linkToLoader({ host, chat, setLocale, onOpen, onClose });
  const said = <Type extends ToLoader['type']>(type: Type) => posted.filter((message) => message.type === type);
  return { ...fake, chat, said, onOpen, onClose, setLocale, tell: (message: ToApp) => receive(message) };
}

test('the app says that it stands, with the colour of the tenant', () => {
  expect(setUp().said('ready')).toEqual([{ type: 'ready', accent: '#0a7d55' }]);
});

test('opening and closing reach the chat, and the focus follows', () => {
  const { chat, tell, onOpen, onClose } = setUp();
  tell({ type: 'open', entry: 'element' });
  expect(chat.open.value).toBe(true);
  expect(onOpen).toHaveBeenCalledOnce();
  expect(onClose).not.toHaveBeenCalled();
  tell({ type: 'close' });
  expect(onClose).toHaveBeenCalledOnce();
  expect(chat.open.value).toBe(false);
});

test('before the cache was read the loader is told nothing of a session, so that it forgets none', () => {
  const { state, said } = setUp();
  expect(said('session.save')).toEqual([]);
  state.restored.value = true;
  expect(said('session.save')).toEqual([{ type: 'session.save', active: false }]);
});

test('the loader keeps the token only where the app cannot', () => {
  const { state, said } = setUp();
  state.restored.value = true;
  state.session.value = 'token';
  expect(said('session.save').at(-1)).toEqual({ type: 'session.save', active: true });
  state.persistent.value = false;
  expect(said('session.save').at(-1)).toEqual({ type: 'session.save', active: true, session: 'token' });
});

test('live messages of both sides become events, a catch-up does not', () => {
  const { state, store, said } = setUp();
  state.user.value = me;
  store(messageFrom(me, 'Hi', 1), true);
  store(messageFrom(anna, 'Hello', 2), true);
  store(messageFrom(anna, 'Old', 3), false);
  expect(said('message')).toEqual([
    { type: 'message', from: 'visitor', messageId: 'm1', text: 'Hi' },
    { type: 'message', from: 'agent', messageId: 'm2', text: 'Hello' },
  ]);
});

test('a request is answered, also when it fails', async () => {
  const identify = async () => {
    throw new InlayError('identity-invalid', 'not signed by the tenant');
  };
  const { chat, tell, said, setLocale } = setUp({ identify });
  tell({ type: 'update', id: 1, locale: 'zh-CN', visitor: { name: 'Mia' } });
  chat.begin();
  tell({ type: 'identify', id: 2, jwt: 'nonsense' });
  await vi.waitFor(() => expect(said('reply')).toHaveLength(2));
  expect(said('reply')).toEqual([
    { type: 'reply', id: 1 },
    { type: 'reply', id: 2, error: { code: 'identity-invalid', message: 'not signed by the tenant' } },
  ]);
  expect(setLocale).toHaveBeenCalledWith('zh-CN');
});

test('a session that has run out asks the host for a fresh identity', () => {
  const { state, said } = setUp();
  state.connection.value = { name: 'refused', code: 'token-expired' };
  expect(said('identity.expired')).toHaveLength(1);
  expect(said('error')).toEqual([{ type: 'error', code: 'token-expired', message: 'token-expired' }]);
});
