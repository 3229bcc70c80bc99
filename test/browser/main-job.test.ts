/**
 * The main job, on a page of somebody else with the strictest policy: a visitor writes, an agent answers, the ticks go from
 * sent to read, and both see the same after a reload. Then what a bad network makes of it.
 */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Chromium, type ChromiumOptions, launchChromium } from '../support/chromium.ts';
import { Chat, ConsolePage, HostPage } from '../support/pages.ts';
import { type ChildServer, startChildServer } from '../support/server.ts';

let server: ChildServer;
let agents: Chromium;
let visitors: Chromium | undefined;
let counter = 0;

beforeAll(async () => {
  server = await startChildServer();
  agents = await launchChromium();
});
beforeEach(() => {
  counter += 1;
});
afterEach(async () => {
  await visitors?.close();
  visitors = undefined;
});
afterAll(async () => {
  await agents?.close();
  await server?.stop();
});

const english = { locale: 'en-GB' };

async function visitorsWith(options: ChromiumOptions = {}): Promise<Chromium> {
  visitors = await launchChromium({ context: english, ...options });
  return visitors;
}

/** What was written and stored. The rest of a row is not compared: its menu comes later than the list, and the time goes for it. */
const bubbles = (chat: Chat) => chat.log.locator('[data-seq] .bubble').allInnerTexts();

test.each(['partitioned', 'blocked'] as const)(
  'visitor and agent talk on a page under a strict policy, with third-party storage %s',
  async (thirdPartyStorage) => {
    const question = `Is the blue one in stock? (${counter})`;
    const answer = `Yes, three of them. (${counter})`;
    const { context } = await visitorsWith({ thirdPartyStorage });
    const page = await context.newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    await page.goto(`${server.demo.siteUrl.replace(/\/$/, '')}/strict`);

    const host = new HostPage(page);
    const visitor = await host.open();
    await visitor.write(question);
    await visitor.state('Sent').or(visitor.state('Delivered')).waitFor();

    const desk = await ConsolePage.signIn(await agents.newContext(english), server.demo.consoleUrl, server.agent);
    const agent = await desk.openConversation(question);
    await visitor.state('Read').waitFor();
    await agent.write(answer);
    await visitor.message(answer).waitFor();
    await agent.state('Read').waitFor();

    const seen = await bubbles(visitor);
    await Promise.all([page.reload(), desk.page.reload()]);
    const again = await new HostPage(page).open();
    await again.message(answer).waitFor();
    await desk.chat.message(answer).waitFor();
    expect(seen).toEqual([question, answer]);
    expect(await bubbles(again)).toEqual(seen);
    expect(await bubbles(desk.chat)).toEqual(seen);
    expect(problems).toEqual([]);
    await desk.page.context().close();
  },
);

test('on the link page: three messages without a network, a reload, the network again: three messages, in order, once', async () => {
  const { context } = await visitorsWith();
  const page = await context.newPage();
  await page.goto(`${server.url}/webim/im.html?tenantId=${server.tenantId}`);
  const chat = new Chat(page);
  await chat.write(`First (${counter})`);
  await chat.state('Sent').or(chat.state('Delivered')).waitFor();
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);

  await context.setOffline(true);
  const written = ['One', 'Two', 'Three'].map((word) => `${word} without a network (${counter})`);
  for (const text of written) await chat.write(text);
  await page.reload();
  for (const text of written) await chat.message(text).waitFor();
  await context.setOffline(false);
  await chat.state('Sent').or(chat.state('Delivered')).waitFor();

  const desk = await ConsolePage.signIn(await agents.newContext(english), server.demo.consoleUrl, server.agent);
  const agent = await desk.openConversation(written[2] ?? '');
  await agent.message(written[2] ?? '').waitFor();
  const texts = (await bubbles(agent)).join('\n');
  expect(written.map((text) => texts.split(text).length - 1)).toEqual([1, 1, 1]);
  expect(written.map((text) => texts.indexOf(text))).toEqual(
    written.map((text) => texts.indexOf(text)).sort((a, b) => a - b),
  );
  await desk.page.context().close();
});

test('in the embedded widget: the network is cut, three messages are written, the page is reloaded with the network back', async () => {
  const { context } = await visitorsWith();
  const page = await context.newPage();
  await page.goto(server.demo.siteUrl);
  const chat = await new HostPage(page).open();
  await chat.write(`Hello (${counter})`);
  await chat.state('Sent').or(chat.state('Delivered')).waitFor();
  await context.setOffline(true);
  const written = ['One', 'Two', 'Three'].map((word) => `${word} while it was away (${counter})`);
  for (const text of written) await chat.write(text);
  await context.setOffline(false);
  await page.reload();

  const again = await new HostPage(page).open();
  for (const text of written) await again.message(text).waitFor();
  await again.state('Sent').or(again.state('Delivered')).waitFor();
  const texts = (await bubbles(again)).join('\n');
  expect(written.map((text) => texts.split(text).length - 1)).toEqual([1, 1, 1]);
});
