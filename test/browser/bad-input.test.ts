/**
 * Bad input as people meet it: what a hostile visitor, a wrong clock, too much text, a wrong file, a wrong link and a flood
 * look like in real pages. What the server answers to each is checked in test/flows/bad-input.test.ts.
 */
import { join } from 'node:path';
import type { BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TEXT_MAX_LENGTH } from '../../protocol/limits.ts';
import { createAgent } from '../../server/domain/agents.ts';
import { createTenant } from '../../server/domain/tenants.ts';
import { type Chromium, launchChromium } from '../support/chromium.ts';
import { Chat, ConsolePage, keptBy, openHostPage, openLinkPage } from '../support/pages.ts';
import { type ChildServer, startChildServer, startServer } from '../support/server.ts';

const FILE_MAX_BYTES = 50_000;

let server: ChildServer;
let chromium: Chromium;

beforeAll(async () => {
  [server, chromium] = await Promise.all([
    startChildServer({ env: { FILE_MAX_BYTES: String(FILE_MAX_BYTES), RATE_SIGN_INS_PER_ACCOUNT: '0' } }),
    launchChromium(),
  ]);
});
afterAll(async () => {
  await chromium?.close();
  await server?.stop();
});

const newContext = (options: object = {}): Promise<BrowserContext> =>
  chromium.newContext({ locale: 'en-GB', ...options });
const linkPage = () => `${server.url}/im/${server.tenantId}`;

async function newDesk(): Promise<ConsolePage> {
  return ConsolePage.signIn(await newContext(), server.demo.consoleUrl, server.agent);
}

/** In every frame: the word that hostile scripts would leave, and elements that only they could have made. */
async function injected(page: Page): Promise<string[]> {
  const found = page.frames().map((frame) =>
    frame.evaluate(() => {
      const foreign =
        'img[src="x"], [onerror], [onload], script:not([src], [type="application/json"]), iframe[srcdoc], b, u';
      return [
        ...('ran' in window ? ['a script of theirs ran'] : []),
        ...[...document.querySelectorAll(foreign)].map((element) => element.outerHTML),
        ...[...document.links].map((link) => link.href).filter((href) => !/^https?:/.test(href)),
      ];
    }),
  );
  return (await Promise.all(found)).flat();
}

const relOf = (link: Locator) => link.evaluate((element: HTMLAnchorElement) => [...element.relList]);

const SCRIPT = 'parent.ran=1,window.ran=1';
const hostile = {
  name: `<b>Eve</b> <img src=x onerror=${SCRIPT}>`,
  contact: '"><svg onload=window.ran=1>',
  fieldName: `</dt><script>${SCRIPT}</script>`,
  fieldValue: `javascript:${SCRIPT}`,
  title: `</title><script>${SCRIPT}</script>`,
  greeting: `</script><script>${SCRIPT}</script><u>Hi</u>`,
};
const messages = [
  `<img src=x onerror="${SCRIPT}">`,
  `</script><script>${SCRIPT}</script>`,
  `javascript:${SCRIPT} and [here](javascript:${SCRIPT})`,
  '\u202egnp.exe\u202c turns around',
  '{{constructor.constructor("window.ran=1")()}}',
];

test('markup and script in every field of a visitor are text to agent and visitor, and nothing of it runs', async () => {
  const visitors = await newContext();
  const query = new URLSearchParams({
    name: hostile.name,
    contact: hostile.contact,
    [`field_${hostile.fieldName}`]: hostile.fieldValue,
  });
  const { page, chat } = await openLinkPage(visitors, `${linkPage()}?${query}`);
  for (const text of messages) await chat.write(text);
  await chat.write('See https://example.com/<b> or http://user:pass@bank.example or HTTPS://EXAMPLE.ORG.');
  await chat.attach({
    name: `<img src=x onerror=${SCRIPT}>.txt`,
    mimeType: 'text/plain',
    buffer: Buffer.from('harmless'),
  });
  const file = chat.log.getByRole('link', { name: /_img src=x onerror/ });
  await file.waitFor();

  const desk = await newDesk();
  const listed = desk.page.getByRole('option').filter({ hasText: hostile.name });
  await listed.waitFor();
  const agent = await desk.openConversation(hostile.name);
  for (const text of messages) await agent.message(text).waitFor();
  await desk.page.getByRole('heading', { name: hostile.name, level: 2 }).first().waitFor();
  const person = desk.page.getByRole('region', { name: 'Visitor' });
  for (const text of [hostile.contact, hostile.fieldName, hostile.fieldValue]) {
    await person.getByText(text, { exact: true }).waitFor();
  }
  await agent.write(messages[1] ?? '');
  await chat.log
    .getByText(messages[1] ?? '', { exact: true })
    .nth(1)
    .waitFor();
  await desk.page.keyboard.press('Control+k');
  await desk.page.getByRole('combobox').fill('Eve');
  await desk.page.getByRole('dialog').getByRole('option').filter({ hasText: hostile.name }).first().waitFor();

  for (const side of [chat, agent]) {
    const links = side.log.getByRole('link');
    expect(await links.evaluateAll((all) => all.map((link) => (link as HTMLAnchorElement).href))).toEqual([
      'https://example.com/',
      'https://example.org/',
      expect.stringMatching(/^http:.*\/files\//),
    ]);
    for (const link of await links.all()) expect(await relOf(link)).toContain('noopener');
  }
  expect(await injected(page)).toEqual([]);
  expect(await injected(desk.page)).toEqual([]);
  await Promise.all([page.reload(), desk.page.reload()]);
  for (const side of [chat, agent]) await side.message(messages[0] ?? '').waitFor();
  expect([...(await injected(page)), ...(await injected(desk.page))]).toEqual([]);
  await Promise.all([visitors.close(), desk.page.context().close()]);
});

test('a host page and a tenant that speak in markup harm neither the launcher, the widget nor the console', async () => {
  const hostOrigin = 'http://127.0.0.1:47123';
  const assets = join(import.meta.dirname, '../../dist');
  const own = await startServer({ env: { ASSETS_DIR: assets } });
  const tenantId = 'markup' as typeof own.tenantId;
  await createTenant(own.domain, {
    tenantId,
    name: hostile.name,
    greeting: { 'en': hostile.greeting, 'zh-CN': hostile.greeting },
    questions: { en: [hostile.title] },
    allowedOrigins: [hostOrigin],
  });
  const agentOf = { account: 'markup@example.org', password: 'correct horse battery staple' };
  await createAgent(own.domain, { tenantId, name: hostile.name, ...agentOf });

  const context = await newContext();
  const facts = JSON.stringify({
    name: hostile.name,
    contact: hostile.contact,
    fields: { [hostile.fieldName]: hostile.fieldValue },
  });
  const host = await openHostPage(context, `${hostOrigin}/`, {
    head: `<title>${hostile.title.replaceAll('<', '&lt;')}</title>`,
    line: `<script src="${own.url}/inlay.js" data-tenant="${tenantId}"></script>
      <script>Inlay('update', ${facts.replaceAll('<', '\\u003c')})</script>`,
  });
  await host.page.locator('inlay-root').getByText(hostile.greeting).waitFor();
  const chat = await host.open();
  await chat.root.getByText(hostile.greeting, { exact: true }).waitFor();
  await chat.root.getByRole('button', { name: hostile.title, exact: true }).click();
  await chat.message(hostile.title).waitFor();
  await chat.sent();

  const desk = await ConsolePage.signIn(context, `${own.url}/console/`, agentOf);
  const agent = await desk.openConversation(hostile.title);
  const person = desk.page.getByRole('region', { name: 'Visitor' });
  for (const text of [hostile.title, hostile.contact, hostile.fieldName, hostile.fieldValue]) {
    await person.getByText(text, { exact: true }).waitFor();
  }
  expect(await person.getByRole('link', { name: hostile.title }).getAttribute('href')).toBe(`${hostOrigin}/`);
  await host.page.bringToFront();
  await host.page.keyboard.press('Escape');
  await chat.field.waitFor({ state: 'hidden' });
  await agent.write(messages[0] ?? '');
  await host.page
    .locator('inlay-root')
    .getByText(messages[0] ?? '')
    .waitFor();
  // The host's own two scripts are inline; everything else would be foreign.
  expect((await injected(host.page)).filter((html) => !html.includes("Inlay('update'"))).toEqual([]);
  expect(await injected(desk.page)).toEqual([]);
  await context.close();
  await own.stop();
});

const YEAR_MS = 365 * 24 * 3_600_000;

/** Every clock of the browser is ahead by so much, in all frames, from before the first script. */
const shiftClock = (ahead: number) => {
  const Real = Date;
  const now = () => Real.now() + ahead;
  const construct: ProxyHandler<DateConstructor>['construct'] = (target, given, newTarget) =>
    Reflect.construct(target, given.length ? given : [now()], newTarget);
  const get = (target: DateConstructor, name: string | symbol) => (name === 'now' ? now : Reflect.get(target, name));
  globalThis.Date = new Proxy(Real, { construct, get });
};

/** Of all that says when something was: the largest distance from now, by the right clock. */
async function furthest(chat: Chat): Promise<number> {
  const times = await chat.log
    .locator('time')
    .evaluateAll((all) => all.map((time) => (time as HTMLTimeElement).dateTime));
  expect(times.length).toBeGreaterThan(0);
  return Math.max(...times.map((time) => Math.abs(Date.parse(time) - Date.now())));
}

test.each([
  ['three years ahead', 3 * YEAR_MS],
  ['three years behind', -3 * YEAR_MS],
])('a clock that is %s changes nothing: times, days, order, outbox and session are right', async (_, ahead) => {
  const context = await newContext();
  await context.addInitScript(shiftClock, ahead);
  const { page, chat } = await openLinkPage(context, linkPage());
  const texts = ['One', 'Two', 'Three', 'Four'].map((word) => `${word} with a clock ${ahead / YEAR_MS} years off`);
  await chat.write(texts[0] ?? '');
  await chat.sent();
  const desk = await newDesk();
  const agent = await desk.openConversation(texts[0] ?? '');
  await agent.write(texts[1] ?? '');
  await chat.message(texts[1] ?? '').waitFor();
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);

  const isRight = async () => {
    expect(await chat.log.locator('.divider').allInnerTexts()).toEqual(['Today']);
    expect(await furthest(chat)).toBeLessThan(120_000);
  };
  await isRight();
  await expect.poll(() => keptBy(page)).toContain(texts[1]);
  await context.setOffline(true);
  await chat.write(texts[2] ?? '');
  await page.reload();
  await chat.message(texts[2] ?? '').waitFor();
  expect(await chat.texts()).toEqual(texts.slice(0, 3));
  await isRight();
  await context.setOffline(false);
  await agent.message(texts[2] ?? '').waitFor();
  await agent.write(texts[3] ?? '');
  await chat.message(texts[3] ?? '').waitFor();
  await isRight();
  // Not a new visitor: the token still counted after the reload.
  expect(await agent.texts()).toEqual(texts);
  expect(await chat.texts()).toEqual(texts);
  await page.reload();
  await chat.message(texts[3] ?? '').waitFor();
  await isRight();
  await Promise.all([context.close(), desk.page.context().close()]);
});

test('a wrong clock at the desk changes no age and no day either', async () => {
  const visitors = await newContext();
  const { chat } = await openLinkPage(visitors, `${server.url}/im/${server.tenantId}`);
  await chat.write('What day is it at the desk?');
  await chat.sent();
  const agents = await newContext();
  await agents.addInitScript(shiftClock, 3 * YEAR_MS);
  const desk = await ConsolePage.signIn(agents, server.demo.consoleUrl, server.agent);
  const row = desk.page.getByRole('option').filter({ hasText: 'What day is it at the desk?' });
  await row.waitFor();
  const text = await row.innerText();
  const agent = await desk.openConversation('What day is it at the desk?');
  await agent.message('What day is it at the desk?').waitFor();
  expect(text).toContain('just now');
  expect(text).not.toMatch(/days/);
  expect(await agent.log.locator('.divider').allInnerTexts()).toContain('Today');
  await Promise.all([visitors.close(), agents.close()]);
});

test('a text above the limit is counted and kept, not sent; at the limit it arrives whole on the other side', async () => {
  const context = await newContext();
  const { chat } = await openLinkPage(context, linkPage());
  await chat.write('Something long follows');
  await chat.sent();
  const long = `Long: ${'长'.repeat(TEXT_MAX_LENGTH - 10)} end`;
  await chat.field.fill(`${long}!`);
  await chat.root.getByText('1 character too long').waitFor();
  await chat.field.press('Enter');
  expect(await chat.root.getByRole('button', { name: 'Send' }).isDisabled()).toBe(true);
  expect(await chat.field.inputValue()).toBe(`${long}!`);
  expect(await chat.texts()).toEqual(['Something long follows']);
  await chat.field.press('Backspace');
  await chat.root.getByText('0 characters left').waitFor();
  await chat.field.press('Enter');
  await chat.message(long).waitFor();
  await chat.sent();
  expect(await chat.field.inputValue()).toBe('');
  const desk = await newDesk();
  const agent = await desk.openConversation('Long: ');
  await agent.message(long).waitFor();
  expect(await agent.texts()).toEqual(['Something long follows', long]);
  for (const side of [chat, agent]) {
    expect(await side.log.evaluate((log) => log.scrollWidth <= log.clientWidth)).toBe(true);
  }
  await Promise.all([context.close(), desk.page.context().close()]);
});

test('files that cannot be taken are named with the reason, nothing of them is sent, and the talk goes on', async () => {
  const context = await newContext();
  const { page, chat } = await openLinkPage(context, linkPage());
  await chat.write('I have some files for you');
  await chat.sent();
  const uploads: string[] = [];
  page.on('request', (request) => request.method() === 'POST' && uploads.push(request.url()));
  await chat.attach([
    { name: 'page.html', mimeType: 'text/html', buffer: Buffer.from('<script>window.ran=1</script>') },
    { name: 'nothing.txt', mimeType: 'text/plain', buffer: Buffer.alloc(0) },
    { name: 'huge.txt', mimeType: 'text/plain', buffer: Buffer.alloc(FILE_MAX_BYTES + 1, 'x') },
  ]);
  const alert = chat.root.getByRole('alert');
  await alert.getByText('page.html cannot be sent: files of this kind are not accepted.').waitFor();
  await alert.getByText('nothing.txt is empty.').waitFor();
  await alert.getByText(/^huge\.txt is larger than (49|50) kB/i).waitFor();
  expect(uploads).toEqual([]);
  await alert.getByRole('button', { name: 'Close' }).click();
  await alert.waitFor({ state: 'detached' });

  // It says that it is a text and is a program: only the server can know.
  await chat.attach({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('MZ\0\0\x90\0') });
  await chat.log.getByText('Not sent: files of this kind are not accepted').waitFor();
  await chat.log.getByRole('button', { name: 'Delete' }).click();
  await chat.log.getByText('notes.txt').waitFor({ state: 'detached' });
  expect(uploads.length).toBe(1);

  await chat.attach({ name: 'list.txt', mimeType: 'text/plain', buffer: Buffer.from('tea, cups') });
  await chat.write('That was the right one');
  await chat.sent();
  const desk = await newDesk();
  const agent = await desk.openConversation('That was the right one');
  await agent.message('That was the right one').waitFor();
  const texts = await agent.texts();
  expect(texts.map((text) => text.split('\n')[0])).toEqual([
    'I have some files for you',
    'list.txt',
    'That was the right one',
  ]);
  await Promise.all([context.close(), desk.page.context().close()]);
});

test('a chat that does not exist says so, on its page and in the panel of a host', async () => {
  const context = await newContext();
  const page = await context.newPage();
  const answer = await page.goto(`${server.url}/im/nobody`);
  expect(answer?.status()).toBe(404);
  await page.getByRole('heading', { name: 'Chat not available' }).waitFor();
  await page.getByText('This chat does not exist.').waitFor();
  expect(await new Chat(page).field.count()).toBe(0);

  const host = await openHostPage(context, `${server.demo.siteUrl}made-up`, {
    head: '<title>A shop</title>',
    line: `<script async src="${server.url}/inlay.js" data-tenant="nobody"></script>`,
  });
  await host.launcher.click();
  const chat = await host.chat();
  await chat.root.getByText('This chat does not exist.').waitFor();
  await host.page.keyboard.press('Escape');
  await host.page.locator('inlay-root iframe').waitFor({ state: 'hidden' });
  await context.close();
});

interface Flooding {
  sent: number;
  refused: number;
  cutOff: number;
  stop: boolean;
}

/** Runs in the page: frames as fast as they can be made, on a new socket each time one is closed, until told to stop. */
const flood = (address: string) => {
  const flooding: Flooding = { sent: 0, refused: 0, cutOff: 0, stop: false };
  Object.assign(window, { flooding });
  const start = () => {
    const socket = new WebSocket(address);
    socket.onopen = () => {
      socket.send(JSON.stringify({ type: 'hello', ref: 1, protocol: { major: 1, minor: 0 } }));
      const timer = setInterval(() => {
        if (flooding.stop) socket.close();
        if (socket.readyState !== WebSocket.OPEN) return clearInterval(timer);
        for (let count = 0; count < 100; count++) {
          socket.send(JSON.stringify({ type: 'ping', ref: 2 + flooding.sent }));
          flooding.sent++;
        }
      }, 10);
    };
    socket.onmessage = ({ data }) => {
      if (String(data).includes('"rate-limited"')) flooding.refused++;
    };
    socket.onclose = () => {
      flooding.cutOff++;
      if (!flooding.stop) start();
    };
  };
  start();
};

test('a page that sends thousands of frames is refused and cut off, and another visitor’s talk goes on meanwhile', async () => {
  const [bad, good] = await Promise.all([newContext(), newContext()]);
  const { page: badPage } = await openLinkPage(bad, linkPage());
  const { page, chat } = await openLinkPage(good, linkPage());
  const troubles: string[] = [];
  page.on('websocket', () => troubles.push('the quiet visitor had to connect again'));
  await chat.write('Is it loud in here?');
  await chat.sent();
  const desk = await newDesk();
  const agent = await desk.openConversation('Is it loud in here?');

  await badPage.evaluate(flood, `${server.url.replace(/^http/, 'ws')}/v1/tenants/${server.tenantId}/socket`);
  const flooding = () => badPage.evaluate(() => (window as unknown as { flooding: Flooding }).flooding);
  await expect.poll(async () => (await flooding()).sent, { timeout: 20_000 }).toBeGreaterThan(1_000);
  for (const round of [1, 2, 3]) {
    await chat.write(`Can you hear me? ${round}`);
    await agent.message(`Can you hear me? ${round}`).waitFor({ timeout: 3_000 });
    await agent.write(`Loud and clear. ${round}`);
    await chat.message(`Loud and clear. ${round}`).waitFor({ timeout: 3_000 });
  }
  await expect.poll(async () => (await flooding()).cutOff, { timeout: 20_000 }).toBeGreaterThan(0);
  expect((await flooding()).refused).toBeGreaterThan(0);
  expect(troubles).toEqual([]);
  await badPage.evaluate(() => {
    (window as unknown as { flooding: Flooding }).flooding.stop = true;
  });
  // The flood over, the same page can talk again.
  const again = new Chat(badPage);
  await again.write('Sorry about that');
  await again.sent();
  await Promise.all([bad.close(), good.close(), desk.page.context().close()]);
});
