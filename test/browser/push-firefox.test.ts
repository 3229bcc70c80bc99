/**
 * The page is closed, an agent answers, a notification appears, a click on it opens the conversation: with Firefox's real push
 * stack, from its own decryption to a trusted click, in the three ways to turn it on.
 */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type FakePush, startFakePush } from '../support/fake-push.ts';
import { type Firefox, type FirefoxPage, launchFirefox } from '../support/firefox.ts';
import { newAgent, newClientMessageId, type RawClient } from '../support/raw-client.ts';
import { type ChildServer, startChildServer } from '../support/server.ts';

const ENTER = '\uE007';
/** What Firefox says of a message that was decrypted and shown. */
const SHOWN = 100;

let push: FakePush;
let server: ChildServer;
let firefox: Firefox;
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
beforeEach(async () => {
  firefox = await launchFirefox({ pushUrl: push.websocketUrl });
});
afterEach(async () => {
  await agent?.close();
  agent = undefined;
  await firefox.close();
});

let counter = 0;
const unique = (text: string) => `${text} (${++counter})`;

/** Writes as a person does; nobody is at the desk, so the offer to be told appears. */
async function writeAndTurnOn(chat: FirefoxPage, text: string): Promise<void> {
  await write(chat, text);
  await chat.click('.strip-action');
}

async function write(chat: FirefoxPage, text: string): Promise<void> {
  await chat.click('textarea');
  await chat.type(text + ENTER);
  await untilShown(chat, text);
}

function untilShown(chat: FirefoxPage, text: string): Promise<boolean> {
  return chat.until((wanted) => document.querySelector('[role=log]')?.textContent?.includes(wanted) === true, text);
}

function untilTurnedOn(chat: FirefoxPage): Promise<boolean> {
  return chat.until(() => document.querySelector('.strip')?.textContent?.includes('On.') === true);
}

async function openOnHost(page: FirefoxPage): Promise<FirefoxPage> {
  await page.click('inlay-root >>> button');
  const chat = await page.frame((url) => url.includes('/embed/'));
  // The focus comes in when the panel stands: whoever types earlier types into the host's page.
  await chat.until(() => document.activeElement !== document.body);
  return chat;
}

/** An agent answers the conversation in which the text stands. */
async function answer(question: string, text: string): Promise<void> {
  agent ??= (await newAgent(server.url, server.tenantId, server.agent)).client;
  const { conversations } = await agent.request<{
    conversations: { conversationId: string; lastMessage?: { content: { text?: string } } }[];
  }>('conversation.list', { filter: 'all' });
  const conversation = conversations.find(({ lastMessage }) => lastMessage?.content.text === question);
  expect(conversation, question).toBeDefined();
  await agent.request('message.send', {
    conversationId: conversation?.conversationId,
    clientMessageId: newClientMessageId(),
    content: { kind: 'text', text },
  });
}

test('link page: closed, answered, notified, clicked: the conversation is there with the answer', async () => {
  const [question, reply] = [unique('Is it in stock?'), unique('有货，今天发出')];
  const page = await firefox.open(`${server.url}/im/${server.tenantId}`);
  await writeAndTurnOn(page, question);
  await untilTurnedOn(page);
  await page.close();

  const acknowledged = push.next('ack');
  await answer(question, reply);
  expect(await acknowledged).toBe(SHOWN);
  expect((await firefox.notificationText()).text).toBe(reply);
  const opened = firefox.nextPage((url) => url.startsWith(`${server.url}/im/${server.tenantId}`));
  await firefox.clickNotification();
  await untilShown(await opened, reply);
});

test('link page: a window that still shows it is brought to the front instead of a second one', async () => {
  const [question, reply] = [unique('Anybody there?'), unique('Here I am')];
  const page = await firefox.open(`${server.url}/webim/im.html?tenantId=${server.tenantId}&name=Li`);
  await writeAndTurnOn(page, question);
  await untilTurnedOn(page);
  await page.navigate(`${server.url}/healthz`);

  const acknowledged = push.next('ack');
  await answer(question, reply);
  expect(await acknowledged).toBe(SHOWN);
  await page.navigate(`${server.url}/webim/im.html?tenantId=${server.tenantId}`);
  await untilShown(page, reply);
  const before = (await firefox.contexts()).length;
  await page.evaluate(() => {
    navigator.serviceWorker.addEventListener('message', ({ data }) => {
      document.title = String(data?.type);
    });
  });
  await firefox.clickNotification();
  await page.until(() => document.title === 'inlay.open');
  expect(await firefox.contexts()).toHaveLength(before);
});

test('link page: who unsubscribed is not notified, and the server forgets the subscription', async () => {
  const [question, reply] = [unique('And tomorrow?'), unique('Tomorrow, too')];
  const page = await firefox.open(`${server.url}/im/${server.tenantId}`);
  await writeAndTurnOn(page, question);
  await untilTurnedOn(page);
  const unregistered = push.next('unregister');
  await page.evaluate(async () => {
    const { pushManager } = await navigator.serviceWorker.ready;
    await (await pushManager.getSubscription())?.unsubscribe();
  });
  await unregistered;
  await page.close();
  const refused = push.next('refused');
  await answer(question, reply);
  expect(await refused).toBe(404);
});

test('a host that adds nothing: a window of the widget’s origin turns it on, and a click leads back to the host’s page', async () => {
  const [question, reply] = [unique('Do you ship to Chengdu?'), unique('Yes, we do')];
  const page = await firefox.open(server.demo.siteUrl);
  const chat = await openOnHost(page);
  await write(chat, question);
  const opened = firefox.nextPage((url) => url.startsWith(`${server.url}/push`));
  await chat.click('.strip-action');
  const popup = await opened;
  await popup.click('[data-state=ask] button');
  await popup.until(() => document.querySelector('[data-state=done]') !== null);
  expect(await popup.url()).toBe(`${server.url}/push`);
  await untilTurnedOn(chat);
  await popup.close();
  await page.close();

  const acknowledged = push.next('ack');
  await answer(question, reply);
  expect(await acknowledged).toBe(SHOWN);
  const back = firefox.nextPage((url) => url.startsWith(server.demo.siteUrl));
  await firefox.clickNotification();
  const again = await (await back).frame((url) => url.includes('/embed/'));
  await untilShown(again, reply);
});

test('a host that adds one file: the notification is the host’s own, and a click opens the panel on its page', async () => {
  const [question, reply] = [unique('Which size?'), unique('Size M')];
  const page = await firefox.open(new URL('/push', server.demo.siteUrl).href);
  const chat = await openOnHost(page);
  await writeAndTurnOn(chat, question);
  await untilTurnedOn(chat);
  const scopes = await page.evaluate(async () =>
    (await navigator.serviceWorker.getRegistrations()).map(({ scope }) => new URL(scope).pathname),
  );
  expect(scopes).toEqual(['/__inlay/']);
  await page.close();

  const acknowledged = push.next('ack');
  await answer(question, reply);
  expect(await acknowledged).toBe(SHOWN);
  const back = firefox.nextPage((url) => url.startsWith(new URL('/push', server.demo.siteUrl).href));
  await firefox.clickNotification();
  await untilShown(await (await back).frame((url) => url.includes('/embed/')), reply);
});
