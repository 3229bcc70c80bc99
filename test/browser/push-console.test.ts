/**
 * An agent who is away: the console is closed, a visitor writes, a notification appears, a click on it opens the console at that
 * conversation. With Firefox's real push stack, as push-firefox.test.ts has it for visitors.
 */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type FakePush, startFakePush } from '../support/fake-push.ts';
import { type Firefox, type FirefoxPage, launchFirefox } from '../support/firefox.ts';
import { newClientMessageId, newVisitor, type Visitor } from '../support/raw-client.ts';
import { type ChildServer, startChildServer } from '../support/server.ts';

const ENTER = '\uE007';
/** What Firefox says of a message that was decrypted and shown. */
const SHOWN = 100;

let push: FakePush;
let server: ChildServer;
let firefox: Firefox;
let visitor: Visitor;

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
  visitor = await newVisitor(server.url, server.tenantId, { name: 'Wang Fang' });
});
afterEach(async () => {
  await visitor.client.close();
  await firefox.close();
});

async function signIn(): Promise<FirefoxPage> {
  const page = await firefox.open(server.demo.consoleUrl);
  await page.click('[name=account]');
  await page.type(server.agent.account);
  await page.click('[name=password]');
  await page.type(server.agent.password + ENTER);
  await page.until(() => document.querySelector('[role=tablist]') !== null);
  return page;
}

const bell = (label: string) => `button[aria-label="${label} notifications"]`;

async function turnOn(page: FirefoxPage): Promise<void> {
  await page.click(bell('Turn on'));
  await page.until((selector) => document.querySelector(selector) !== null, bell('Turn off'));
}

function write(text: string): Promise<unknown> {
  return visitor.client.request('message.send', {
    conversationId: visitor.session.conversation.conversationId,
    clientMessageId: newClientMessageId(),
    content: { kind: 'text', text },
  });
}

const untilConversation = (page: FirefoxPage, text: string) =>
  page.until((wanted) => document.querySelector('[role=log]')?.textContent?.includes(wanted) === true, text);

const place = () => `${server.demo.consoleUrl}#c=${visitor.session.conversation.conversationId}`;

test('closed, written to, notified, clicked: the console opens at the conversation', async () => {
  const page = await signIn();
  await turnOn(page);
  await page.close();

  const acknowledged = push.next('ack');
  await write('Is anybody there?');
  expect(await acknowledged).toBe(SHOWN);
  expect(await firefox.notificationText()).toEqual({
    title: expect.stringContaining('Wang Fang'),
    text: 'Is anybody there?',
  });
  const opened = firefox.nextPage((url) => url.startsWith(server.demo.consoleUrl));
  await firefox.clickNotification();
  const desk = await opened;
  await untilConversation(desk, 'Is anybody there?');
  expect(await desk.url()).toBe(place());
  // The bell knows without a click that it is on.
  await desk.until((selector) => document.querySelector(selector) !== null, bell('Turn off'));
});

test('a console that is open again by the time of the click is brought to the front at the conversation', async () => {
  const page = await signIn();
  await turnOn(page);
  await page.navigate(`${server.url}/healthz`);

  const acknowledged = push.next('ack');
  await write('Do you gift-wrap?');
  expect(await acknowledged).toBe(SHOWN);
  await page.navigate(server.demo.consoleUrl);
  await page.until(() => document.querySelector('[role=tablist]') !== null);
  const before = (await firefox.contexts()).length;
  await firefox.clickNotification();
  await untilConversation(page, 'Do you gift-wrap?');
  expect(await page.url()).toBe(place());
  expect(await firefox.contexts()).toHaveLength(before);
});

test('agent and visitor at one browser keep their own subscriptions, and signing out drops the agent’s alone', async () => {
  const link = await firefox.open(`${server.url}/im/${server.tenantId}`);
  await link.click('textarea');
  await link.type(`May I ask something?${ENTER}`);
  await link.click('.strip-action');
  await link.until(() => document.querySelector('.strip')?.textContent?.includes('On.') === true);
  await link.close();

  const page = await signIn();
  await turnOn(page);
  const held = () =>
    page.evaluate(async () => {
      const registrations = await navigator.serviceWorker.getRegistrations();
      const subscriptions = await Promise.all(registrations.map(({ pushManager }) => pushManager.getSubscription()));
      return registrations.flatMap(({ scope }, at) => (subscriptions[at] ? new URL(scope).pathname : [])).sort();
    });
  expect(await held()).toEqual(['/console/', `/im/${server.tenantId}`]);
  const unregistered = push.next('unregister');
  await page.click('button[aria-label="Menu"]');
  await page.until(() => {
    const buttons = [...document.querySelectorAll('button')];
    buttons.find(({ textContent }) => textContent?.includes('Sign out'))?.click();
    return document.querySelector('[name=account]') !== null;
  });
  await unregistered;
  expect(await held()).toEqual([`/im/${server.tenantId}`]);
});
