/** The server goes away, by a crash or for an update, while people talk: what they see, and that nothing is lost. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Chromium, launchChromium } from '../support/chromium.ts';
import { ConsolePage, HostPage } from '../support/pages.ts';
import { type ChildServer, startChildServer } from '../support/server.ts';

let server: ChildServer;
let chromium: Chromium;
let dataDir: string;

beforeAll(async () => {
  // Kept over a stop of the server.
  dataDir = await mkdtemp(join(tmpdir(), 'inlay-connection-'));
  [server, chromium] = await Promise.all([startChildServer({ dataDir }), launchChromium()]);
});
afterAll(async () => {
  await chromium?.close();
  await server?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

const newContext = (): Promise<BrowserContext> => chromium.newContext({ locale: 'en-GB' });

async function talking(text: string) {
  const [visitors, agents] = await Promise.all([newContext(), newContext()]);
  const page = await visitors.newPage();
  await page.goto(server.demo.siteUrl);
  const chat = await new HostPage(page).open();
  await chat.write(text);
  await chat.sent();
  const desk = await ConsolePage.signIn(agents, server.demo.consoleUrl, server.agent);
  const agent = await desk.openConversation(text);
  await agent.message(text).waitFor();
  const close = () => Promise.all([visitors.close(), agents.close()]);
  return { page, chat, agent, close };
}

test('killed: a line says so and disappears, what was written meanwhile arrives in order, once, on both sides', async () => {
  const { page, chat, agent, close } = await talking('Before it was killed');
  await server.kill9();
  for (const side of [chat, agent]) await side.root.getByText('Reconnecting …').waitFor();
  await chat.write('Written to nobody, one');
  await chat.write('Written to nobody, two');
  await agent.write('Answered to nobody');
  expect(await chat.state('Will be sent when you are online').count()).toBe(1);
  await server.restart();
  for (const side of [chat, agent]) {
    await side.root.getByText('Reconnecting …').waitFor({ state: 'detached' });
    await side.message('Written to nobody, two').waitFor();
    await side.message('Answered to nobody').waitFor();
  }
  await chat.sent();
  const mine = (texts: string[]) => texts.filter((text) => text.startsWith('Written'));
  expect(mine(await agent.texts())).toEqual(['Written to nobody, one', 'Written to nobody, two']);
  await expect.poll(() => chat.texts()).toEqual(await agent.texts());
  expect((await chat.texts()).length).toBe(4);
  expect(await page.locator('inlay-root iframe').isVisible()).toBe(true);
  await close();
});

test('stopped for an update and started again while both talk: it goes on by itself', async () => {
  const { chat, agent, close } = await talking('Before the update');
  await chat.field.pressSequentially('Half a sen');
  expect(await server.stop()).toBe(0);
  await agent.write('Said during the update');
  await server.restart();
  await chat.message('Said during the update').waitFor();
  await chat.field.pressSequentially('tence');
  await chat.field.press('Enter');
  await agent.message('Half a sentence').waitFor();
  await agent.write('And it goes on');
  await chat.message('And it goes on').waitFor();
  for (const side of [chat, agent]) await side.root.getByText('Reconnecting …').waitFor({ state: 'detached' });
  const talk = ['Before the update', 'Said during the update', 'Half a sentence', 'And it goes on'];
  for (const side of [chat, agent]) expect(await side.texts()).toEqual(talk);
  await close();
});
