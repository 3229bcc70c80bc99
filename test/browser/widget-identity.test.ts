/** Who the visitor is: nobody before the first word, the same in every tab, known after identify, forgotten after logout. */
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Chromium, launchChromium } from '../support/chromium.ts';
import { ConsolePage, HostPage, keptBy, openLinkPage } from '../support/pages.ts';
import { newAgent } from '../support/raw-client.ts';
import { type ChildServer, startChildServer } from '../support/server.ts';

let server: ChildServer;
let chromium: Chromium;

beforeAll(async () => {
  [server, chromium] = await Promise.all([startChildServer(), launchChromium()]);
});
afterAll(async () => {
  await chromium?.close();
  await server?.stop();
});

const newContext = (): Promise<BrowserContext> => chromium.newContext({ locale: 'en-GB' });
const newDesk = async () => ConsolePage.signIn(await newContext(), server.demo.consoleUrl, server.agent);

async function visit(context: BrowserContext, path: string): Promise<HostPage> {
  const page = await context.newPage();
  await page.goto(new URL(path, server.demo.siteUrl).href);
  return new HostPage(page);
}

const closePanel = async (page: Page) => {
  await page.keyboard.press('Escape');
  await page.locator('inlay-root iframe').waitFor({ state: 'hidden' });
};

/** Beside what pages can read: caches and workers. */
const registered = (page: Page) =>
  page.evaluate(async () => [...(await caches.keys()), ...(await navigator.serviceWorker.getRegistrations())].length);

async function conversationCount(): Promise<number> {
  const { client } = await newAgent(server.url, server.tenantId, server.agent);
  const { conversations } = await client.request<{ conversations: unknown[] }>('conversation.list', {});
  await client.close();
  return conversations.length;
}

test('whoever opens the panel, looks and closes it leaves nothing, here and on the server; the first word changes that', async () => {
  const context = await newContext();
  const before = await conversationCount();
  const host = await visit(context, '/');
  const chat = await host.open();
  await chat.root.getByText('Online').or(chat.root.getByText(/^Away/)).waitFor();
  await chat.root.getByRole('button', { name: 'Options' }).click();
  await chat.root.getByRole('dialog', { name: 'Options' }).waitFor();
  await host.page.keyboard.press('Escape');
  await closePanel(host.page);
  expect([await keptBy(host.page), await keptBy(chat.root)]).toEqual(['', '']);
  expect(await registered(host.page)).toBe(0);
  expect(await context.cookies()).toEqual([]);
  expect(await conversationCount()).toBe(before);

  await host.page.reload();
  const again = await host.open();
  expect(await keptBy(again.root)).toBe('');
  await again.write('The first word');
  await again.sent();
  await expect.poll(() => keptBy(again.root)).toContain('The first word');
  expect(await keptBy(host.page)).toBe(JSON.stringify([`inlay:${server.tenantId}`, '']));
  expect(await context.cookies()).toEqual([]);
  expect(await conversationCount()).toBe(before + 1);
  await context.close();
});

test('a guest who signs in at the host keeps the conversation, and has it on another device; signing out wipes this one', async () => {
  const desk = await newDesk();
  const context = await newContext();
  const asGuest = await visit(context, '/');
  const guest = await asGuest.open();
  await guest.write('Asked as a guest');
  const agent = await desk.openConversation('Asked as a guest');
  await agent.write('Answered to a guest');
  await guest.message('Answered to a guest').waitFor();
  await guest.field.fill('Half a thou');
  await asGuest.page.close();

  const signedIn = await visit(context, '/identify');
  const chat = await signedIn.open();
  await chat.message('Answered to a guest').waitFor();
  await chat.write('Asked as a customer');
  await chat.sent();
  const talk = ['Asked as a guest', 'Answered to a guest', 'Asked as a customer'];
  expect(await chat.texts()).toEqual(talk);
  // The agent has it open and changes nothing.
  await desk.page.getByRole('heading', { name: 'Lin Xiaoyu', level: 2 }).first().waitFor();
  await agent.message('Asked as a customer').waitFor();
  expect(await agent.texts()).toEqual(talk);
  await desk.page.getByRole('region', { name: 'Visitor' }).getByText('Signed in on your site').waitFor();

  const elsewhere = await newContext();
  const there = await (await visit(elsewhere, '/identify')).open();
  await there.message('Asked as a customer').waitFor();
  expect(await there.texts()).toEqual(talk);

  await chat.field.fill('A draft of mine');
  await closePanel(signedIn.page);
  await signedIn.page.getByRole('button', { name: 'Sign out' }).click();
  await signedIn.page.getByText('Signed out').waitFor();
  expect(await keptBy(signedIn.page)).toBe('');
  // What the shop says of itself may be there, nothing of the visitor.
  const kept = await keptBy(chat.root);
  for (const word of [...talk, 'Lin Xiaoyu', 'A draft of mine', 'token', 'userId']) expect(kept).not.toContain(word);
  expect(await chat.texts()).toEqual([]);

  await signedIn.page.goto(server.demo.siteUrl);
  const fresh = await signedIn.open();
  await fresh.root.getByRole('group', { name: 'Suggested questions' }).waitFor();
  expect(await fresh.texts()).toEqual([]);
  // Only this device: the other one goes on.
  await there.write('Still here on the other device');
  await there.sent();
  await Promise.all([context.close(), elsewhere.close(), desk.page.context().close()]);
});

test('two tabs of one visitor show the same at any time, and what was read in one is read in the other', async () => {
  const desk = await newDesk();
  const context = await newContext();
  const address = `${server.url}/im/${server.tenantId}`;
  const one = await openLinkPage(context, address);
  await one.chat.write('From the first tab');
  await one.chat.sent();
  const two = await openLinkPage(context, address);
  await two.chat.message('From the first tab').waitFor();
  await two.chat.write('From the second tab');
  await one.chat.message('From the second tab').waitFor();
  const agent = await desk.openConversation('From the second tab');
  await agent.write('To both');
  for (const { chat } of [one, two]) await chat.message('To both').waitFor();
  await one.page.bringToFront();
  await one.chat.write('Tab one again');
  await two.chat.message('Tab one again').waitFor();
  const expected = ['From the first tab', 'From the second tab', 'To both', 'Tab one again'];
  for (const side of [one.chat, two.chat, agent]) expect(await side.texts()).toEqual(expected);
  await agent.state('Read').waitFor({ state: 'attached' });
  expect(await two.page.title()).not.toMatch(/^\(\d/);

  // Without a network both tabs keep their own words, and each is sent once, whichever tab does it.
  await context.setOffline(true);
  await one.chat.write('Offline in one');
  await two.chat.write('Offline in two');
  await context.setOffline(false);
  for (const text of ['Offline in one', 'Offline in two']) {
    for (const side of [one.chat, two.chat, agent]) await side.message(text).waitFor();
  }
  const texts = await agent.texts();
  expect([...texts].sort()).toEqual([...expected, 'Offline in one', 'Offline in two'].sort());
  for (const { chat } of [one, two]) await expect.poll(() => chat.texts()).toEqual(texts);
  await Promise.all([context.close(), desk.page.context().close()]);
});

test('after signing out nothing of the conversation stands in the document, not even for screen readers', async () => {
  const desk = await newDesk();
  const context = await newContext();
  const host = await visit(context, '/identify');
  const chat = await host.open();
  await chat.write('A private question');
  const agent = await (async () => {
    await desk.page.getByRole('tab', { name: /^All/ }).click();
    return desk.openConversation('Lin Xiaoyu');
  })();
  await agent.write('A private answer');
  await chat.message('A private answer').waitFor();
  await chat.field.fill('A draft of mine');
  await host.page.keyboard.press('Escape');
  await host.page.getByRole('button', { name: 'Sign out' }).click();
  await host.page.getByText('Signed out').waitFor();
  const shown = await chat.root.evaluate(() => document.body.textContent);
  expect.soft(await chat.root.locator('textarea').inputValue()).toBe('');
  expect(shown).not.toContain('A private answer');
  await Promise.all([context.close(), desk.page.context().close()]);
});

test('a draft that was written before a reload is gone after signing out, too', async () => {
  const context = await newContext();
  const host = await visit(context, '/identify');
  const first = await host.open();
  await first.write('Hello');
  await first.sent();
  await first.field.fill('A draft of mine');
  await host.page.reload();
  const chat = await host.open();
  await host.page.keyboard.press('Escape');
  await host.page.getByRole('button', { name: 'Sign out' }).click();
  await host.page.getByText('Signed out').waitFor();
  await expect.poll(() => keptBy(chat.root)).toBe('');
  await context.close();
});
