import { expect, test, vi } from 'vitest';
import { notificationContent, showPush } from './push.ts';

const data = (value: unknown) => ({ json: () => value });
const payload = {
  web_push: 8030,
  notification: {
    title: 'Ann',
    body: '你好',
    navigate: 'https://chat.example/im/demo#c=c1',
    tag: 'inlay:c1',
    lang: 'zh-CN',
    data: { conversationId: 'c1', seq: 4 },
  },
};

test('the declarative form is shown as it says', () => {
  expect(notificationContent(data(payload), 'en')).toEqual({
    title: 'Ann',
    options: {
      body: '你好',
      tag: 'inlay:c1',
      renotify: true,
      lang: 'zh-CN',
      data: { navigate: 'https://chat.example/im/demo#c=c1', conversationId: 'c1' },
    },
  });
});

test.each([
  ['no data', null],
  [
    'text that is not JSON',
    {
      json: () => {
        throw new SyntaxError();
      },
    },
  ],
  ['null', data(null)],
  ['another shape', data({ hello: 1 })],
  ['a notification without words', data({ notification: { title: '' } })],
  ['a title that is no text', data({ notification: { title: {} } })],
])('%s still shows a notification', async (_, junk) => {
  const showNotification = vi.fn(() => Promise.resolve());
  await showPush(junk, { showNotification }, 'de');
  expect(showNotification).toHaveBeenCalledExactlyOnceWith(
    'New message',
    expect.objectContaining({ body: 'Tap to read it', tag: 'inlay' }),
  );
});

test('the words for junk are in the language of the browser', () => {
  expect(notificationContent(null, 'zh-TW').title).toBe('新消息');
  expect(notificationContent(null, 'en-GB').title).toBe('New message');
});

test('parts of a wrong type are left out', () => {
  const odd = { notification: { title: 'Ann', body: 7, navigate: [], tag: null, data: 'x' } };
  expect(notificationContent(data(odd), 'en').options).toEqual({ body: '', tag: 'inlay', renotify: true, data: {} });
});
