/** The list of messages as a visitor sees it: what came before, what came meanwhile, what is new, and who is writing. */
import type { BrowserContext, Frame } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Chromium, launchChromium } from '../support/chromium.ts';
import { signIdentity } from '../support/node-client.ts';
import { type Chat, ConsolePage, HostPage, openHostPage, openLinkPage } from '../support/pages.ts';
import { newClientMessageId, RawClient, type Session } from '../support/raw-client.ts';
import { type ChildServer, startChildServer } from '../support/server.ts';

let server: ChildServer;
let chromium: Chromium;
let desk: ConsolePage;

beforeAll(async () => {
  const env = { RATE_MESSAGES_PER_USER: '0', RATE_FRAMES_PER_SOCKET: '0' };
  [server, chromium] = await Promise.all([startChildServer({ env }), launchChromium()]);
  desk = await ConsolePage.signIn(await newContext(), server.demo.consoleUrl, server.agent);
});
afterAll(async () => {
  await chromium?.close();
  await server?.stop();
});

const newContext = (): Promise<BrowserContext> => chromium.newContext({ locale: 'en-GB' });
const linkPage = () => `${server.url}/im/${server.tenantId}`;

/** A user of the host with `count` messages from another device; resolves with the identity by which this one gets them. */
async function userWithMessages(count: number): Promise<string> {
  const jwt = await signIdentity(server.tenantSecret, { sub: `long-${count}`, name: 'Lena Long' });
  const client = new RawClient(server.url, server.tenantId);
  await client.opened;
  await client.hello();
  const { conversation } = await client.request<Session>('session.identify', { jwt });
  const { conversationId } = conversation;
  for (let number = 1; number <= count; number++) {
    // Of all heights: up to five lines.
    const text = `Number ${number}. ${'It has some more words to say. '.repeat((number * 7) % 11)}`.trim();
    const content = { kind: 'text', text };
    await client.request('message.send', { conversationId, clientMessageId: newClientMessageId(), content });
  }
  await client.close();
  return jwt;
}

const rowsIn = (chat: Chat) => chat.log.locator('.row').count();

/**
 * Runs in the frame: goes up to the oldest row that is drawn, and looks at each frame of animation where the first row in sight
 * stands until `stop` is set.
 */
const watchFromTop = (scroller: Element) => {
  scroller.scrollTop = 40;
  const top = () => scroller.getBoundingClientRect().top;
  const row = [...scroller.querySelectorAll('.row')].find((each) => each.getBoundingClientRect().bottom > top());
  const key = (row as HTMLElement).dataset.key;
  const place = () => {
    const now = scroller.querySelector(`[data-key="${key}"]`);
    return now ? now.getBoundingClientRect().top - top() : Number.NaN;
  };
  const begun = place();
  const watched = { moved: 0, stop: false };
  Object.assign(window, { watched });
  const look = () => {
    if (watched.stop) return;
    watched.moved = Math.max(watched.moved, Math.abs(place() - begun));
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
};
const watchedMove = (frame: Frame) =>
  frame.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const { watched } = window as unknown as { watched: { moved: number; stop: boolean } };
        // After two more frames all that follows from the last change has been drawn.
        const end = () => {
          watched.stop = true;
          resolve(watched.moved);
        };
        requestAnimationFrame(() => requestAnimationFrame(end));
      }),
  );

test('earlier messages come in above without a jump, in any one frame, up to the very first', async () => {
  const count = 320;
  const jwt = await userWithMessages(count);
  const context = await newContext();
  const host = await openHostPage(context, `${server.demo.siteUrl}long`, {
    head: '<title>Long</title>',
    line: `<script src="${server.url}/inlay.js" data-tenant="${server.tenantId}"></script><script>Inlay('identify', '${jwt}')</script>`,
  });
  const chat = await host.open();
  await chat.log.getByText(`Number ${count}.`).waitFor();
  const first = chat.log.getByText('Number 1.');
  let steps = 0;
  for (; (await first.count()) === 0; steps++) {
    expect(steps).toBeLessThan(20);
    const before = await rowsIn(chat);
    await chat.log.evaluate(watchFromTop);
    await expect.poll(() => rowsIn(chat)).toBeGreaterThan(before);
    expect(await watchedMove(chat.root as Frame)).toBeLessThanOrEqual(1);
  }
  expect(steps).toBeGreaterThan(1);
  const numbers = (await chat.texts()).map((text) => Number(/^Number (\d+)/.exec(text)?.[1]));
  expect(numbers).toEqual(Array.from({ length: count }, (_, index) => index + 1));
  await chat.root.getByRole('button', { name: 'To the newest message' }).click();
  await chat.log.getByText(`Number ${count}.`).waitFor();
  await expect.poll(() => isAtBottom(chat)).toBe(true);
  await context.close();
});

const isAtBottom = (chat: Chat) => chat.log.evaluate((log) => log.scrollHeight - log.clientHeight - log.scrollTop < 2);

test('who has scrolled up stays there and is told of new messages; a click, or an own message, leads to the bottom', async () => {
  const context = await newContext();
  const { page, chat } = await openLinkPage(context, linkPage());
  await page.setViewportSize({ width: 400, height: 600 });
  await chat.write('I read slowly');
  const agent = await desk.openConversation('I read slowly');
  for (let number = 1; number <= 12; number++) await agent.write(`Line one of ${number}\nline two\nline three`);
  await chat.log.getByText('Line one of 12').waitFor();
  await expect.poll(() => isAtBottom(chat)).toBe(true);

  await chat.log.hover();
  await page.mouse.wheel(0, -400);
  await expect.poll(() => isAtBottom(chat)).toBe(false);
  const place = () => chat.log.evaluate((log) => log.scrollTop);
  const before = await place();
  await agent.write('News of the day');
  const pill = chat.root.getByRole('button', { name: '1 new message' });
  await pill.waitFor();
  expect(await place()).toBe(before);
  await agent.write('More news');
  await chat.root.getByRole('button', { name: '2 new messages' }).click();
  await expect.poll(() => isAtBottom(chat)).toBe(true);
  await chat.root.getByRole('button', { name: /new message/ }).waitFor({ state: 'detached' });
  await agent.state('Read').waitFor();

  await page.mouse.wheel(0, -400);
  await expect.poll(() => isAtBottom(chat)).toBe(false);
  await chat.write('My own word');
  await expect.poll(() => isAtBottom(chat)).toBe(true);
  await context.close();
});

test('while the panel is closed the launcher counts and shows what came; opened, a line stands before it', async () => {
  const context = await newContext();
  const page = await context.newPage();
  await page.goto(server.demo.siteUrl);
  const host = new HostPage(page);
  const chat = await host.open();
  await chat.write('I will be back');
  await chat.sent();
  const agent = await desk.openConversation('I will be back');
  await agent.write('Still here?');
  await chat.message('Still here?').waitFor();
  expect(await chat.log.getByText('New', { exact: true }).count()).toBe(0);
  await agent.state('Read').waitFor();
  await page.keyboard.press('Escape');
  await chat.field.waitFor({ state: 'hidden' });

  await agent.write('One for later');
  await page.getByRole('button', { name: /^Chat 1$/ }).waitFor();
  await agent.write('Two for later');
  await page.getByRole('button', { name: /^Chat 2$/ }).waitFor();
  const preview = page.locator('inlay-root').getByText(/Lin Yue:? Two for later/);
  await preview.waitFor();
  await agent.state('Delivered').waitFor();
  await preview.click();
  await chat.field.waitFor();
  await chat.log.getByText('New', { exact: true }).waitFor();
  const drawn = await chat.log.locator('.row .bubble, .divider').allInnerTexts();
  expect(drawn.slice(-4)).toEqual(['Still here?', 'New', 'One for later', 'Two for later']);
  await agent.state('Read').waitFor();
  await page.getByRole('button', { name: /^Chat\s*$/ }).waitFor();
  await context.close();
});

test('each side sees that the other is writing, until it has written or stopped', async () => {
  const context = await newContext();
  const { chat } = await openLinkPage(context, `${linkPage()}?name=Tomas`);
  await chat.write('Let us type');
  const agent = await desk.openConversation('Let us type');
  await chat.field.pressSequentially('Hm');
  await agent.log.getByText('Tomas is typing …').waitFor();
  await chat.field.fill('');
  await agent.log.getByText('Tomas is typing …').waitFor({ state: 'detached' });
  await agent.field.pressSequentially('Well');
  await chat.log.getByText('Lin Yue is typing …').waitFor();
  await agent.field.press('Enter');
  await chat.message('Well').waitFor();
  await chat.log.getByText('Lin Yue is typing …').waitFor({ state: 'detached' });
  await context.close();
});
