import { afterEach, expect, test, vi } from 'vitest';
import type { SubscribeResult } from '../ui/push/subscribe.ts';
import { PushPermission, type PushPermissionOptions } from './push-permission.ts';

const subscription = { endpoint: 'https://push.example/1', keys: { p256dh: 'p', auth: 'a' } };

function setUp(over: Partial<PushPermissionOptions> = {}) {
  const popup = { closed: false, go: vi.fn() };
  const options = {
    context: 'page',
    obstacle: undefined,
    remembered: false,
    remember: vi.fn(),
    publicKey: () => 'key',
    register: vi.fn(async () => ({})),
    createCode: vi.fn(async () => ({ code: 'abc', expiresAt: 300_000 })),
    now: () => 0,
    askHost: vi.fn(),
    openWindow: vi.fn(() => popup),
    subscribeHere: vi.fn(async (): Promise<SubscribeResult> => ({ kind: 'subscribed', subscription })),
    existingHere: vi.fn(async () => subscription),
    dropHere: vi.fn(async () => subscription.endpoint),
    ...over,
  } satisfies PushPermissionOptions;
  const push = new PushPermission(options);
  const is = (name: string) => vi.waitFor(() => expect(push.state.value.name).toBe(name));
  return { push, options, popup, is };
}

afterEach(() => {
  vi.useRealTimers();
});

test('on a page of our own a tap subscribes, tells the server and is remembered', async () => {
  const { push, options, is } = setUp();
  push.turnOn();
  expect(push.state.value.name).toBe('asking');
  await is('on');
  expect(options.register).toHaveBeenCalledWith('page', subscription);
  expect(options.remember).toHaveBeenLastCalledWith(subscription.endpoint);
});

test.each([
  ['denied', 'blocked'],
  ['dismissed', 'off'],
  ['failed', 'failed'],
  ['unsupported', 'unsupported'],
  ['needs-install', 'needs-install'],
] as const)('a browser that answers %s leads to %s', async (error, state) => {
  const { push, is } = setUp({ subscribeHere: async () => ({ kind: 'error', error }) });
  push.turnOn();
  await is(state);
});

test('a subscription that the server refuses is a failure, and can be tried again', async () => {
  const register = vi.fn().mockRejectedValueOnce(new Error('no')).mockResolvedValue({});
  const { push, is } = setUp({ register });
  push.turnOn();
  await is('failed');
  push.turnOn();
  await is('on');
});

test('an obstacle is a state of its own, and no tap asks anybody', () => {
  const { push, options } = setUp({ obstacle: 'denied' });
  push.turnOn();
  expect(push.state.value.name).toBe('blocked');
  expect(options.subscribeHere).not.toHaveBeenCalled();
});

test('the loader is asked where the host has a worker, and its answer is registered for the host', async () => {
  const { push, options, is } = setUp({ context: 'host' });
  push.turnOn();
  expect(options.askHost).toHaveBeenCalledWith('key');
  push.hostAnswered({ subscription });
  await is('on');
  expect(options.register).toHaveBeenCalledWith('host', subscription);
});

test('a refusal on the host page is told as such, and an answer that nobody waits for changes nothing', () => {
  const { push } = setUp({ context: 'host' });
  push.hostAnswered({ subscription });
  expect(push.state.value.name).toBe('off');
  push.turnOn();
  push.hostAnswered({ error: 'denied' });
  expect(push.state.value.name).toBe('blocked');
});

test('in a frame the window opens with the tap and learns its address when the code is there', async () => {
  const { push, options, popup } = setUp({ context: 'popup' });
  push.turnOn();
  expect(options.openWindow).toHaveBeenCalledWith('about:blank');
  await vi.waitFor(() => expect(popup.go).toHaveBeenCalledWith('/push#abc'));
  push.subscriptionsChanged(1);
  expect(push.state.value.name).toBe('on');
});

test('prepared, the window opens at its own address, and a code serves once', async () => {
  const { push, options } = setUp({ context: 'popup' });
  push.prepare();
  await vi.waitFor(() => expect(options.createCode).toHaveBeenCalledOnce());
  await Promise.resolve();
  push.turnOn();
  expect(options.openWindow).toHaveBeenLastCalledWith('/push#abc');
  push.turnOn();
  expect(options.openWindow).toHaveBeenLastCalledWith('about:blank');
});

test('where no window could be held there is a link, and the server still tells of the success', async () => {
  const { push } = setUp({ context: 'popup', openWindow: () => undefined });
  push.turnOn();
  await vi.waitFor(() => expect(push.state.value).toEqual({ name: 'asking', link: '/push#abc' }));
  push.subscriptionsChanged(1);
  expect(push.state.value.name).toBe('on');
});

test('a window that was closed without a success leads back to the offer', async () => {
  vi.useFakeTimers();
  const popup = { closed: false, go: vi.fn() };
  const { push } = setUp({ context: 'popup', openWindow: () => popup });
  push.turnOn();
  await vi.advanceTimersByTimeAsync(1_500);
  expect(push.state.value.name).toBe('asking');
  popup.closed = true;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(push.state.value.name).toBe('off');
});

test('without an answer for the code it has failed', async () => {
  const { push, is } = setUp({ context: 'popup', createCode: () => Promise.reject(new Error('offline')) });
  push.turnOn();
  await is('failed');
});

test('turned off elsewhere, or signed out, it is off here and forgotten', () => {
  const { push, options } = setUp({ remembered: true });
  expect(push.state.value.name).toBe('on');
  push.subscriptionsChanged(0);
  expect(push.state.value.name).toBe('off');
  expect(options.remember).toHaveBeenLastCalledWith(undefined);
  const other = setUp({ remembered: true });
  void other.push.forget();
  expect(other.push.state.value.name).toBe('off');
  expect(other.options.remember).toHaveBeenLastCalledWith(undefined);
  expect(other.options.dropHere).toHaveBeenCalledOnce();
});

test('what another page of this origin holds is not touched by signing out in a frame', () => {
  const { push, options } = setUp({ remembered: true, context: 'popup' });
  void push.forget();
  expect(options.dropHere).not.toHaveBeenCalled();
});

test('a hover, a focus and a tap share one code that is on its way', async () => {
  const { push, options, popup } = setUp({ context: 'popup' });
  push.prepare();
  push.prepare();
  push.turnOn();
  push.turnOn();
  await vi.waitFor(() => expect(popup.go).toHaveBeenCalledWith('/push#abc'));
  expect(options.createCode).toHaveBeenCalledOnce();
  expect(options.openWindow).toHaveBeenCalledOnce();
});

test('a code that was on its way for somebody else is not used', async () => {
  const { push, options } = setUp({ context: 'popup' });
  push.prepare();
  void push.forget();
  await Promise.resolve();
  push.turnOn();
  expect(options.openWindow).toHaveBeenLastCalledWith('about:blank');
  expect(options.createCode).toHaveBeenCalledTimes(2);
});

test('the window tells the endpoint, also after the server told of the success, for the day of logging out', () => {
  const { push, options } = setUp({ context: 'popup' });
  push.turnOn();
  push.subscriptionsChanged(1);
  expect(options.remember).toHaveBeenLastCalledWith('1');
  push.popupSucceeded(subscription.endpoint);
  expect(options.remember).toHaveBeenLastCalledWith(subscription.endpoint);
});

test('at each start the server hears of the subscription that was turned on here', async () => {
  const { push, options } = setUp({ remembered: true });
  await push.restore();
  expect(options.register).toHaveBeenCalledExactlyOnceWith('page', subscription);
  expect(push.state.value.name).toBe('on');
});

test('a subscription that the browser took away is off again, one that nobody here turned on is left alone', async () => {
  const gone = setUp({ remembered: true, existingHere: async () => undefined });
  await gone.push.restore();
  expect(gone.push.state.value.name).toBe('off');
  expect(gone.options.remember).toHaveBeenLastCalledWith(undefined);
  const other = setUp();
  await other.push.restore();
  expect(other.options.register).not.toHaveBeenCalled();
  expect(other.push.state.value.name).toBe('off');
});
