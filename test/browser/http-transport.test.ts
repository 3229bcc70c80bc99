/** The widget in a real browser, behind a proxy that lets no websocket through. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Chromium, launchChromium } from '../support/chromium.ts';
import { type HttpProxy, type Seen, startHttpProxy } from '../support/http-proxy.ts';
import { ConsolePage, openLinkPage } from '../support/pages.ts';
import { type ChildServer, startChildServer } from '../support/server.ts';

let server: ChildServer;
let chromium: Chromium;
let proxy: HttpProxy;

beforeAll(async () => {
  [server, chromium] = await Promise.all([startChildServer(), launchChromium()]);
  proxy = await startHttpProxy(server.url);
});
afterAll(async () => {
  await chromium?.close();
  await proxy?.stop();
  await server?.stop();
});

const isPost = ({ method, path, isUpgrade }: Seen) => method === 'POST' && path.endsWith('/stream') && !isUpgrade;

async function talk() {
  const context = await chromium.newContext({ locale: 'en-GB' });
  const { page, chat } = await openLinkPage(context, `${proxy.url}/im/${server.tenantId}`);
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  await chat.write('Is anybody behind this wall?');
  await chat.sent();
  const desk = await ConsolePage.signIn(context, server.demo.consoleUrl, server.agent);
  const agent = await desk.openConversation('Is anybody behind this wall?');
  await agent.write('We are.');
  await chat.message('We are.').waitFor();
  return { context, page, chat, agent, problems };
}

test('a conversation behind a proxy that refuses websockets, through a cut, and back to the websocket', async () => {
  proxy.websockets = 'refuse';
  const { context, page, chat, agent, problems } = await talk();
  expect(proxy.count(isPost)).toBeGreaterThan(1);
  await agent.field.pressSequentially('Hm');
  await chat.root.getByText(/is typing/).waitFor();

  proxy.cut();
  await chat.write('Written while it was cut');
  proxy.restore();
  await chat.sent();
  await agent.message('Written while it was cut').waitFor();

  // Another network: the device says so, and this one has no such proxy.
  proxy.websockets = 'pass';
  const upgrades = proxy.count(({ isUpgrade }) => isUpgrade);
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  // One to see whether it works, one to stay.
  await expect.poll(() => proxy.count(({ isUpgrade }) => isUpgrade), { timeout: 15_000 }).toBe(upgrades + 2);
  await chat.root.getByText('Reconnecting …').waitFor({ state: 'detached' });
  const posts = proxy.count(isPost);
  await chat.write('Over the websocket');
  await chat.sent();
  await agent.message('Over the websocket').waitFor();
  expect(proxy.count(isPost)).toBe(posts);
  expect(await chat.texts()).toEqual(await agent.texts());
  expect(problems).toEqual([]);
  await context.close();
});

test('a conversation behind a proxy that also holds streams back', async () => {
  proxy.websockets = 'refuse';
  proxy.holdsBack = true;
  const { context, chat, agent } = await talk();
  await agent.write('Slow, but here.');
  await chat.message('Slow, but here.').waitFor();
  expect(proxy.count(({ headers }) => headers.accept === 'application/json')).toBeGreaterThan(0);
  await context.close();
});
