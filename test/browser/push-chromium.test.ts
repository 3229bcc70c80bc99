/**
 * The same job in Chromium. It subscribes at Google and nowhere else, so here `subscribe()` is answered by the fake service and
 * what the server sends to it is handed to the worker over the debugging protocol. Everything between is real: the server's
 * encryption, the worker, the notification.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { CDPSession, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Chromium, launchChromium } from '../support/chromium.ts';
import { type FakePush, startFakePush } from '../support/fake-push.ts';
import { Chat } from '../support/pages.ts';
import { newAgent, newClientMessageId, type RawClient } from '../support/raw-client.ts';
import { type ChildServer, startChildServer } from '../support/server.ts';

/** getNotifications() asked before the notification is displayed deletes it: wait first, then ask once. */
const DISPLAYED_MS = 700;

let push: FakePush;
let server: ChildServer;
let chromium: Chromium | undefined;
let agent: RawClient | undefined;

beforeAll(async () => {
  push = await startFakePush();
  server = await startChildServer({
    env: { PUSH_DELAY_MS: '500', PUSH_ENDPOINT_ALLOW: push.host, PUSH_EXTRA_CA: push.caPath },
  });
});
afterAll(async () => {
  await server?.stop();
  await push?.close();
});
afterEach(async () => {
  await agent?.close();
  await chromium?.close();
  agent = undefined;
  chromium = undefined;
});

/** `subscribe()` of the pages is answered by `push`, or by nothing at all. */
async function launch(answered: boolean): Promise<Page> {
  chromium = await launchChromium({ context: { locale: 'en-GB' } });
  const { context } = chromium;
  await context.grantPermissions(['notifications'], { origin: server.url });
  await context.exposeFunction('fakeSubscribe', (key: string) =>
    answered ? push.subscribe(key).toJson() : new Promise(() => undefined),
  );
  await context.addInitScript(() => {
    const { fakeSubscribe } = window as unknown as { fakeSubscribe(key: string): Promise<PushSubscriptionJSON> };
    let current: object | null = null;
    PushManager.prototype.subscribe = async (options) => {
      const json = await fakeSubscribe(String(options?.applicationServerKey));
      current = { ...json, options: {}, toJSON: () => json, unsubscribe: async () => true };
      return current as PushSubscription;
    };
    PushManager.prototype.getSubscription = async () => current as PushSubscription | null;
  });
  const page = await context.newPage();
  await page.goto(`${server.url}/im/${server.tenantId}`);
  return page;
}

async function writeAndTurnOn(page: Page, text: string): Promise<void> {
  await new Chat(page).write(text);
  await page.getByRole('complementary', { name: 'Notifications' }).getByRole('button', { name: 'Turn on' }).click();
}

async function answer(question: string, text: string): Promise<string> {
  agent = (await newAgent(server.url, server.tenantId, server.agent)).client;
  const { conversations } = await agent.request<{
    conversations: { conversationId: string; lastMessage?: { content: { text?: string } } }[];
  }>('conversation.list', { filter: 'all' });
  const found = conversations.find(({ lastMessage }) => lastMessage?.content.text === question);
  const conversationId = found?.conversationId ?? '';
  const content = { kind: 'text', text };
  await agent.request('message.send', { conversationId, clientMessageId: newClientMessageId(), content });
  return conversationId;
}

/** A debugging session that knows the registration of the worker at `/`. */
async function workerSession(page: Page): Promise<{ session: CDPSession; registrationId: string }> {
  const session = await page.context().newCDPSession(page);
  const registered = new Promise<string>((resolve) => {
    session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const own = registrations.find(({ scopeURL }) => scopeURL === `${server.url}/`);
      if (own) resolve(own.registrationId);
    });
  });
  await session.send('ServiceWorker.enable');
  return { session, registrationId: await registered };
}

test('link page: closed, answered: the worker shows the notification that the server sent', async () => {
  const page = await launch(true);
  await writeAndTurnOn(page, 'Is it in stock?');
  await page.getByText('On. We will notify you').waitFor();
  await page.goto(`${server.url}/healthz`);

  const arrived = push.next('push');
  const conversationId = await answer('Is it in stock?', '有货');
  const { plaintext = '' } = await arrived;
  const { session, registrationId } = await workerSession(page);
  await session.send('ServiceWorker.deliverPushMessage', { origin: server.url, registrationId, data: plaintext });
  await pause(DISPLAYED_MS);
  const shown = await page.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration('/');
    const notifications = (await registration?.getNotifications()) ?? [];
    return notifications.map(({ title, body, tag, data }) => ({ title, body, tag, data }));
  });
  expect(shown).toEqual([
    {
      title: expect.any(String),
      body: '有货',
      tag: `inlay:${conversationId}`,
      data: { conversationId, navigate: `${server.url}/im/${server.tenantId}#c=${conversationId}` },
    },
  ]);
});

test('a push service that never answers: the visitor is told so and can try again', async () => {
  const page = await launch(false);
  await page.clock.install();
  await writeAndTurnOn(page, 'Still there?');
  await page.getByText('Waiting for your browser').waitFor();
  await page.clock.runFor(16_000);
  await page.getByText('Notifications could not be turned on').waitFor();
  await page.getByRole('button', { name: 'Turn on' }).waitFor();
});
