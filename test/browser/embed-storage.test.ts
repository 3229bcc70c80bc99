import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ChromiumOptions, launchChromium } from '../support/chromium.ts';

/** What the other browser tests rely on: that the browser treats a frame of another origin as users' browsers do. */
let frameSite: Server;
let hostSite: Server;
let host = '';

const serve = (html: () => string): Promise<Server> =>
  new Promise((resolve) => {
    const server = createServer((_request, response) => response.setHeader('content-type', 'text/html').end(html()));
    server.listen(0, () => resolve(server));
  });
const portOf = (server: Server) => (server.address() as AddressInfo).port;

beforeAll(async () => {
  frameSite = await serve(() => '<!doctype html><title>frame</title>');
  hostSite = await serve(
    () => `<!doctype html><title>host</title><iframe src="http://localhost:${portOf(frameSite)}/">`,
  );
  host = `http://127.0.0.1:${portOf(hostSite)}/`;
});
afterAll(() => {
  frameSite.close();
  hostSite.close();
});

/** What the frame reads after the same origin wrote a value in a page of its own. */
async function frameStorage(thirdPartyStorage: ChromiumOptions['thirdPartyStorage']): Promise<string> {
  const chromium = await launchChromium(thirdPartyStorage ? { thirdPartyStorage } : {});
  try {
    const page = await chromium.context.newPage();
    await page.goto(`http://localhost:${portOf(frameSite)}/`);
    await page.evaluate(() => localStorage.setItem('key', 'first-party'));
    await page.goto(host);
    const frame = page.frames()[1];
    return (await frame?.evaluate(() => {
      try {
        return localStorage.getItem('key') ?? 'a box of its own';
      } catch (error) {
        return (error as Error).name;
      }
    })) as string;
  } finally {
    await chromium.close();
  }
}

test("a frame of another origin has a box of its own, as in users' browsers", async () => {
  expect(await frameStorage(undefined)).toBe('a box of its own');
  expect(await frameStorage('allowed')).toBe('a box of its own');
});

test('where storage is blocked, a frame of another origin finds that it throws', async () => {
  expect(await frameStorage('blocked')).toBe('SecurityError');
});
