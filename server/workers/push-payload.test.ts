import { expect, test } from 'vitest';
import type { ConversationId, FileId, TenantId } from '../../protocol/ids.ts';
import { type NotificationFacts, PAYLOAD_MAX_BYTES, pushPayload } from './push-payload.ts';

const facts: NotificationFacts = {
  publicUrl: 'https://chat.example',
  tenantId: 'demo' as TenantId,
  conversationId: 'c1' as ConversationId,
  seq: 7,
  content: { kind: 'text', text: 'Hello' },
  recipient: 'visitor',
  senderName: 'Ann',
  locale: 'en-GB',
  context: 'page',
};
const notification = (changes: Partial<NotificationFacts>) => pushPayload({ ...facts, ...changes }).notification;
const file = {
  fileId: 'f' as FileId,
  name: 'Offer 2026.pdf',
  mediaType: 'application/pdf',
  size: 1,
  url: '/files/f/Offer.pdf',
};

test('a visitor sees the agent’s name and text, and a click leads to the link page', () => {
  expect(pushPayload(facts)).toEqual({
    web_push: 8030,
    notification: {
      title: 'Ann',
      body: 'Hello',
      navigate: 'https://chat.example/im/demo#c=c1',
      tag: 'inlay:c1',
      lang: 'en',
      data: { conversationId: 'c1', seq: 7 },
    },
  });
});

test('an agent is led to the console, and a nameless visitor has a word', () => {
  expect(notification({ recipient: 'agent', senderName: undefined })).toMatchObject({
    title: 'Visitor',
    navigate: 'https://chat.example/console/#c=c1',
  });
  expect(notification({ recipient: 'agent', senderName: ' ', locale: 'zh-TW' })).toMatchObject({ title: '访客' });
});

test.each([
  ['https://shop.example/a?b=1', 'https://shop.example/a?b=1#inlay=open'],
  ['https://shop.example/#/cart', 'https://shop.example/#/cart&inlay=open'],
  ['https://shop.example/#', 'https://shop.example/#inlay=open'],
  ['https://shop.example/#inlay=open', 'https://shop.example/#inlay=open'],
])('a visitor who has the widget on a host’s page is led back to %s', (pageUrl, navigate) => {
  expect(notification({ context: 'host', pageUrl })).toMatchObject({ navigate });
  expect(notification({ context: 'popup', pageUrl })).toMatchObject({ navigate });
});

test('without a page of a host a click leads to the link page', () => {
  const navigate = 'https://chat.example/im/demo#c=c1';
  expect(notification({ context: 'host', pageUrl: undefined })).toMatchObject({ navigate });
  expect(notification({ context: 'page', pageUrl: 'https://shop.example/' })).toMatchObject({ navigate });
});

test('a picture and a file have words in the recipient’s language', () => {
  expect(notification({ content: { kind: 'image', file } }).body).toBe('Picture');
  expect(notification({ content: { kind: 'file', file } }).body).toBe('File: Offer 2026.pdf');
  expect(notification({ content: { kind: 'image', file }, locale: 'zh-CN' }).body).toBe('[图片]');
  expect(notification({ content: { kind: 'file', file }, locale: 'zh' }).body).toBe('[文件] Offer 2026.pdf');
});

test('a text becomes one line of 120 characters, and no emoji is cut', () => {
  expect(notification({ content: { kind: 'text', text: ' a\n\n b\t' } }).body).toBe('a b');
  const long = notification({ content: { kind: 'text', text: '字'.repeat(10_000) } }).body;
  expect(long).toBe(`${'字'.repeat(119)}…`);
  const flags = notification({ content: { kind: 'text', text: '🇨🇭'.repeat(200) } }).body;
  expect(flags.replaceAll('🇨🇭', '')).toBe('…');
  expect(notification({ content: { kind: 'text', text: 'a'.repeat(120) } }).body).toBe('a'.repeat(120));
});

test('whatever the text, the name and the page are, the payload stays within 2 KB', () => {
  const heavy = `e${'\u0301'.repeat(5_000)}`;
  const family = '👨‍👩‍👧‍👦'.repeat(500);
  for (const text of ['字'.repeat(9_000), family, heavy, '"\\'.repeat(5_000), '\u0001'.repeat(500)])
    for (const pageUrl of ['https://shop.example/', `https://shop.example/${'x'.repeat(2_000)}?${'y'.repeat(40)}`]) {
      const payload = pushPayload({
        ...facts,
        context: 'host',
        pageUrl,
        senderName: text.slice(0, 60),
        content: { kind: 'text', text },
      });
      expect(Buffer.byteLength(JSON.stringify(payload))).toBeLessThanOrEqual(PAYLOAD_MAX_BYTES);
      expect(new URL(payload.notification.navigate).origin).toBe('https://shop.example');
    }
});
