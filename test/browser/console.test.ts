/** The agents' workbench in a real browser against the real server, used as an agent uses it. Visitors are raw clients. */
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { violations } from '../support/axe.ts';
import { type Chromium, launchChromium } from '../support/chromium.ts';
import { ConsolePage } from '../support/pages.ts';
import { newClientMessageId, newVisitor } from '../support/raw-client.ts';
import { type ChildServer, startChildServer } from '../support/server.ts';

let server: ChildServer;
let chromium: Chromium;

beforeAll(async () => {
  server = await startChildServer();
  chromium = await launchChromium();
});
afterAll(async () => {
  await chromium?.close();
  await server?.stop();
});

const desktop: BrowserContextOptions = { locale: 'en-GB', viewport: { width: 1280, height: 800 } };
const phone: BrowserContextOptions = {
  locale: 'en-GB',
  viewport: { width: 390, height: 844 },
  hasTouch: true,
  isMobile: true,
};

/** The console, signed in; what goes wrong on the page is collected. */
async function newDesk(options = desktop): Promise<{ desk: ConsolePage; page: Page; problems: string[] }> {
  const context = await chromium.newContext(options);
  const desk = await ConsolePage.signIn(context, server.demo.consoleUrl, server.agent);
  const problems: string[] = [];
  desk.page.on('pageerror', (error) => problems.push(error.message));
  desk.page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  return { desk, page: desk.page, problems };
}

/** A visitor who has written; `say` writes more. */
async function newAsker(text: string, context: object = {}) {
  const { client, session } = await newVisitor(server.url, server.tenantId, context);
  const { conversationId } = session.conversation;
  const say = (more: string) =>
    client.request('message.send', {
      conversationId,
      clientMessageId: newClientMessageId(),
      content: { kind: 'text', text: more },
    });
  await say(text);
  return { client, conversationId, say };
}

const row = (page: Page, text: string) => page.getByRole('option').filter({ hasText: text });
const head = (page: Page, name: string) => page.getByRole('heading', { name, level: 2 }).first();

test('a wrong password is told, the right one opens the inbox, and a reload stays in', async () => {
  const context = await chromium.newContext(desktop);
  const page = await context.newPage();
  await page.goto(server.demo.consoleUrl);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('Enter your account and your password.').waitFor();
  await page.getByLabel('Account').fill(server.agent.account);
  await page.getByLabel('Password', { exact: true }).fill('not this one');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('Account or password is wrong.').waitFor();
  expect(await page.getByLabel('Password', { exact: true }).evaluate((field) => field === document.activeElement)).toBe(
    true,
  );
  await page.keyboard.type(server.agent.password);
  await page.keyboard.press('Enter');
  await page.getByRole('tab', { name: /^Waiting/ }).waitFor();
  await page.reload();
  await page.getByRole('tab', { name: /^Waiting/ }).waitFor();
  await context.close();
});

test('signing out ends the session of this browser', async () => {
  const { page } = await newDesk();
  await page.getByRole('button', { name: 'Menu' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('Account').waitFor();
  await page.reload();
  await page.getByLabel('Account').waitFor();
  await page.context().close();
});

test('a session that ended elsewhere asks to sign in again, and goes on where it was, draft included', async () => {
  const { conversationId } = await newAsker('Where was I?');
  const { desk, page } = await newDesk();
  const chat = await desk.openConversation('Where was I?');
  await chat.field.fill('Half an answer');
  await page.evaluate(() => fetch('/v1/console/session', { method: 'DELETE' }));
  await server.kill9();
  await server.restart();
  await page.getByText('Your session has ended. Sign in to go on.').waitFor();
  await page.getByLabel('Account').fill(server.agent.account);
  await page.getByLabel('Password', { exact: true }).fill(server.agent.password);
  await page.keyboard.press('Enter');
  await chat.message('Where was I?').waitFor();
  expect(page.url()).toContain(`#c=${conversationId}`);
  expect(await chat.field.inputValue()).toBe('Half an answer');
  await page.context().close();
});

test('the connection comes back by itself after the server was killed, and nothing is missing', async () => {
  await newAsker('Before the crash', { name: 'Karla Crash' });
  const { desk, page } = await newDesk();
  await desk.openConversation('Before the crash');
  await server.kill9();
  await page.getByText('Reconnecting …').waitFor();
  await server.restart();
  await page.getByText('Reconnecting …').waitFor({ state: 'detached' });
  await desk.chat.write('After the crash');
  await desk.chat.state('Sent').waitFor();
  await page.context().close();
});

test('a message appears in the list at once, is counted in the title, and is read when it is opened', async () => {
  const { desk, page, problems } = await newDesk();
  const visitor = await newAsker('Is the harbour open?', { name: 'Bruno Live' });
  await row(page, 'Is the harbour open?').waitFor();
  await expect.poll(() => page.title()).toMatch(/^\(\d+\) Inbox/);
  await row(page, 'Bruno Live')
    .getByText(/1 unread/)
    .waitFor();
  await visitor.say('Hello?');
  await row(page, 'Bruno Live')
    .getByText(/2 unread/)
    .waitFor();
  await desk.openConversation('Bruno Live');
  await desk.chat.message('Hello?').waitFor();
  await row(page, 'Bruno Live')
    .getByText(/unread/)
    .waitFor({ state: 'detached' });
  const receipt = await visitor.client.next(({ type, readSeq }) => type === 'receipt.changed' && readSeq === 2);
  expect(receipt).toBeDefined();
  expect(problems).toEqual([]);
  await page.context().close();
});

test('an answer takes the conversation and reaches the visitor, and typing is seen both ways', async () => {
  const visitor = await newAsker('Do you ship to Porto?', { name: 'Carla Porto' });
  const { desk, page } = await newDesk();
  const chat = await desk.openConversation('Do you ship to Porto?');
  await visitor.client.request('typing.set', { conversationId: visitor.conversationId, typing: true });
  await chat.log.getByText('Carla Porto is typing …').waitFor();
  await chat.field.pressSequentially('Yes');
  await visitor.client.event('typing.changed');
  await chat.field.press('Enter');
  await visitor.client.next(
    ({ type, message }) => type === 'message.created' && JSON.stringify(message).includes('Yes'),
  );
  await row(page, 'Carla Porto').waitFor({ state: 'detached' });
  await page.getByRole('tab', { name: /^Mine/ }).click();
  await row(page, 'You: Yes').waitFor();
  await page.context().close();
});

test('closing is undone by one key, and a closed conversation can be reopened', async () => {
  await newAsker('Please cancel my order', { name: 'Dario Close' });
  const { desk, page } = await newDesk();
  await desk.openConversation('Please cancel my order');
  await page.getByRole('button', { name: 'Take' }).click();
  await page.getByText(/^Yours/).waitFor();
  await page.getByRole('button', { name: 'Close', exact: true }).click();
  await page.getByText('This conversation is closed.').waitFor();
  await page.getByRole('status').filter({ hasText: 'Closed: Dario Close' }).waitFor();
  await page.keyboard.press('z');
  await desk.chat.field.waitFor();
  await page.getByText(/^Yours/).waitFor();
  await page.keyboard.press('e');
  await page.getByText('This conversation is closed.').waitFor();
  await page.getByRole('button', { name: 'Reopen' }).click();
  await page.getByText(/^Yours/).waitFor();
  await page.context().close();
});

test('what the visitor’s page and form said stands beside the conversation, and none of it is markup', async () => {
  const visitor = {
    name: '<b>Eva</b>',
    page: { url: 'https://shop.example/cart', title: '<img src=x onerror=alert(1)>' },
    fields: { '<i>order</i>': '<script>alert(1)</script>' },
  };
  await newAsker('<u>Hello</u>', visitor);
  const { desk, page, problems } = await newDesk();
  await desk.openConversation('<u>Hello</u>');
  const person = page.getByRole('region', { name: 'Visitor' });
  for (const text of ['<b>Eva</b>', visitor.page.title, '<i>order</i>', '<script>alert(1)</script>'])
    await person.getByText(text, { exact: true }).first().waitFor();
  expect(await person.getByRole('link').getAttribute('href')).toBe(visitor.page.url);
  expect(await page.locator('section b, section u, section img').count()).toBe(0);
  expect(problems).toEqual([]);
  await page.context().close();
});

test('a link leads to its conversation, and one to nowhere says so', async () => {
  const { conversationId } = await newAsker('I came by a link', { name: 'Filipa Link' });
  const { desk, page } = await newDesk();
  await page.goto(`${server.demo.consoleUrl}#c=${conversationId}`);
  await desk.chat.message('I came by a link').waitFor();
  await page.goto(`${server.demo.consoleUrl}#c=nowhere`);
  await page.getByText('This conversation is not there').waitFor();
  await page.context().close();
});

test('on a phone there is one column at a time, and the way back is the phone’s own', async () => {
  await newAsker('From the tram', { name: 'Gil Phone' });
  const { desk, page } = await newDesk(phone);
  const list = page.getByRole('navigation', { name: 'Conversations' });
  await desk.openConversation('From the tram');
  await list.waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: 'About the visitor' }).click();
  await page.getByRole('region', { name: 'Visitor' }).waitFor();
  await desk.chat.field.waitFor({ state: 'hidden' });
  await page.goBack();
  await desk.chat.field.waitFor();
  await page.getByRole('button', { name: 'Back' }).first().click();
  await list.waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  expect(await violations(page)).toEqual([]);
  await page.context().close();
});

test('by keyboard alone: move in the list, answer, close, search, and read the keys', async () => {
  await newAsker('First by key', { name: 'Hugo Key' });
  await newAsker('Second by key', { name: 'Ines Key' });
  const { desk, page } = await newDesk();
  await row(page, 'Second by key').waitFor();
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').waitFor();
  await page.keyboard.type('ines');
  await page
    .getByRole('option', { name: /Ines Key/ })
    .first()
    .waitFor();
  await page.keyboard.press('Enter');
  await head(page, 'Ines Key').waitFor();
  // The next key is the first letter of the answer, not a command.
  await page.keyboard.press('r');
  await page.keyboard.type('Open it is');
  await page.keyboard.press('Enter');
  await desk.chat.message('Open it is').waitFor();
  // Letters in the field stay letters; beside it they are commands.
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('e');
  await page.getByText('This conversation is closed.').waitFor();
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('3');
  await page.getByRole('tab', { name: /^All/, selected: true }).waitFor();
  await page.getByRole('listbox').focus();
  await page.keyboard.press('Home');
  const first = await page.getByRole('option', { selected: true }).getAttribute('id');
  await page.keyboard.press('ArrowDown');
  await expect.poll(() => page.getByRole('option', { selected: true }).getAttribute('id')).not.toBe(first);
  await page.context().close();
});

test('the language is the browser’s, can be changed, and is remembered', async () => {
  const { page } = await newDesk({ ...desktop, locale: 'zh-CN' });
  await page.getByRole('tab', { name: /^等待中/ }).waitFor();
  expect(await page.evaluate(() => document.documentElement.lang)).toBe('zh-CN');
  await page.getByRole('button', { name: '菜单' }).click();
  await page.getByRole('radio', { name: 'English' }).check();
  await page.getByRole('tab', { name: /^Waiting/ }).waitFor();
  await page.getByRole('radio', { name: 'Dark' }).check();
  await page.reload();
  await page.getByRole('tab', { name: /^Waiting/ }).waitFor();
  expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark');
  expect(await violations(page)).toEqual([]);
  await page.context().close();
});

test('without a network the agent is told, and what was written leaves when it is back', async () => {
  const visitor = await newAsker('Are you there?', { name: 'Joao Offline' });
  const { desk, page } = await newDesk();
  const chat = await desk.openConversation('Are you there?');
  await page.context().setOffline(true);
  await page.getByText('You are offline. Messages will be sent later.').waitFor();
  await chat.write('Written in a tunnel');
  await chat.state('Will be sent when you are online').waitFor();
  await page.getByRole('button', { name: 'Close', exact: true }).click();
  await page.getByText('This needs a connection. Try again when you are online.').waitFor();
  expect(await violations(page)).toEqual([]);
  await page.context().setOffline(false);
  await visitor.client.next(
    ({ type, message }) => type === 'message.created' && JSON.stringify(message).includes('Written in a tunnel'),
  );
  await page.context().close();
});
