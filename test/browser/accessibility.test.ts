/** No violation that axe can find, in each state of widget and console; and the whole conversation by keyboard alone. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { violations } from '../support/axe.ts';
import { type Chromium, launchChromium } from '../support/chromium.ts';
import { Chat, ConsolePage, HostPage } from '../support/pages.ts';
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

const contextOptions = (colorScheme: 'light' | 'dark') => ({
  locale: 'en-GB',
  colorScheme,
  reducedMotion: 'reduce' as const,
});

test.each(['light', 'dark'] as const)(
  'axe finds nothing in the widget and around the launcher, %s',
  async (colorScheme) => {
    const context = await chromium.newContext(contextOptions(colorScheme));
    const page = await context.newPage();
    await page.goto(server.demo.siteUrl);
    const host = new HostPage(page);
    await host.launcher.waitFor();
    expect(await violations(page)).toEqual([]);
    const chat = await host.open();
    expect(await violations(chat.root)).toEqual([]);
    await chat.write('Is anybody there? See https://example.com');
    await chat.state('Sent').or(chat.state('Delivered')).waitFor();
    await chat.root.getByRole('button', { name: 'Emoji' }).click();
    await chat.root.getByRole('dialog', { name: 'Emoji' }).waitFor();
    expect(await violations(chat.root)).toEqual([]);
    await page.keyboard.press('Escape');
    await context.setOffline(true);
    await chat.write('Written without a network');
    await chat.root.getByText(/You are offline/).waitFor();
    expect(await violations(chat.root)).toEqual([]);
    expect(await violations(page)).toEqual([]);
    await context.close();
  },
);

test.each(['light', 'dark'] as const)('axe finds nothing in the console, %s', async (colorScheme) => {
  const context = await chromium.newContext(contextOptions(colorScheme));
  const signIn = await context.newPage();
  await signIn.goto(server.demo.consoleUrl);
  await signIn.getByLabel('Account').waitFor();
  expect(await violations(signIn)).toEqual([]);
  await signIn.close();

  const visitors = await chromium.newContext(contextOptions(colorScheme));
  const link = await visitors.newPage();
  await link.goto(`${server.url}/im/${server.tenantId}?name=Wang%20Fang&field_Order=2026-1104`);
  const question = `Do you open on Sunday? (${colorScheme})`;
  await new Chat(link).write(question);

  const desk = await ConsolePage.signIn(context, server.demo.consoleUrl, server.agent);
  await desk.page.getByText(question).first().waitFor();
  expect(await violations(desk.page)).toEqual([]);
  const chat = await desk.openConversation(question);
  await chat.write('Yes, from ten to four.');
  await chat.state('Read').or(chat.state('Delivered')).waitFor();
  expect(await violations(desk.page)).toEqual([]);
  await desk.page.setViewportSize({ width: 390, height: 844 });
  expect(await violations(desk.page)).toEqual([]);
  await visitors.close();
  await context.close();
});

/** Presses Tab until the focus is on something of that name, inside whatever frame. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press('Tab');
    for (const frame of page.frames()) {
      const focused = await frame.evaluate(() => {
        let element = document.activeElement;
        while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
        if (!element || element === document.body || element.tagName === 'IFRAME') return '';
        const label = element.id ? document.querySelector(`label[for="${CSS.escape(element.id)}"]`)?.textContent : '';
        return [
          element.getAttribute('aria-label'),
          label,
          element.getAttribute('placeholder'),
          element.textContent,
        ].join(' ');
      });
      if (name.test(focused)) return;
    }
  }
  throw new Error(`the Tab key never came to ${name}`);
}

test('the whole conversation can be held by keyboard, on both sides', async () => {
  const agents = await chromium.newContext(contextOptions('light'));
  const desk = await agents.newPage();
  await desk.goto(server.demo.consoleUrl);
  await desk.getByLabel('Account').waitFor();
  await tabTo(desk, /Account/);
  await desk.keyboard.type(server.agent.account);
  await tabTo(desk, /^ *Password/);
  await desk.keyboard.type(server.agent.password);
  await desk.keyboard.press('Enter');
  await desk.getByRole('tab', { name: /^Waiting/ }).waitFor();

  const visitors = await chromium.newContext(contextOptions('light'));
  const page = await visitors.newPage();
  await page.goto(server.demo.siteUrl);
  const host = new HostPage(page);
  await host.launcher.waitFor();
  await tabTo(page, /^(Open|Chat|Close).*|chat/i);
  await page.keyboard.press('Enter');
  const chat = await host.chat();
  await chat.field.waitFor();
  await expect.poll(() => chat.field.evaluate((field) => field === document.activeElement)).toBe(true);
  await page.keyboard.type('Only by keys');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('and on two lines');
  await page.keyboard.press('Enter');
  await chat.log.getByText(/Only by keys\s+and on two lines/).waitFor();

  await desk
    .getByText(/Only by keys/)
    .first()
    .waitFor();
  await tabTo(desk, /Only by keys/);
  const chosen = desk.getByRole('option', { selected: true }).filter({ hasText: /Only by keys/ });
  for (let presses = 0; presses < 20 && (await chosen.count()) === 0; presses++) await desk.keyboard.press('ArrowDown');
  await chosen.waitFor();
  await desk.keyboard.press('Enter');
  const answering = new Chat(desk);
  await answering.field.waitFor();
  await expect
    .poll(async () => {
      if (await answering.field.evaluate((field) => field === document.activeElement)) return true;
      await desk.keyboard.press('r');
      return false;
    })
    .toBe(true);
  await desk.keyboard.type('Answered by keys');
  await desk.keyboard.press('Enter');
  await chat.message('Answered by keys').waitFor();

  await page.keyboard.press('Escape');
  await chat.field.waitFor({ state: 'hidden' });
  await expect.poll(() => page.evaluate(() => document.activeElement?.tagName.toLowerCase())).toBe('inlay-root');
  await agents.close();
  await visitors.close();
});
