/** Taking a message back as a visitor and deleting one as an agent, on the screens of both; then both reload. */
import { join } from 'node:path';
import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { violations } from '../support/axe.ts';
import { type Chromium, launchChromium } from '../support/chromium.ts';
import { type Chat, ConsolePage, openLinkPage } from '../support/pages.ts';
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
  locale: 'zh-CN',
  viewport: { width: 390, height: 844 },
  hasTouch: true,
  isMobile: true,
};

/** With PICTURES, a folder: what a person should look at. */
const shoot = async (page: Page, name: string) => {
  const folder = process.env.PICTURES;
  if (!folder) return;
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) });
  }
  await page.emulateMedia({ colorScheme: 'light' });
};

async function visit(options: BrowserContextOptions, text: string) {
  const context = await chromium.newContext(options);
  const { page, chat } = await openLinkPage(context, `${server.url}/im/${server.tenantId}`);
  await chat.write(text);
  await chat.log
    .getByText(/^(Sent|Delivered|Read|已发送|已送达|已读)$/)
    .last()
    .waitFor();
  return { context, page, chat };
}

const rowOf = (chat: Chat, text: string): Locator => chat.log.locator('.row').filter({ hasText: text });
const options = (chat: Chat, text: string): Locator =>
  rowOf(chat, text).getByRole('button', { name: /^(Message options|消息操作)$/ });

test('a visitor takes a message back, an agent deletes one, and both see the same, also after a reload', async () => {
  const visitor = await visit(desktop, 'My card number is 4111');
  const desk = await ConsolePage.signIn(await chromium.newContext(desktop), server.demo.consoleUrl, server.agent);
  await desk.openConversation('My card number is 4111');
  await visitor.chat.write('Is the cup in stock?');

  await rowOf(visitor.chat, 'My card number').hover();
  await options(visitor.chat, 'My card number').click();
  await shoot(visitor.page, 'visitor-menu');
  await visitor.page.getByRole('button', { name: 'Recall' }).click();
  await visitor.chat.message('Message recalled').waitFor();
  await desk.chat.message('Message recalled').waitFor();

  await rowOf(desk.chat, 'Is the cup in stock?').hover();
  await options(desk.chat, 'Is the cup in stock?').click();
  await shoot(desk.page, 'desk-menu');
  await desk.page.getByRole('button', { name: 'Delete' }).click();
  await desk.chat.message('Message deleted').waitFor();
  await visitor.chat.message('Message deleted').waitFor();
  await desk.chat.write('Thank you, all is well.');
  await visitor.chat.message('Thank you, all is well.').waitFor();
  await shoot(visitor.page, 'visitor-gone');
  await shoot(desk.page, 'desk-gone');

  const left = ['Message recalled', 'Message deleted', 'Thank you, all is well.'];
  expect([await visitor.chat.texts(), await desk.chat.texts()]).toEqual([left, left]);
  await Promise.all([visitor.page.reload(), desk.page.reload()]);
  for (const { log } of [visitor.chat, desk.chat]) await log.getByText('Thank you, all is well.').waitFor();
  expect([await visitor.chat.texts(), await desk.chat.texts()]).toEqual([left, left]);
  expect(await violations(visitor.page)).toEqual([]);
  await visitor.context.close();
  await desk.page.context().close();
});

test('by keyboard alone: from message to message, into the menu, out of it, and done', async () => {
  const { page, chat, context } = await visit(desktop, 'First slip');
  await chat.write('Second slip');
  await options(chat, 'Second slip').waitFor({ state: 'attached' });
  await chat.log.focus();
  await page.keyboard.press('Tab');
  const focused = (button: Locator) => expect.poll(() => button.evaluate((each) => each === document.activeElement));
  await focused(options(chat, 'Second slip')).toBe(true);
  await page.keyboard.press('ArrowUp');
  await focused(options(chat, 'First slip')).toBe(true);
  await page.keyboard.press('Enter');
  await focused(page.getByRole('button', { name: 'Recall' })).toBe(true);
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await focused(options(chat, 'First slip')).toBe(true);
  await page.keyboard.press('Enter');
  await focused(page.getByRole('button', { name: 'Recall' })).toBe(true);
  await page.keyboard.press('Enter');
  await chat.message('Message recalled').waitFor();
  await focused(chat.log).toBe(true);
  expect(await chat.texts()).toEqual(['Message recalled', 'Second slip']);
  await context.close();
});

test('on a phone a tap shows the way, and it is in Chinese', async () => {
  const { page, chat, context } = await visit(
    phone,
    '我的卡号是 4111，这一条写得很长，长到要占满一整行还不够，再多写几个字',
  );
  await options(chat, '我的卡号').waitFor({ state: 'attached' });
  await chat.message('我的卡号是 4111，这一条写得很长，长到要占满一整行还不够，再多写几个字').tap();
  await shoot(page, 'phone-tapped');
  await options(chat, '我的卡号').tap();
  await shoot(page, 'phone-menu');
  await page.getByRole('button', { name: '撤回' }).tap();
  await chat.message('消息已撤回').waitFor();
  await chat.write('你好');
  await shoot(page, 'phone-gone');
  expect(await chat.texts()).toEqual(['消息已撤回', '你好']);
  await context.close();
});

test('a visitor clears the conversation, it is gone in another tab as well, and goes on empty', async () => {
  const { page, chat, context } = await visit(phone, '请删掉这段对话');
  const other = await openLinkPage(context, `${server.url}/im/${server.tenantId}`);
  await other.chat.message('请删掉这段对话').waitFor();
  await page.bringToFront();
  await page.getByRole('button', { name: '选项' }).click();
  await page.getByRole('button', { name: '清空聊天记录' }).click();
  expect(await violations(page)).toEqual([]);
  await shoot(page, 'phone-clear');
  await page.getByRole('button', { name: '清空' }).click();
  for (const each of [chat, other.chat]) await each.message('请删掉这段对话').waitFor({ state: 'detached' });
  await shoot(page, 'phone-cleared');
  await chat.write('你好');
  await page.reload();
  await chat.message('你好').waitFor();
  expect(await chat.texts()).toEqual(expect.not.arrayContaining(['请删掉这段对话']));
  await context.close();
});
