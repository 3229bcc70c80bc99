import { signal } from '@preact/signals';
import { expect, test, vi } from 'vitest';
import type { Client } from '../client/client.ts';
import type { Welcome } from '../protocol/hello.ts';
import { AgentPush, type Subscriptions } from './push.ts';

const subscription = { endpoint: 'https://push.example/1', keys: { p256dh: 'p', auth: 'a' } };

function setUp(over: Partial<Subscriptions> = {}, key: string | undefined = 'key') {
  const browser = {
    obstacle: () => undefined,
    subscribe: vi.fn<Subscriptions['subscribe']>(async () => ({ kind: 'subscribed', subscription })),
    existing: vi.fn<Subscriptions['existing']>(async () => undefined),
    drop: vi.fn<Subscriptions['drop']>(async () => subscription.endpoint),
    ...over,
  };
  const request = vi.fn(async (_type: string, _input: object) => ({}));
  const welcome = signal(key ? ({ pushPublicKey: key } as Welcome) : undefined);
  const push = new AgentPush({ request: request as unknown as Client['request'], welcome }, browser);
  const asked = () => request.mock.calls.map(([type]) => type);
  return { push, browser, request, asked, welcome };
}

test('a click subscribes within the click and tells the server', async () => {
  const { push, browser, request } = setUp();
  const turning = push.turnOn();
  expect(browser.subscribe).toHaveBeenCalledExactlyOnceWith('key');
  expect(push.state.value).toBe('busy');
  expect(await turning).toBe('on');
  expect(request).toHaveBeenCalledWith('push.subscribe', { context: 'page', subscription });
});

test.each([
  ['denied', 'blocked'],
  ['dismissed', 'off'],
  ['failed', 'failed'],
  ['unsupported', 'unsupported'],
  ['needs-install', 'needs-install'],
] as const)('a browser that answers %s leads to %s', async (error, state) => {
  const { push, asked } = setUp({ subscribe: async () => ({ kind: 'error', error }) });
  expect(await push.turnOn()).toBe(state);
  expect(asked()).toEqual([]);
});

test('a click before the server gave its key asks at once and goes on with the key', async () => {
  const { push, browser, welcome } = setUp({}, '');
  const turning = push.turnOn();
  expect(browser.subscribe).toHaveBeenCalledOnce();
  welcome.value = { pushPublicKey: 'late' } as Welcome;
  expect(await vi.mocked(browser.subscribe).mock.calls[0]?.[0]).toBe('late');
  expect(await turning).toBe('on');
});

test('when the server refuses, turning on has failed and can be tried again', async () => {
  const { push, request } = setUp();
  request.mockRejectedValueOnce(new Error('no'));
  expect(await push.turnOn()).toBe('failed');
  expect(await push.turnOn()).toBe('on');
});

test('what this browser holds is told at the start; without it the bell is off', async () => {
  const { push, asked } = setUp({ existing: async () => subscription });
  await push.restore();
  expect(push.state.value).toBe('on');
  expect(asked()).toEqual(['push.subscribe']);
  const none = setUp();
  await none.push.restore();
  expect(none.push.state.value).toBe('off');
  expect(none.asked()).toEqual([]);
});

test('leaving drops what the browser holds, whatever the bell says, and tells the server', async () => {
  const { push, browser, request } = setUp();
  await push.leave();
  expect(browser.drop).toHaveBeenCalledOnce();
  expect(request.mock.calls[0]?.slice(0, 2)).toEqual(['push.unsubscribe', { endpoint: subscription.endpoint }]);
  expect(push.state.value).toBe('off');
});

test('a browser that does not let go leaves the bell on; one without push is left as it is', async () => {
  const { push } = setUp({ drop: () => Promise.reject(new Error('no')) });
  expect(await push.turnOff()).toBe('on');
  const none = setUp({ obstacle: () => 'unsupported' });
  await none.push.leave();
  expect(none.push.state.value).toBe('unsupported');
  expect(none.browser.drop).not.toHaveBeenCalled();
});
