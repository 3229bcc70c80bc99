import { expect, test, vi } from 'vitest';
import { openFromNotification, type Windows } from './click.ts';

const origin = 'https://chat.example';

function setup(urls: readonly string[], facts: unknown, { frameType = 'top-level', elsewhere = false } = {}) {
  const clients = urls.map((url) => ({ url, frameType, focus: vi.fn(() => Promise.resolve()), postMessage: vi.fn() }));
  const openWindow = vi.fn(() => Promise.resolve(null));
  const notification = { close: vi.fn(), data: facts };
  const windows = { matchAll: () => Promise.resolve(clients), openWindow };
  const click = () => openFromNotification(notification, windows as unknown as Windows, { origin, elsewhere });
  return { clients, openWindow, notification, click };
}
const facts = (navigate: string) => ({ navigate, conversationId: 'c1' });

test('a click opens the conversation where no window shows it', async () => {
  const { click, openWindow, notification } = setup(['https://chat.example/im/other'], facts(`${origin}/im/demo#c=c1`));
  await click();
  expect(notification.close).toHaveBeenCalledOnce();
  expect(openWindow).toHaveBeenCalledExactlyOnceWith('https://chat.example/im/demo#c=c1');
});

test.each([
  ['https://chat.example/im/demo', `${origin}/im/demo#c=c1`],
  ['https://chat.example/webim/im.html?name=Li&tenantId=demo', `${origin}/im/demo#c=c1`],
  ['https://chat.example/console/#c=other', `${origin}/console/#c=c1`],
  ['https://chat.example/shop?item=7', `${origin}/shop?item=7#inlay=open`],
])('the window %s is brought to the front for %s', async (url, navigate) => {
  const { click, openWindow, clients } = setup([url], facts(navigate));
  await click();
  expect(clients[0]?.focus).toHaveBeenCalledOnce();
  expect(clients[0]?.postMessage).toHaveBeenCalledExactlyOnceWith({ type: 'inlay.open', conversationId: 'c1' });
  expect(openWindow).not.toHaveBeenCalled();
});

test('a window that cannot be brought to the front is left alone and a new one opened', async () => {
  const { click, openWindow, clients } = setup([`${origin}/im/demo`], facts(`${origin}/im/demo`));
  clients[0]?.focus.mockRejectedValue(new Error('InvalidAccessError'));
  await click();
  expect(clients[0]?.postMessage).not.toHaveBeenCalled();
  expect(openWindow).toHaveBeenCalledOnce();
});

test('an iframe of the same address is no window', async () => {
  const { click, openWindow, clients } = setup([`${origin}/im/demo`], facts(`${origin}/im/demo`), {
    frameType: 'nested',
  });
  await click();
  expect(clients[0]?.focus).not.toHaveBeenCalled();
  expect(openWindow).toHaveBeenCalledOnce();
});

test.each(['https://evil.example/im/demo', 'javascript:alert(1)', '//evil.example/', 'http://chat.example/im/demo'])(
  'the address %s is not of this origin and is never opened',
  async (navigate) => {
    const { click, openWindow } = setup([], facts(navigate));
    await click();
    expect(openWindow).toHaveBeenCalledExactlyOnceWith('https://chat.example/');
  },
);

test('the widget’s own worker leads to the host’s page, and never to anything but a page', async () => {
  const shop = setup([`${origin}/`], facts('https://shop.example/#inlay=open'), { elsewhere: true });
  await shop.click();
  expect(shop.openWindow).toHaveBeenCalledExactlyOnceWith('https://shop.example/#inlay=open');
  expect(shop.clients[0]?.focus).not.toHaveBeenCalled();
  const script = setup([], facts('javascript:alert(1)'), { elsewhere: true });
  await script.click();
  expect(script.openWindow).toHaveBeenCalledExactlyOnceWith('https://chat.example/');
});

test.each([undefined, null, {}, { navigate: 7 }])(
  'facts %j bring any window of this origin to the front',
  async (junk) => {
    const { click, openWindow, clients } = setup([`${origin}/shop`], junk);
    await click();
    expect(clients[0]?.focus).toHaveBeenCalledOnce();
    expect(openWindow).not.toHaveBeenCalled();
  },
);
