import { expect, test, vi } from 'vitest';
import type { PushRedeemResult } from '../../protocol/push.ts';
import type { SubscribeResult } from '../../ui/push/subscribe.ts';
import { PopupFlow, type PopupOptions } from './flow.ts';

const redeemed: PushRedeemResult = { tenant: { tenantId: 'demo', name: 'Demo' }, publicKey: 'key', ticket: 'ticket' };
const subscription = { endpoint: 'https://push.example/1', keys: { p256dh: 'p', auth: 'a' } };
const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status });
const refusal = (code: string, status: number) => json({ error: { code, message: code, retry: 'never' } }, status);

function setup(options: Partial<PopupOptions> = {}) {
  const fetch = vi.fn(async (path: RequestInfo | URL, _init?: RequestInit) =>
    path === '/v1/push/redeem' ? json(redeemed) : json({}, 201),
  );
  const subscribe = vi.fn(async (): Promise<SubscribeResult> => ({ kind: 'subscribed', subscription }));
  const announce = vi.fn();
  const flow = new PopupFlow({ code: 'code', fetch, subscribe, announce, obstacle: () => undefined, ...options });
  const sent = () => fetch.mock.calls.map(([path, init]) => [path, JSON.parse(String(init?.body))]);
  return { flow, fetch, subscribe, announce, sent };
}

test('a code becomes a ticket, a tap a subscription, and the server and the opener hear of it', async () => {
  const { flow, subscribe, announce, sent } = setup();
  await flow.start();
  expect(flow.state.value).toEqual({ name: 'ask', redeemed });
  expect(announce).not.toHaveBeenCalled();
  await flow.turnOn();
  expect(flow.state.value).toEqual({ name: 'done' });
  expect(subscribe).toHaveBeenCalledExactlyOnceWith(redeemed);
  expect(sent()).toEqual([
    ['/v1/push/redeem', { code: 'code' }],
    ['/v1/push/subscriptions', { ticket: 'ticket', subscription }],
  ]);
  expect(announce).toHaveBeenCalledExactlyOnceWith(subscription.endpoint);
});

test('the browser is asked within the tap, before anything else', () => {
  const { flow, subscribe } = setup();
  return flow.start().then(() => {
    void flow.turnOn();
    expect(subscribe).toHaveBeenCalledOnce();
    expect(flow.state.value.name).toBe('turning-on');
  });
});

test('without a code, or with one that is used up, the window has expired', async () => {
  const empty = setup({ code: '' });
  await empty.flow.start();
  expect(empty.flow.state.value).toEqual({ name: 'problem', problem: 'expired' });
  expect(empty.fetch).not.toHaveBeenCalled();
  const used = setup({ fetch: async () => refusal('code-invalid', 410) });
  await used.flow.start();
  expect(used.flow.state.value).toEqual({ name: 'problem', problem: 'expired' });
});

test('a failed network can be tried again', async () => {
  const fetch = vi.fn().mockRejectedValueOnce(new TypeError('offline')).mockResolvedValueOnce(json(redeemed));
  const { flow } = setup({ fetch });
  await flow.start();
  expect(flow.state.value).toEqual({ name: 'problem', problem: 'failed' });
  await flow.turnOn();
  expect(flow.state.value).toEqual({ name: 'ask', redeemed });
});

test.each(['denied', 'dismissed', 'failed'] as const)(
  'after %s it can be tried again with the same ticket',
  async (error) => {
    const subscribe = vi.fn<PopupOptions['subscribe']>();
    subscribe.mockResolvedValueOnce({ kind: 'error', error });
    subscribe.mockResolvedValueOnce({ kind: 'subscribed', subscription });
    const { flow } = setup({ subscribe });
    await flow.start();
    await flow.turnOn();
    expect(flow.state.value).toEqual({ name: 'problem', problem: error, redeemed });
    await flow.turnOn();
    expect(flow.state.value.name).toBe('done');
  },
);

test.each(['unsupported', 'needs-install'] as const)(
  '%s is said at once and the code is not used up',
  async (problem) => {
    const { flow, fetch } = setup({ obstacle: () => problem });
    await flow.start();
    expect(flow.state.value).toEqual({ name: 'problem', problem });
    expect(fetch).not.toHaveBeenCalled();
  },
);

test('notifications that are blocked are said at once, and can be tried again after allowing them', async () => {
  const { flow } = setup({ obstacle: () => 'denied' });
  await flow.start();
  expect(flow.state.value).toEqual({ name: 'problem', problem: 'denied', redeemed });
  await flow.turnOn();
  expect(flow.state.value.name).toBe('done');
});

test.each([
  ['code-invalid', 'expired'],
  ['push-endpoint-forbidden', 'unsupported'],
  ['internal', 'failed'],
])('the server says %s: %s', async (code, problem) => {
  const fetch = vi.fn().mockResolvedValueOnce(json(redeemed)).mockResolvedValueOnce(refusal(code, 400));
  const { flow, announce } = setup({ fetch });
  await flow.start();
  await flow.turnOn();
  expect(flow.state.value).toMatchObject({ name: 'problem', problem });
  expect(announce).not.toHaveBeenCalled();
});
