import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Chromium, type ChromiumOptions, launchChromium } from '../support/chromium.ts';
import { HostPage } from '../support/pages.ts';
import { type ChildServer, startChildServer } from '../support/server.ts';

/** The real widget on the pages of the demonstration: every way in, under every kind of host. */
let server: ChildServer;
let chromium: Chromium;

beforeAll(async () => {
  [server, chromium] = await Promise.all([startChildServer(), launchChromium({ context: { locale: 'en-US' } })]);
});
afterAll(async () => {
  await chromium.close();
  await server.stop();
});

interface Visited {
  readonly page: Page;
  /** Uncaught errors, and what the browser refused by a policy. */
  readonly problems: string[];
}

async function visit(path: string, context: BrowserContext): Promise<Visited> {
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on(
    'console',
    (message) => /Content Security|Trusted|refused|blocked/i.test(message.text()) && problems.push(message.text()),
  );
  await page.goto(new URL(path, server.demo.siteUrl).href);
  return { page, problems };
}

for (const path of ['/strict', '/strict?nonce', '/coep', '/push']) {
  test(`a visitor of ${path} writes and is told that it was sent`, async () => {
    const context = await chromium.newContext({ locale: 'en-US' });
    const { page, problems } = await visit(path, context);
    const chat = await new HostPage(page).open();
    await chat.write(`from ${path}`);
    await chat.state('Sent').waitFor();
    expect(problems).toEqual([]);
    await context.close();
  });
}

for (const thirdPartyStorage of ['blocked', 'allowed'] satisfies ChromiumOptions['thirdPartyStorage'][]) {
  test(`with third-party storage ${thirdPartyStorage}, the conversation is there again after a reload`, async () => {
    const browser = await launchChromium({ thirdPartyStorage, context: { locale: 'en-US' } });
    try {
      const { page } = await visit('/', browser.context);
      const chat = await new HostPage(page).open();
      await chat.write('Is the pot in stock?');
      await chat.state('Sent').waitFor();
      await page.reload();
      const again = await new HostPage(page).open();
      await again.message('Is the pot in stock?').waitFor();
      expect(await page.evaluate(() => document.cookie)).toBe('');
    } finally {
      await browser.close();
    }
  });
}

test('CARD-6: a button, an item of a menu and a link of the host open it, with the launcher hidden', async () => {
  const context = await chromium.newContext({ locale: 'en-US' });
  const { page, problems } = await visit('/entry', context);
  for (const name of ['Talk to us', 'Help', 'Ask Mei']) {
    await page.getByText(name, { exact: true }).click();
    await page.locator('inlay-root iframe').waitFor({ state: 'visible' });
    await page.keyboard.press('Escape');
    await page.locator('inlay-root iframe').waitFor({ state: 'hidden' });
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(name);
  }
  expect(await page.locator('inlay-root button[aria-haspopup]').isVisible()).toBe(false);
  expect(problems).toEqual([]);
  await context.close();
});

test('EM-17: what was typed into the form travels along with its link', async () => {
  const context = await chromium.newContext({ locale: 'en-US' });
  const { page } = await visit('/form', context);
  await page.getByLabel('Your name').fill('Lin & Co <b>');
  await page.getByLabel('How many').fill('12');
  const link = new URL((await page.locator('#ask').getAttribute('href')) ?? '');
  expect(link.origin + link.pathname).toBe(`${server.url}/webim/im.html`);
  expect(Object.fromEntries(link.searchParams)).toMatchObject({
    tenantId: 'demo',
    name: 'Lin & Co <b>',
    field_quantity: '12',
  });
  expect(link.searchParams.has('contact')).toBe(false);
  await context.close();
});

test('a signed-in customer is identified when the chat opens, and signing out wipes the device', async () => {
  const context = await chromium.newContext({ locale: 'en-US' });
  const { page, problems } = await visit('/identify', context);
  const identity = page.waitForResponse((response) => response.url().endsWith('/identity'));
  const chat = await new HostPage(page).open();
  await identity;
  await chat.write('Where is my order?');
  await chat.state('Sent').waitFor();
  await expect.poll(() => page.evaluate(() => Object.keys(localStorage))).toEqual(['inlay:demo']);
  await page.evaluate(() => (window as unknown as { Inlay(call: string): Promise<void> }).Inlay('close'));
  await page.getByText('Sign out').click();
  await page.getByText('Signed out').waitFor();
  await expect.poll(() => page.evaluate(() => Object.keys(localStorage))).toEqual([]);
  expect(problems).toEqual([]);
  await context.close();
});

test('a mini-program page says that it is an imitation, and shows the link page', async () => {
  const context = await chromium.newContext({ locale: 'zh-CN' });
  const { page } = await visit('/mini-program', context);
  await page.getByText('右边是模仿').waitFor();
  await page.frameLocator('.phone iframe').getByRole('textbox').waitFor();
  await context.close();
});
