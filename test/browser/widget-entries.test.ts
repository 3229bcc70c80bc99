/** The four ways in, from the visitor's first click to what the agent sees of it. */
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Chromium, launchChromium } from '../support/chromium.ts';
import { Chat, ConsolePage, HostPage, openLinkPage } from '../support/pages.ts';
import { type ChildServer, startChildServer } from '../support/server.ts';

let server: ChildServer;
let chromium: Chromium;
let desk: ConsolePage;

beforeAll(async () => {
  [server, chromium] = await Promise.all([startChildServer(), launchChromium()]);
  desk = await ConsolePage.signIn(await newContext(), server.demo.consoleUrl, server.agent);
});
afterAll(async () => {
  await chromium?.close();
  await server?.stop();
});

const newContext = (options: object = {}): Promise<BrowserContext> =>
  chromium.newContext({ locale: 'en-GB', ...options });

/** What stands beside the label in the column of the visitor. */
async function detail(label: string): Promise<string> {
  const person = desk.page.getByRole('region', { name: 'Visitor' });
  const definition = person.locator('dl > div').filter({ has: desk.page.getByText(label, { exact: true }) });
  return definition.locator('dd').innerText();
}

/** The visitor writes, the agent opens it, and both hear of each other. */
async function talk(chat: Chat, text: string): Promise<void> {
  await chat.write(text);
  const agent = await desk.openConversation(text);
  await agent.message(text).waitFor();
  await agent.write(`About “${text}”`);
  await chat.message(`About “${text}”`).waitFor();
}

test('CARD-3: by the script, with the page that it stands in', async () => {
  const context = await newContext();
  const page = await context.newPage();
  await page.goto(server.demo.siteUrl);
  await talk(await new HostPage(page).open(), 'By the script');
  expect(await detail('Entry')).toBe('Chat button');
  expect(await detail('Page')).toContain(await page.title());
  expect(await detail('Language')).toBe('British English');
  expect(await detail('Device')).toMatch(/Chrom/);
  await context.close();
});

test('CARD-4: by the link of a form, with all that was typed into it', async () => {
  const context = await newContext();
  const form = await context.newPage();
  await form.goto(server.demo.formUrl);
  await form.getByLabel('Your name').fill('Wang Fang');
  await form.getByLabel('Phone or e-mail').fill('fang@example.org');
  await form.getByLabel('How many').fill('24');
  await form.getByLabel('Engraving').fill('致 老师\n& “friends”');
  const [page] = await Promise.all([context.waitForEvent('page'), form.getByText('Ask before you send').click()]);
  const chat = new Chat(page);
  await chat.field.waitFor();
  await talk(chat, 'By the link of a form');
  await desk.page.getByRole('heading', { name: 'Wang Fang', level: 2 }).first().waitFor();
  expect(await detail('Entry')).toBe('Chat page');
  expect(await detail('Contact')).toBe('fang@example.org');
  expect(await detail('quantity')).toBe('24');
  expect(await detail('engraving')).toMatch(/^致 老师\s& “friends”$/);
  expect(await detail('product')).toBe('Ash-glazed cup');
  await context.close();
});

test('CARD-4: both addresses of the link page lead to the same conversation', async () => {
  const context = await newContext();
  const { chat } = await openLinkPage(context, `${server.url}/webim/im.html?tenantId=${server.tenantId}&name=Ada`);
  await talk(chat, 'By the first address');
  const { chat: second } = await openLinkPage(context, `${server.url}/im/${server.tenantId}`);
  await second.message('By the first address').waitFor();
  await context.close();
});

const MINI_PROGRAM =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.50(0x18003233) NetType/WIFI Language/zh_CN miniProgram/wx1234567890abcdef';

/**
 * The bridge is a stub: only WeChat's own web-view has the real one, and it runs in no test machine. What is checked is our side,
 * that the page sees where it is and calls what the platform documents.
 */
const stubBridge = () => {
  const back: unknown[] = [];
  Object.assign(window, { back, wx: { miniProgram: { navigateBack: (options: unknown) => back.push(options) } } });
};
const calls = (page: Page) => page.evaluate(() => (window as unknown as { back: unknown[] }).back);

test('CARD-5: in a mini-program, flat, with a way back over its bridge', async () => {
  const phone = { viewport: { width: 390, height: 760 }, hasTouch: true, isMobile: true };
  const context = await newContext({ ...phone, userAgent: MINI_PROGRAM });
  await context.addInitScript(stubBridge);
  const { page, chat } = await openLinkPage(
    context,
    `${server.url}/webim/im.html?tenantId=${server.tenantId}&field_order=77`,
  );
  await talk(chat, 'From a mini-program');
  expect(await detail('Entry')).toBe('Mini program');
  expect(await detail('order')).toBe('77');

  // Flat: from edge to edge, without a frame, a shadow or round corners.
  const look = await page.getByRole('main').evaluate((main) => {
    const app = main.parentElement ?? main;
    const { width, height } = app.getBoundingClientRect();
    const { boxShadow, borderRadius } = getComputedStyle(app);
    return { width, height, boxShadow, borderRadius };
  });
  expect(look).toEqual({ width: 390, height: 760, boxShadow: 'none', borderRadius: '0px' });
  await page.getByRole('button', { name: 'Back' }).click();
  expect(await calls(page)).toEqual([{ delta: 1 }]);
  await context.close();
});

test('outside of a mini-program there is no such button', async () => {
  const context = await newContext();
  const { page } = await openLinkPage(context, `${server.url}/im/${server.tenantId}`);
  expect(await page.getByRole('button', { name: 'Back' }).count()).toBe(0);
  await context.close();
});

test('CARD-6: by an element of the host', async () => {
  const context = await newContext();
  const page = await context.newPage();
  await page.goto(server.demo.entryUrl);
  await page.getByRole('button', { name: 'Talk to us' }).click();
  const chat = await new HostPage(page).chat();
  await chat.field.waitFor();
  await talk(chat, 'By a button of the host');
  expect(await detail('Entry')).toBe('Button on the page');
  await context.close();
});
