/**
 * Takes the pictures of the README from the running product: `npm run screenshots`, then look at each of docs/*.png. Not part
 * of the tests: a picture is judged by a person.
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Chromium, launchChromium } from '../support/chromium.ts';
import { Chat, ConsolePage, HostPage } from '../support/pages.ts';
import { type ChildServer, startChildServer } from '../support/server.ts';

const docs = resolve(import.meta.dirname, '../../docs');
const desktop: BrowserContextOptions = {
  locale: 'en-GB',
  viewport: { width: 1280, height: 800 },
  deviceScaleFactor: 2,
};
const chinese: BrowserContextOptions = { ...desktop, locale: 'zh-CN' };
const phone: BrowserContextOptions = {
  locale: 'zh-CN',
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  hasTouch: true,
  isMobile: true,
};

let server: ChildServer;
let chromium: Chromium;
let desk: ConsolePage;
const contexts: BrowserContext[] = [];

beforeAll(async () => {
  mkdirSync(docs, { recursive: true });
  server = await startChildServer({ env: { RATE_SESSIONS_PER_ADDRESS: '0' } });
  // Emulated by the context alone, a frame of another process would be drawn at half the resolution.
  chromium = await launchChromium({ args: ['--force-device-scale-factor=2'] });
  desk = await ConsolePage.signIn(await newContext(desktop), server.demo.consoleUrl, server.agent);
});
afterAll(async () => {
  await chromium?.close();
  await server?.stop();
});

async function newContext(options: BrowserContextOptions): Promise<BrowserContext> {
  const context = await chromium.newContext({ reducedMotion: 'reduce', ...options });
  contexts.push(context);
  return context;
}

async function newPage(options: BrowserContextOptions, url: string): Promise<Page> {
  const page = await (await newContext(options)).newPage();
  await page.goto(url);
  return page;
}

const shoot = async (page: Page, name: string) => {
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: join(docs, `${name}.png`), animations: 'disabled' });
};

/** What a visitor and Lin Yue say to each other. */
const english = [
  ['visitor', 'Hi! Can the ash-glazed cup go into the dishwasher?'],
  ['agent', 'Hello! Yes, the glaze is fired at 1,280 °C. Only the tea caddy should be washed by hand.'],
  ['visitor', 'Lovely. And would two of them arrive before Friday?'],
  ['agent', 'They would: orders before four o’clock leave today. Shall I keep two for you?'],
  ['visitor', 'Yes, please 🙂'],
] as const;
const inChinese = [
  ['visitor', '你好，灰釉杯可以放进洗碗机吗？'],
  ['agent', '你好！可以的，釉面是 1280 °C 烧成的。只有茶叶罐需要手洗。'],
  ['visitor', '太好了。买两只，星期五之前能到吗？'],
  ['agent', '能到。下午四点前下单，今天就能发货。要帮你留两只吗？'],
  ['visitor', '好的，谢谢 🙂'],
] as const;

async function talk(visitor: Chat, lines: readonly (readonly ['visitor' | 'agent', string])[]): Promise<void> {
  for (const [who, text] of lines) {
    if (who === 'visitor') await visitor.write(text);
    else {
      if (lines[1]?.[1] === text) await desk.openConversation(lines[0]?.[1] ?? '');
      await desk.chat.write(text);
      await visitor.message(text).waitFor();
    }
  }
  await expect.poll(() => visitor.log.innerText(), { timeout: 20_000 }).toMatch(/(Read|已读)\s*$/);
}

test('the launcher', async () => {
  const page = await newPage(desktop, server.demo.siteUrl);
  await page.getByRole('status').waitFor();
  await shoot(page, 'launcher');
});

test('the widget: empty, talking, offline, failed', async () => {
  const page = await newPage(desktop, server.demo.siteUrl);
  const visitor = await new HostPage(page).open();
  await shoot(page, 'widget-empty');
  await talk(visitor, english);
  await shoot(page, 'widget-talking');
  await page.context().setOffline(true);
  await visitor.write('And may I send them back?');
  await visitor.root.getByText(/You are offline/).waitFor();
  await shoot(page, 'widget-offline');
  await page.context().setOffline(false);
  await visitor.state('Read').or(visitor.state('Delivered')).last().waitFor();
  await page.route('**/v1/tenants/*/files', (route) =>
    route.fulfill({
      status: 403,
      contentType: 'application/json',
      body: JSON.stringify({ error: { code: 'forbidden', message: 'forbidden', retry: 'never' } }),
    }),
  );
  const cup = await page.screenshot({ clip: { x: 128, y: 387, width: 236, height: 200 } });
  const picker = visitor.root.locator('input[type=file]').first();
  await picker.setInputFiles({ name: 'cup.png', mimeType: 'image/png', buffer: cup });
  await visitor.root
    .getByText(/Not sent/)
    .last()
    .waitFor();
  await shoot(page, 'widget-failed');
});

test('the widget in the dark and in Chinese', async () => {
  const dark = await newPage({ ...desktop, colorScheme: 'dark' }, server.demo.siteUrl);
  const visitor = await new HostPage(dark).open();
  await talk(visitor, english);
  await shoot(dark, 'widget-dark');
  const page = await newPage(chinese, server.demo.siteUrl);
  await talk(await new HostPage(page).open(), inChinese);
  await shoot(page, 'widget-zh-CN');
});

test('on a phone', async () => {
  const page = await newPage(phone, server.demo.siteUrl);
  await talk(await new HostPage(page).open(), inChinese);
  await shoot(page, 'widget-phone');
});

test('the link page and the console', async () => {
  const query = new URLSearchParams({
    tenantId: server.tenantId,
    name: 'Wang Fang',
    contact: '138 0013 8000',
    'field_Order no.': '2026-1104',
    field_Colour: 'ash',
  });
  const page = await newPage(desktop, `${server.url}/webim/im.html?${query}`);
  const chat = new Chat(page);
  await chat.field.waitFor();
  await talk(chat, english);
  await shoot(page, 'link-page');
  const waiting = await newPage(desktop, server.demo.siteUrl);
  await (await new HostPage(waiting).open()).write('Is the teapot back in stock?');
  await desk.page.getByText('Is the teapot back in stock?').first().waitFor();
  await desk.page.getByRole('tab', { name: /^All/ }).click();
  await desk.page.mouse.move(640, 200);
  await shoot(desk.page, 'console');
});
