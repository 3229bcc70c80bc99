import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Chromium, launchChromium } from '../support/chromium.ts';
import { type StubHost, type StubWidget, startStubHost, startStubWidget } from './loader-stub.ts';

/** Hosts that are strict, servers that are away, phones, and hosts that want all of it gone again. */
let chromium: Chromium;
let widget: StubWidget;
let host: StubHost;

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

const oneLine = (attributes = '') =>
  `<script async src="${widget.origin}/inlay.js" data-tenant="demo" ${attributes}></script>`;

interface Visit {
  readonly head?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly phone?: boolean;
}

interface Visited {
  readonly page: Page;
  /** Uncaught errors and violations of the policy. */
  readonly problems: string[];
  close(): Promise<void>;
}

async function visit({
  head = oneLine(),
  body = '<button id="own">own</button>',
  headers = {},
  phone,
}: Visit = {}): Promise<Visited> {
  host.page = { html: `<!doctype html><html lang="en"><title>host</title>${head}<body>${body}</body></html>`, headers };
  const context = await chromium.newContext(phone ? { viewport: { width: 390, height: 700 }, hasTouch: true } : {});
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => /Content Security|Trusted/.test(message.text()) && problems.push(message.text()));
  await page.goto(host.origin);
  await page.waitForFunction(() => !!document.querySelector('inlay-root')?.shadowRoot?.adoptedStyleSheets.length);
  return { page, problems, close: () => context.close() };
}

const launcher = (page: Page) => page.locator('inlay-root button[aria-haspopup]');
const panel = (page: Page) => page.locator('inlay-root iframe');
const opened = (page: Page) => expect.poll(() => panel(page).isVisible()).toBe(true);
const closed = (page: Page) => expect.poll(() => panel(page).isVisible()).toBe(false);

const policies: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'allows scripts and frames of the widget only': {
    'content-security-policy': `default-src 'self'; script-src WIDGET; frame-src WIDGET; require-trusted-types-for 'script'; trusted-types 'none'`,
  },
  'trusts by nonce': {
    'content-security-policy': `default-src 'none'; script-src 'nonce-n1' 'strict-dynamic'; frame-src WIDGET; require-trusted-types-for 'script'`,
  },
  'requires embedder policies': {
    'cross-origin-embedder-policy': 'require-corp',
    'cross-origin-opener-policy': 'same-origin',
  },
};

for (const [name, headers] of Object.entries(policies)) {
  test(`a host that ${name} sees the launcher, the panel, the phone's full screen, and no violation`, async () => {
    const filled = Object.fromEntries(
      Object.entries(headers).map(([key, value]) => [key, value.replaceAll('WIDGET', widget.origin)]),
    );
    for (const phone of [false, true]) {
      const { page, problems, close } = await visit({ head: oneLine('nonce="n1"'), headers: filled, phone });
      expect(await launcher(page).boundingBox()).toMatchObject({ width: 56, height: 56 });
      await launcher(page).click();
      await opened(page);
      if (phone) await expect.poll(() => page.evaluate(() => history.state?.inlay)).toBe(1);
      expect(problems).toEqual([]);
      await close();
    }
  });
}

test('a host whose policy forbids the frame gets a card with a retry and a link at once, and no layer', async () => {
  const { page, close } = await visit({
    headers: { 'content-security-policy': `default-src 'self'; script-src ${widget.origin}` },
  });
  await launcher(page).click();
  await expect.poll(() => page.locator('inlay-root a').getAttribute('href')).toBe(`${widget.origin}/im/demo`);
  expect(await panel(page).count()).toBe(0);
  await close();
});

test('a server that went away, or an app that never stands, ends in the card, and the retry opens the chat', async () => {
  for (const mode of ['down', 'mute'] as const) {
    const { page, problems, close } = await visit();
    widget.mode = mode;
    await page.evaluate(() => {
      const { Inlay } = window as unknown as { Inlay(...call: unknown[]): void };
      Inlay('on', 'error', (detail: { code: string }) => Object.assign(window, { failed: detail.code }));
    });
    await launcher(page).click();
    expect(await launcher(page).getAttribute('aria-busy')).toBe('true');
    await expect
      .poll(() => page.evaluate(() => (window as unknown as { failed?: string }).failed), { timeout: 12_000 })
      .toBe('unreachable');
    expect(await panel(page).count()).toBe(0);
    expect(await page.evaluate(() => document.elementFromPoint(800, 400)?.localName)).not.toBe('inlay-root');
    expect(await launcher(page).getAttribute('aria-busy')).toBe('false');
    widget.mode = 'up';
    await page.getByText('No connection. Retry').click();
    await opened(page);
    expect(problems).toEqual([]);
    await close();
  }
});

test('a script that cannot be fetched leaves the page alone', async () => {
  host.page = { html: `<!doctype html><title>host</title><body>${oneLine().replace('inlay.js', 'gone.js')}text` };
  const context = await chromium.newContext();
  const page = await context.newPage();
  await page.goto(host.origin);
  expect(await page.locator('inlay-root').count()).toBe(0);
  await context.close();
});

test('on a phone it is the whole screen, holds the page still, and the back button closes it and changes nothing for the host', async () => {
  const { page, close } = await visit({
    phone: true,
    head: `<script>window.popped = []; addEventListener('popstate', ({ state }) => popped.push(JSON.stringify(state) + location.pathname)); history.replaceState({ of: 'host' }, '');</script>${oneLine()}`,
    body: '<p>text</p>'.repeat(300),
  });
  await page.evaluate(() => scrollTo(0, 500));
  const length = await page.evaluate(() => history.length);
  await launcher(page).tap();
  await opened(page);
  expect(await panel(page).boundingBox()).toEqual({ x: 0, y: 0, width: 390, height: 700 });
  const state = () =>
    page.evaluate(() => [document.documentElement.style.overflow, JSON.stringify(history.state), scrollY]);
  await expect.poll(state).toEqual(['hidden', '{"of":"host","inlay":1}', 500]);
  await page.goBack();
  await closed(page);
  await expect.poll(state).toEqual(['', '{"of":"host"}', 500]);

  await launcher(page).tap();
  await opened(page);
  await expect.poll(state).toEqual(['hidden', '{"of":"host","inlay":1}', 500]);
  await page.evaluate(() => (window as unknown as { Inlay(call: string): Promise<void> }).Inlay('close'));
  await expect.poll(state).toEqual(['', '{"of":"host"}', 500]);
  const popped = () => page.evaluate(() => [...new Set((window as unknown as { popped: string[] }).popped)]);
  expect(await popped()).toEqual(['{"of":"host"}/']);
  expect(await page.evaluate(() => history.length)).toBe(length + 1);

  await launcher(page).tap();
  await expect.poll(state).toEqual(['hidden', '{"of":"host","inlay":1}', 500]);
  await page.evaluate(() => {
    history.pushState({ of: 'host', page: 2 }, '', '/two');
    return (window as unknown as { Inlay(call: string): Promise<void> }).Inlay('close');
  });
  expect(await page.evaluate(() => location.pathname)).toBe('/two');
  await page.goBack();
  await page.goBack();
  await expect
    .poll(() => page.evaluate(() => [location.pathname, JSON.stringify(history.state)]))
    .toEqual(['/', '{"of":"host"}']);
  await close();
});

test('destroy leaves nothing, twenty times over', async () => {
  const counting = `<script>window.alive = new Set();
    {
      const owner = EventTarget.prototype;
      const { addEventListener: add, removeEventListener: remove } = owner;
      owner.addEventListener = function (type, handle, options) {
        if (new Error().stack.includes('/inlay') && [window, document, visualViewport].includes(this ?? window)) {
          const entry = [type, handle]; alive.add(entry);
          options?.signal && add.call(options.signal, 'abort', () => alive.delete(entry));
        }
        return add.call(this, type, handle, options);
      };
      owner.removeEventListener = function (type, handle, options) {
        for (const entry of alive) if (entry[0] === type && entry[1] === handle) alive.delete(entry);
        return remove.call(this, type, handle, options);
      };
    }</script>`;
  for (const phone of [false, true]) {
    const { page, problems, close } = await visit({ phone, head: counting + oneLine() });
    expect(await page.evaluate(() => (window as unknown as { alive: Set<unknown> }).alive.size)).toBeGreaterThan(3);
    const names = await page.evaluate(() => Object.keys(window).filter((name) => name !== 'Inlay'));
    for (let mount = 0; mount < 20; mount++) {
      await page.evaluate(async (source) => {
        const host = window as unknown as { Inlay?(...call: unknown[]): Promise<unknown> };
        await host.Inlay?.('open');
        await host.Inlay?.('destroy');
        if (host.Inlay || document.querySelector('inlay-root')) throw new Error('something is left');
        const script = document.createElement('script');
        Object.assign(script, { src: source });
        script.dataset.tenant = 'demo';
        await new Promise((resolve) => {
          script.onload = resolve;
          document.head.append(script);
        });
        script.remove();
      }, `${widget.origin}/inlay.js`);
    }
    const left = await page.evaluate(async () => {
      const host = window as unknown as { Inlay(...call: unknown[]): Promise<unknown>; alive: Set<[string]> };
      await host.Inlay('destroy');
      return {
        names: Object.keys(window),
        alive: [...host.alive].map(([type]) => type),
        nodes: document.documentElement.childElementCount,
        frames: window.length,
        overflow: document.documentElement.style.overflow,
        state: history.state,
      };
    });
    expect(left).toEqual({ names, alive: [], nodes: 2, frames: 0, overflow: '', state: null });
    expect(problems).toEqual([]);
    await close();
  }
});
