/**
 * How long somebody looks at nothing who comes back to a conversation that the device has: from the start of the navigation to the
 * frame with the first message, on the link page in Chromium, with service worker and IndexedDB filled; once with the server
 * there and once with it gone. The baseline is a page of plain HTML with as many bubbles.
 */
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BrowserContext, Page } from 'playwright-core';
import type { Chromium, ChromiumOptions } from '../test/support/chromium.ts';
import { RawClient } from '../test/support/raw-client.ts';
import type { Benchmark, Figures, Side } from './harness/benchmark.ts';
import type { Agent } from './harness/people.ts';
import { Server, withFolder } from './harness/server.ts';
import { percentile, scaled } from './harness/statistics.ts';

const MESSAGES = 50;
const LOADS = 20;
const TEXT = 'A message as long as many are, with a question in it: does it fit, and when will it come?';

/** Loaded when it is needed: the load generators of the other benchmarks do without it. */
async function launch(options: ChromiumOptions = {}): Promise<Chromium> {
  return (await import('../test/support/chromium.ts')).launchChromium(options);
}

type Painted = { painted: Promise<number> };

/** In the page, before all else. The frame that shows the bubble has been drawn when the task after it runs. */
function watch(): void {
  (window as unknown as Painted).painted = new Promise((resolve) => {
    const look = () => {
      if (!document.querySelector('.bubble')) return void requestAnimationFrame(look);
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => resolve(performance.now());
        port2.postMessage(0);
      });
    };
    look();
  });
}

async function timeOf(page: Page, address: string): Promise<number> {
  await page.goto(address, { waitUntil: 'commit' });
  return page.evaluate(() => (window as unknown as Painted).painted);
}

async function paints(context: BrowserContext, address: string): Promise<number[]> {
  const times: number[] = [];
  for (let load = 0; load <= scaled(LOADS); load++) {
    const page = await context.newPage();
    await page.addInitScript(watch);
    const took = await timeOf(page, address);
    // The first one warms up.
    if (load > 0) times.push(took);
    await page.close();
  }
  return times;
}

async function plain(): Promise<Figures> {
  const server = await servePlain();
  const chromium = await launch();
  try {
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const times = await paints(chromium.context, address);
    const p50 = percentile(times, 0.5);
    const p90 = percentile(times, 0.9);
    return { thereP50Ms: p50, thereP90Ms: p90, goneP50Ms: p50, goneP90Ms: p90 };
  } finally {
    await chromium.close();
    server.close();
  }
}

async function servePlain(): Promise<HttpServer> {
  const rows = Array.from({ length: MESSAGES }, () => `<div class="row"><div class="bubble">${TEXT}</div></div>`);
  const style =
    'body{font:16px sans-serif}.row{margin:8px}.bubble{max-width:60%;padding:8px;border-radius:12px;background:#eee}';
  const body = `<!doctype html><meta charset="utf-8"><title>Plain</title><style>${style}</style>${rows.join('')}`;
  const server = createServer((_, response) => response.setHeader('content-type', 'text/html').end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

async function ours(): Promise<Figures> {
  return withFolder(async (folder) => {
    const server = await Server.start('inlay', folder);
    const chromium = await launch({ context: { locale: 'en' } });
    try {
      const { agents } = await server.people({ tenants: 1, visitors: 0, agents: 1 });
      const [agent] = agents as [Agent];
      const origin = server.url.replace(/^ws/, 'http');
      const address = `${origin}/im/${agent.tenantId}`;
      await fill(chromium.context, address, origin, agent);
      const there = await paints(chromium.context, address);
      await server.kill();
      const gone = await paints(chromium.context, address);
      return {
        thereP50Ms: percentile(there, 0.5),
        thereP90Ms: percentile(there, 0.9),
        goneP50Ms: percentile(gone, 0.5),
        goneP90Ms: percentile(gone, 0.9),
      };
    } finally {
      await chromium.close();
      await server.kill();
    }
  });
}

/** A conversation on the device, and the worker that keeps the page. */
async function fill(context: BrowserContext, address: string, origin: string, agent: Agent): Promise<void> {
  const { openLinkPage } = await import('../test/support/pages.ts');
  const { page, chat } = await openLinkPage(context, address);
  await chat.write(TEXT);
  await chat.sent();
  await answer(origin, agent);
  await chat.message(`${TEXT} ${MESSAGES}`).waitFor();
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await page.close();
  const again = await openLinkPage(context, address);
  await again.chat.message(`${TEXT} ${MESSAGES}`).waitFor();
  await again.page.waitForLoadState('networkidle');
  await again.page.close();
}

async function answer(origin: string, agent: Agent): Promise<void> {
  const client = new RawClient(origin, agent.tenantId, { cookie: agent.cookie });
  await client.opened;
  await client.hello({ kind: 'agent' });
  const { conversations } = await client.request<{ conversations: { conversationId: string }[] }>('conversation.list');
  const conversationId = conversations[0]?.conversationId;
  for (let at = 2; at <= MESSAGES; at++)
    await client.request('message.send', {
      conversationId,
      clientMessageId: `bench-paint-${at}`,
      content: { kind: 'text', text: `${TEXT} ${at}` },
    });
  await client.close();
}

const ms = { unit: 'ms', digits: 0 };

export const paint: Benchmark = {
  name: 'paint',
  title: 'First paint of a cached conversation',
  conditions: `Chromium, headless, link page, ${MESSAGES} messages on the device, ${LOADS} navigations in new tabs, from navigation start to the frame with the first message; B: plain HTML with as many bubbles`,
  metrics: [
    { key: 'thereP50Ms', metric: 'first message, server there, p50', ...ms },
    { key: 'thereP90Ms', metric: 'first message, server there, p90', ...ms },
    { key: 'goneP50Ms', metric: 'first message, server gone, p50', ...ms },
    { key: 'goneP90Ms', metric: 'first message, server gone, p90', ...ms },
  ],
  measure: (side: Side) => (side === 'baseline' ? plain() : ours()),
};
