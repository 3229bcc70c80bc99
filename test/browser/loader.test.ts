import type { Frame, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Chromium, launchChromium } from '../support/chromium.ts';
import { type StubHost, type StubWidget, startStubHost, startStubWidget } from './loader-stub.ts';

/** What the loader promises its host, seen on a page of another site, with a stub in the place of the app. */
let chromium: Chromium;
let widget: StubWidget;
let host: StubHost;
let page: Page;

beforeAll(async () => {
  [chromium, widget, host] = await Promise.all([
    launchChromium({ context: { locale: 'en-US', viewport: { width: 1000, height: 800 } } }),
    startStubWidget(),
    startStubHost(),
  ]);
});
afterAll(async () => {
  await chromium.close();
  await Promise.all([widget.close(), host.close()]);
});

let errors: string[] = [];
beforeEach(async () => {
  await page?.close();
  widget.mode = 'up';
  errors = [];
  page = await chromium.context.newPage();
  page.on('pageerror', (error) => errors.push(String(error)));
});

const oneLine = (attributes = '') =>
  `<script async src="${widget.origin}/inlay.js" data-tenant="demo" ${attributes}></script>`;

const filler = '<p>text</p>'.repeat(100);

/** Shows a host page and waits for the launcher. */
async function visit(
  head: string,
  body = `<button id="own">own</button>${filler}`,
  headers = {},
  hash = '',
): Promise<void> {
  host.page = { html: `<!doctype html><html lang="en"><title>host</title>${head}<body>${body}</body></html>`, headers };
  widget.requests.length = 0;
  await page.goto(`${host.origin}/${hash}`);
  await page.waitForFunction(() => !!document.querySelector('inlay-root')?.shadowRoot?.adoptedStyleSheets.length);
}

const launcher = () => page.locator('inlay-root button[aria-haspopup]');
const panel = () => page.locator('inlay-root iframe');

const frame = async (): Promise<Frame> => {
  const handle = await panel().elementHandle();
  const inner = await handle?.contentFrame();
  if (!inner) throw new Error('there is no frame');
  return inner;
};

type Heard = Record<string, unknown>;
const heard = async (type: string): Promise<Heard[]> =>
  (await frame()).evaluate(
    (wanted) =>
      (window as unknown as { heard: Heard[] }).heard.filter((message) => (message.type ?? message.inlay) === wanted),
    type,
  );
const appSays = async (message: unknown): Promise<void> => {
  await (await frame()).evaluate((sent) => (window as unknown as { say(sent: unknown): void }).say(sent), message);
};
/** Calls window.Inlay and gives what it resolved with, or `{ code }` of the rejection. */
const inlay = (...call: unknown[]): Promise<unknown> =>
  page.evaluate(
    (given) =>
      (window as unknown as { Inlay(...call: unknown[]): Promise<unknown> }).Inlay(...given).then(
        (value) => value ?? 'done',
        (error) => ({ code: error.code }),
      ),
    call,
  );
const opened = () => expect.poll(() => panel().isVisible()).toBe(true);
const closed = () => expect.poll(() => panel().isVisible()).toBe(false);

test('a mere view loads no byte of the app, stores nothing, and adds one global name', async () => {
  const before = `<script>window.before = Object.keys(window);</script>`;
  await visit(before + oneLine());
  await expect
    .poll(() => page.locator('inlay-root [role=status]').textContent(), { timeout: 5_000 })
    .toContain('Hello!');
  expect(widget.requests.filter((path) => !path.startsWith('/inlay.js'))).toEqual([]);
  const added = await page.evaluate(() => {
    const { before } = window as unknown as { before: string[] };
    return Object.keys(window).filter((name) => !before.includes(name) && name !== 'before');
  });
  expect(added).toEqual(['Inlay']);
  expect(await page.evaluate(() => [document.cookie, localStorage.length, sessionStorage.length])).toEqual(['', 0, 0]);
  expect(await chromium.context.cookies()).toEqual([]);
  expect(errors).toEqual([]);
});

test('pointing at the launcher loads the app out of sight; a click shows it, another hides it', async () => {
  await visit(oneLine());
  await launcher().hover();
  await expect.poll(() => widget.requests).toContain('/embed/demo');
  expect(await panel().isVisible()).toBe(false);
  await launcher().click();
  await opened();
  expect(await launcher().getAttribute('aria-expanded')).toBe('true');
  const box = await panel().boundingBox();
  expect(box).toMatchObject({ width: 400, height: 696, x: 580, y: 20 });
  await launcher().click();
  await closed();
  await expect.poll(async () => (await heard('close')).length).toBe(1);
});

test('the app hears once who embeds it and where, with the exact origin', async () => {
  await visit(oneLine('data-locale="zh-CN" data-name="Lin"'));
  expect(await inlay('open')).toBe('done');
  const [hello] = await heard('connect');
  expect(hello).toMatchObject({
    version: 1,
    open: true,
    entry: 'script',
    hostPush: false,
    locale: 'zh-CN',
    origin: host.origin,
  });
  expect(hello?.page).toMatchObject({ url: `${host.origin}/`, title: 'host' });
  expect(hello?.visitor).toMatchObject({ name: 'Lin' });
  await expect.poll(async () => (await heard('open')).length).toBe(1);
});

test('it works from the head and from the body, and a second copy does nothing', async () => {
  await visit(oneLine());
  await visit('', `${filler}${oneLine()}${oneLine()}`);
  await page.waitForLoadState();
  expect(await page.locator('inlay-root').count()).toBe(1);
  host.page = {
    html: `<!doctype html><html><head>${oneLine().replace('async', '')}<title>host</title></head><body>${filler}</body></html>`,
  };
  await page.goto(host.origin);
  expect(await page.evaluate(() => document.documentElement.lastElementChild?.localName)).toBe('inlay-root');
  expect(errors).toEqual([]);
});

const stub = `<script>window.Inlay = window.Inlay || function () { var call = arguments; return new Promise(function (resolve) {
  call.done = resolve; (Inlay.q = Inlay.q || []).push(call); }); };</script>`;

test('calls that were made before the script ran are done, in order, and their promises settle', async () => {
  const calls = `<script>window.log = []; Inlay('on', 'open', () => log.push('open')); Inlay('on', 'ready', () => log.push('ready'));
    Inlay('open').then(() => log.push('opened')); Inlay('nonsense').catch(() => log.push('refused'));</script>`;
  await visit(stub + calls + oneLine());
  await opened();
  await expect
    .poll(() => page.evaluate(() => [...(window as unknown as { log: string[] }).log].sort()))
    .toEqual(['open', 'opened', 'ready', 'refused']);
  expect(errors).toEqual([]);
});

test('events come until the listener is taken off, and a listener that throws harms nobody', async () => {
  await visit(stub + oneLine());
  await page.evaluate(() => {
    const host = window as unknown as { Inlay(...call: unknown[]): () => void; log: unknown[]; off(): void };
    host.log = [];
    host.Inlay('on', 'unread', () => {
      throw new Error('of the host');
    });
    host.off = host.Inlay('on', 'unread', (detail: unknown) => host.log.push((detail as { count: number }).count));
    host.Inlay('on', 'message', (detail: unknown) => host.log.push((detail as { from: string }).from));
  });
  await inlay('open');
  await inlay('close');
  await appSays({ type: 'unread', count: 120, preview: { name: 'Mei', text: 'It is on its way <b>' } });
  await appSays({ type: 'message', from: 'agent', messageId: 'm1', text: 'It is on its way' });
  await expect.poll(() => page.evaluate(() => (window as unknown as { log: unknown[] }).log)).toEqual([120, 'agent']);
  expect(await launcher().getAttribute('aria-label')).toContain('99+');
  expect(await page.locator('inlay-root [role=status]').textContent()).toContain('Mei It is on its way <b>');
  await page.evaluate(() => (window as unknown as { off(): void }).off());
  await appSays({ type: 'unread', count: 0 });
  await expect.poll(() => launcher().getAttribute('data-n')).toBe('');
  expect(await page.evaluate(() => (window as unknown as { log: unknown[] }).log)).toEqual([120, 'agent']);
  // The greeting's time has passed; it does not take the place of a message.
  await page.waitForTimeout(2_000);
  expect(await page.locator('inlay-root [role=status]').textContent()).toContain('It is on its way');
  expect(errors.filter((error) => !error.includes('of the host'))).toEqual([]);
});

test('an identity is told when the app stands, is fetched again when it expired, and a refusal rejects', async () => {
  await visit(stub + oneLine());
  await page.evaluate(() => {
    const host = window as unknown as { Inlay(...call: unknown[]): Promise<unknown>; asked: number };
    host.asked = 0;
    return host.Inlay('identify', async () => `jwt-${++host.asked}`);
  });
  expect(widget.requests).not.toContain('/embed/demo');
  await inlay('open');
  await expect.poll(async () => (await heard('identify')).map(({ jwt }) => jwt)).toEqual(['jwt-1']);
  await appSays({ type: 'identity.expired' });
  await expect
    .poll(async () => (await heard('identify')).map(({ jwt }) => jwt), { timeout: 8_000 })
    .toEqual(['jwt-1', 'jwt-2']);
  await (await frame()).evaluate(() => Object.assign(window, { refusal: { code: 'identity-invalid', message: 'no' } }));
  expect(await inlay('identify', 'forged')).toEqual({ code: 'identity-invalid' });
  await (await frame()).evaluate(() => Object.assign(window, { refusal: undefined }));
  expect(await inlay('logout')).toBe('done');
  expect(await inlay('update', { locale: 'zh-CN', contact: '138' })).toBe('done');
  expect((await heard('update')).at(-1)).toMatchObject({ locale: 'zh-CN', visitor: { contact: '138' } });
  expect(await launcher().getAttribute('aria-label')).toContain('聊天');
});

test('what the app asks to keep is kept for it, loads it after the next view, and goes again', async () => {
  await visit(oneLine());
  await inlay('open');
  await appSays({ type: 'session.save', active: true, session: 'token' });
  await expect.poll(() => page.evaluate(() => localStorage.getItem('inlay:demo'))).toBe('token');
  await visit(oneLine());
  await expect.poll(() => widget.requests).toContain('/embed/demo');
  await expect
    .poll(async () => (await heard('connect')).map(({ session, open }) => [session, open]))
    .toEqual([['token', false]]);
  await appSays({ type: 'session.save', active: false });
  await expect.poll(() => page.evaluate(() => localStorage.length)).toBe(0);
});

test('any element of the host opens it, and the focus comes back there', async () => {
  await visit(oneLine('data-hide'), `<a id="link" href="/elsewhere" data-inlay-open>ask</a>${filler}`);
  expect(await launcher().isVisible()).toBe(false);
  await page.focus('#link');
  await expect.poll(() => widget.requests).toContain('/embed/demo');
  await page.keyboard.press('Enter');
  await opened();
  expect(page.url()).toBe(`${host.origin}/`);
  await expect.poll(async () => (await heard('open'))[0]).toMatchObject({ entry: 'element' });
  expect(await page.evaluate(() => document.querySelector('inlay-root')?.shadowRoot?.activeElement?.localName)).toBe(
    'iframe',
  );
  await appSays({ type: 'close' });
  await closed();
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('link');
});

test('Escape closes it, inside and on the launcher', async () => {
  await visit(oneLine());
  await launcher().click();
  await opened();
  await page.keyboard.press('Escape');
  await closed();
  expect(await page.evaluate(() => document.querySelector('inlay-root')?.shadowRoot?.activeElement?.className)).toBe(
    'l',
  );
  await page.keyboard.press('Enter');
  await opened();
  await launcher().focus();
  await page.keyboard.press('Escape');
  await closed();
});

test('a notification of the host leads to the open chat, and the address is clean afterwards', async () => {
  await visit(oneLine(), undefined, {}, '#inlay=open');
  await opened();
  expect(page.url()).toBe(`${host.origin}/`);
});

test('a body that is replaced takes nothing of it away', async () => {
  await visit(oneLine());
  await inlay('open');
  await page.evaluate(() => document.body.replaceWith(document.createElement('body')));
  expect(await panel().isVisible()).toBe(true);
  expect(await heard('connect')).toHaveLength(1);
});
