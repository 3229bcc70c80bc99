/** Writing: keys, input methods, languages, and what the visitor's device asks for. */
import type { BrowserContextOptions, CDPSession, Frame, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Chromium, launchChromium } from '../support/chromium.ts';
import { type Chat, ConsolePage, openHostPage, openLinkPage } from '../support/pages.ts';
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

const newContext = (options: BrowserContextOptions = {}) => chromium.newContext({ locale: 'en-GB', ...options });
const linkPage = () => `${server.url}/im/${server.tenantId}`;

test('Enter sends, Shift and Enter break the line, and nothing is sent twice or empty', async () => {
  const context = await newContext();
  const { page, chat } = await openLinkPage(context, linkPage());
  const height = async () => (await chat.field.boundingBox())?.height ?? 0;
  const oneLine = await height();
  await chat.field.press('Enter');
  await chat.field.pressSequentially('  ');
  await chat.field.press('Enter');
  await chat.field.fill('');
  await chat.field.pressSequentially('First line');
  await chat.field.press('Shift+Enter');
  await chat.field.pressSequentially('second line');
  expect(await height()).toBeGreaterThan(oneLine);
  await chat.field.press('Enter');
  await chat.field.press('Enter');
  await chat.sent();
  expect(await chat.texts()).toEqual(['First line\nsecond line']);
  expect(await chat.field.inputValue()).toBe('');
  await expect.poll(height).toBe(oneLine);
  for (let line = 0; line < 12; line++) await chat.field.press('Shift+Enter');
  const grown = await height();
  expect(grown).toBeLessThan(oneLine * 8);
  await chat.field.press('Shift+Enter');
  expect(await height()).toBe(grown);
  await chat.field.fill('By the button');
  await page.getByRole('button', { name: 'Send' }).click();
  await chat.message('By the button').waitFor();
  expect(await chat.field.evaluate((field) => field === document.activeElement)).toBe(true);
  await context.close();
});

/** What an input method does in Chromium, with the browser's own composition: each key carries the code 229. */
async function compose(session: CDPSession, text: string): Promise<void> {
  await session.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', windowsVirtualKeyCode: 229, key: 'Process' });
  await session.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
}
const confirming = { windowsVirtualKeyCode: 229, key: 'Enter', code: 'Enter' };

test('an Enter that confirms a candidate of an input method does not send, in the order of Chromium', async () => {
  const context = await newContext({ locale: 'zh-CN' });
  const { page, chat } = await openLinkPage(context, linkPage());
  const session = await context.newCDPSession(page);
  await chat.field.focus();
  for (const [pinyin, word] of [
    ['ni', '你'],
    ['nihao', '好'],
  ] as const) {
    await compose(session, pinyin);
    await session.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...confirming });
    await session.send('Input.insertText', { text: word });
    await session.send('Input.dispatchKeyEvent', { type: 'keyUp', ...confirming });
  }
  expect(await chat.field.inputValue()).toBe('你好');
  expect(await chat.texts()).toEqual([]);
  await afterOneStroke(page);
  await chat.field.press('Enter');
  await chat.message('你好').waitFor();
  expect(await chat.texts()).toEqual(['你好']);
  await context.close();
});

/** Two strokes of a hand lie further apart than two commands of a test. */
async function afterOneStroke(page: Page): Promise<void> {
  const since = await page.evaluate(() => performance.now());
  await page.waitForFunction((start) => performance.now() - start > 100, since);
}

/** The events of one confirmed candidate, as Firefox and Safari give them. */
const confirm = (field: Element, order: string) => {
  const key = (options: KeyboardEventInit & { keyCode: number }) => {
    const event = new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, ...options });
    field.dispatchEvent(event);
    return event.defaultPrevented;
  };
  const composition = (type: string) =>
    field.dispatchEvent(new CompositionEvent(type, { data: 'かな', bubbles: true, cancelable: true }));
  composition('compositionstart');
  composition('compositionupdate');
  if (order === 'key first, marked as composing') {
    key({ isComposing: true, keyCode: 13 });
    composition('compositionend');
  } else {
    composition('compositionend');
    key({ keyCode: order === 'key last, marked by its code' ? 229 : 13 });
  }
};

test.each(['key first, marked as composing', 'key last, marked by its code', 'key last, without a mark'])(
  'an Enter that confirms a candidate does not send: %s',
  async (order) => {
    const context = await newContext({ locale: 'ja-JP' });
    const { page, chat } = await openLinkPage(context, linkPage());
    await chat.field.fill('かな');
    await chat.field.evaluate(confirm, order);
    expect(await chat.field.inputValue()).toBe('かな');
    expect(await chat.texts()).toEqual([]);
    await afterOneStroke(page);
    await chat.field.press('Enter');
    await chat.message('かな').waitFor();
    await context.close();
  },
);

/** Files of words that were asked for. */
function languageFiles(page: Page): string[] {
  const files: string[] = [];
  page.on('request', (request) => {
    const name = /\/widget\/assets\/(en|zh-CN)-[^/]+\.js$/.exec(request.url())?.[1];
    if (name) files.push(name);
  });
  return files;
}

test.each([
  ['zh-CN', 'zh-CN', '输入消息', '你好！关于茶和茶器'],
  ['zh-HK', 'zh-CN', '输入消息', '你好！关于茶和茶器'],
  ['en-GB', 'en', 'Message', 'Hello'],
  ['fr-FR', 'en', 'Message', 'Hello'],
])('a browser that speaks %s gets %s, and no other language is loaded', async (locale, language, field, greeting) => {
  const context = await newContext({ locale });
  const page = await context.newPage();
  const files = languageFiles(page);
  await page.goto(linkPage());
  await page.getByRole('textbox', { name: field }).waitFor();
  await page.getByRole('log').getByText(greeting).first().waitFor();
  expect(await page.evaluate(() => document.documentElement.lang)).toBe(language);
  expect(files).toEqual([language]);
  await context.close();
});

test('data-locale of the host overrides the browser, for the launcher and for the chat', async () => {
  const context = await newContext();
  const host = await openHostPage(context, `${server.demo.siteUrl}chinese`, {
    head: '<title>Host</title>',
    line: `<script src="${server.url}/inlay.js" data-tenant="${server.tenantId}" data-locale="zh-CN"></script>`,
  });
  const files = languageFiles(host.page);
  await host.page.getByRole('button', { name: /^聊天/ }).waitFor();
  const chat = await host.open();
  expect(await chat.field.getAttribute('aria-label')).toBe('输入消息');
  expect(await chat.root.evaluate(() => document.documentElement.lang)).toBe('zh-CN');
  expect(files).toEqual(['zh-CN']);
  await context.close();
});

/** Everything that moves at this moment, in the document or its launcher. */
const moving = (root: Page | Frame) =>
  root.evaluate(() =>
    document
      .getAnimations()
      .filter(({ effect }) => Number(effect?.getComputedTiming().duration) > 0)
      .map((animation) => (animation as CSSAnimation).animationName ?? (animation as CSSTransition).transitionProperty),
  );

/** A conversation in which something would move: a menu opens, a person is typing. */
async function withMotion(chat: Chat): Promise<ConsolePage> {
  const text = `Does it move? ${Math.random()}`;
  await chat.write(text);
  await chat.sent();
  const desk = await ConsolePage.signIn(await newContext(), server.demo.consoleUrl, server.agent);
  const agent = await desk.openConversation(text);
  await agent.field.pressSequentially('Hm');
  await chat.log.getByText('Lin Yue is typing …').waitFor();
  return desk;
}

test('whoever asked for less motion sees none; others see the dots move', async () => {
  for (const reducedMotion of ['reduce', 'no-preference'] as const) {
    const context = await newContext({ reducedMotion });
    const { page, chat } = await openLinkPage(context, linkPage());
    const desk = await withMotion(chat);
    if (reducedMotion === 'reduce') expect(await moving(page)).toEqual([]);
    else expect(await moving(page)).toContain('pulse');
    await context.close();
    await desk.page.context().close();
  }
});

test('on a phone the page can be zoomed, and no field makes the browser zoom by itself', async () => {
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
  const context = await newContext(phone);
  const { page } = await openLinkPage(context, linkPage());
  const viewport = (await page.locator('meta[name=viewport]').getAttribute('content')) ?? '';
  expect(viewport).toContain('width=device-width');
  expect(viewport).not.toMatch(/user-scalable\s*=\s*(no|0)|maximum-scale|minimum-scale/);
  const sizes = await page
    .locator('textarea, input:not([type=file]), select')
    .evaluateAll((fields) => fields.map((field) => Number.parseFloat(getComputedStyle(field).fontSize)));
  expect(sizes.length).toBeGreaterThan(0);
  expect(Math.min(...sizes)).toBeGreaterThanOrEqual(16);
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  await context.close();
});
