/** Files and messages on their way: progress, cancel, paste, drop, and what fails and is sent again. */
import type { BrowserContext, Page, WebSocketRoute } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Chromium, launchChromium } from '../support/chromium.ts';
import { type Chat, ConsolePage, openLinkPage } from '../support/pages.ts';
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

const newContext = (): Promise<BrowserContext> => chromium.newContext({ locale: 'en-GB' });

/** A visitor who has written `text`, and the agent who has opened it. */
async function talking(text: string, context?: BrowserContext) {
  const visitors = context ?? (await newContext());
  const { page, chat } = await openLinkPage(visitors, `${server.url}/im/${server.tenantId}`);
  await chat.write(text);
  await chat.sent();
  const agent = await desk.openConversation(text);
  await agent.message(text).waitFor();
  return { context: visitors, page, chat, agent };
}

/** Bytes a second that leave the page; -1: no limit. */
async function limitUpload(page: Page, bytesPerSecond: number): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  const conditions = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: bytesPerSecond };
  await session.send('Network.emulateNetworkConditions', conditions);
}

const WIDTH = 900;
const HEIGHT = 600;
/** A picture that cannot be packed: about 2 MB. */
async function photograph(page: Page): Promise<{ name: string; mimeType: string; buffer: Buffer }> {
  const data = await page.evaluate(
    ([width, height]) => {
      const canvas = Object.assign(document.createElement('canvas'), { width, height });
      const image = new ImageData(width, height);
      for (let at = 0; at < image.data.length; at += 65_536)
        crypto.getRandomValues(image.data.subarray(at, at + 65_536));
      canvas.getContext('2d')?.putImageData(image, 0, 0);
      return canvas.toDataURL('image/png');
    },
    [WIDTH, HEIGHT] as const,
  );
  return { name: 'teapot.png', mimeType: 'image/png', buffer: Buffer.from(data.split(',')[1] ?? '', 'base64') };
}

/** Stored files do not arrive at this page until the function that comes back is called. */
async function holdFiles(page: Page): Promise<() => void> {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route('**/files/*/*', async (route) => {
    await released;
    await route.continue();
  });
  return release;
}

const pictureIn = (chat: Chat) => chat.log.getByRole('link', { name: 'Picture teapot.png' });

test('a picture shows how far it is, then stands on both sides in a space that it had before it came', async () => {
  const { context, page, chat, agent } = await talking('Here comes a picture');
  const photo = await photograph(page);
  await limitUpload(page, 1_500_000);
  const releases = [await holdFiles(page), await holdFiles(desk.page)];
  await chat.attach(photo);
  const progress = chat.log.getByRole('progressbar', { name: 'Sending teapot.png' });
  await progress.waitFor();
  await chat.log.getByRole('img', { name: 'Picture teapot.png' }).waitFor();
  const share = () => progress.evaluate((bar: HTMLProgressElement) => bar.value);
  await expect.poll(share, { interval: 20 }).toBeGreaterThan(0);
  expect(await share()).toBeLessThan(1);

  for (const side of [chat, agent]) await pictureIn(side).waitFor();
  await progress.waitFor({ state: 'detached' });
  const boxes = () => Promise.all([chat, agent].map((side) => pictureIn(side).boundingBox()));
  const before = await boxes();
  for (const box of before) expect((box?.width ?? 0) / (box?.height ?? 1)).toBeCloseTo(WIDTH / HEIGHT, 1);
  for (const release of releases) release();
  for (const side of [chat, agent]) {
    const loaded = () =>
      pictureIn(side)
        .locator('img')
        .evaluate((image: HTMLImageElement) => (image.complete ? image.naturalWidth : 0));
    await expect.poll(loaded).toBe(WIDTH);
  }
  expect(await boxes()).toEqual(before);
  await chat.sent();
  await desk.page.unroute('**/files/*/*');
  await context.close();
});

test('an upload that is cancelled leaves nothing on either side, and what is written after it arrives', async () => {
  const { context, page, chat, agent } = await talking('A large one, perhaps');
  const photo = await photograph(page);
  await limitUpload(page, 20_000);
  await chat.attach(photo);
  await chat.log.getByRole('progressbar').waitFor();
  await chat.log.getByRole('button', { name: 'Cancel: teapot.png' }).click();
  await chat.log.getByRole('progressbar').waitFor({ state: 'detached' });
  await limitUpload(page, -1);
  await chat.write('Never mind');
  await agent.message('Never mind').waitFor();
  expect(await agent.texts()).toEqual(['A large one, perhaps', 'Never mind']);
  expect(await chat.texts()).toEqual(['A large one, perhaps', 'Never mind']);
  await page.reload();
  await chat.message('Never mind').waitFor();
  expect(await chat.texts()).toEqual(['A large one, perhaps', 'Never mind']);
  await context.close();
});

/** What a browser does when a file is pasted or dropped; made by hand, since no test can hold a real file over a window. */
const give = (target: Element, [type, name]: readonly [string, string]) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([`what is in ${name}`], name, { type: 'text/plain' }));
  const options = { bubbles: true, cancelable: true };
  const event =
    type === 'paste'
      ? new ClipboardEvent(type, { ...options, clipboardData: dataTransfer })
      : new DragEvent(type, { ...options, dataTransfer });
  target.dispatchEvent(event);
  return event.defaultPrevented;
};

test('a file is sent by pasting it and by dropping it anywhere on the chat', async () => {
  const { context, chat, agent } = await talking('Pasted and dropped');
  expect(await chat.field.evaluate(give, ['paste', 'pasted.txt'] as const)).toBe(true);
  await agent.log.getByRole('link', { name: /pasted\.txt/ }).waitFor();
  const overlay = chat.root.getByText('Drop files to send them');
  expect(await chat.log.evaluate(give, ['dragover', 'dropped.txt'] as const)).toBe(true);
  await overlay.waitFor();
  expect(await chat.log.evaluate(give, ['drop', 'dropped.txt'] as const)).toBe(true);
  await overlay.waitFor({ state: 'detached' });
  await agent.log.getByRole('link', { name: /dropped\.txt/ }).waitFor();
  const link = chat.log.getByRole('link', { name: /dropped\.txt/ });
  await link.waitFor();
  const answer = await context.request.get((await link.evaluate((element: HTMLAnchorElement) => element.href)) ?? '');
  expect(await answer.text()).toBe('what is in dropped.txt');
  await context.close();
});

const refusal = { code: 'forbidden', message: 'refused by the test', retry: 'never' };

test('OIM-2: an upload that was refused is sent again by a click, and is in the conversation once', async () => {
  const { context, page, chat, agent } = await talking('The upload will fail');
  const uploads = /\/v1\/tenants\/[^/]+\/files$/;
  await page.route(uploads, (route) => route.fulfill({ status: 403, json: { error: refusal } }));
  await chat.attach({ name: 'order.txt', mimeType: 'text/plain', buffer: Buffer.from('two cups') });
  const retry = chat.log.getByRole('button', { name: 'Not sent. Tap to try again' });
  await retry.waitFor();
  await chat.write('This one goes on');
  await agent.message('This one goes on').waitFor();
  // It is kept with its bytes, also over a reload.
  await page.reload();
  await retry.waitFor();
  await page.unroute(uploads);
  await retry.click();
  await agent.log.getByRole('link', { name: /order\.txt/ }).waitFor();
  await retry.waitFor({ state: 'detached' });
  const names = (texts: string[]) => texts.map((text) => text.split('\n')[0]);
  const expected = ['The upload will fail', 'This one goes on', 'order.txt'];
  expect(names(await agent.texts())).toEqual(expected);
  await expect.poll(async () => names(await chat.texts())).toEqual(expected);
  await page.reload();
  await chat.log.getByRole('link', { name: /order\.txt/ }).waitFor();
  expect(names(await chat.texts())).toEqual(expected);
  await context.close();
});

type Meddle = (frame: { type: string; ref: number; text: string }, route: WebSocketRoute) => 'pass' | 'swallow';

/** Stands between a page and the server; `sent` sees each message that leaves. */
async function meddle(context: BrowserContext, sent: Meddle): Promise<void> {
  await context.routeWebSocket(/\/socket$/, (route) => {
    const upstream = route.connectToServer();
    route.onMessage((data) => {
      const frame = JSON.parse(String(data)) as { type: string; ref: number; content?: { text?: string } };
      const text = frame.content?.text ?? '';
      if (frame.type !== 'message.send' || sent({ ...frame, text }, route) === 'pass') upstream.send(data);
    });
  });
}

test('OIM-2: a text that was refused, and one whose answer was lost, are in the conversation once', async () => {
  const context = await newContext();
  let refused = 0;
  let lost = 0;
  await meddle(context, ({ ref, text }, route) => {
    if (text === 'Refused at first' && refused++ === 0) {
      route.send(JSON.stringify({ type: 'error', ref, error: refusal }));
      return 'swallow';
    }
    // It reaches the server, and the line is gone before the answer is.
    if (text === 'Answer lost' && lost++ === 0) setTimeout(() => route.close({ code: 4000 }));
    return 'pass';
  });
  const { page, chat, agent } = await talking('Something stands in between', context);
  await chat.write('Refused at first');
  const retry = chat.log.getByRole('button', { name: 'Not sent. Tap to try again' });
  await retry.click();
  await retry.waitFor({ state: 'detached' });
  await agent.message('Refused at first').waitFor();
  await chat.write('Answer lost');
  await chat.write('And one more');
  await agent.message('And one more').waitFor();
  await chat.sent();
  const expected = ['Something stands in between', 'Refused at first', 'Answer lost', 'And one more'];
  expect(await agent.texts()).toEqual(expected);
  expect(await chat.texts()).toEqual(expected);
  expect(refused).toBe(2);
  await page.reload();
  await chat.message('And one more').waitFor();
  expect(await chat.texts()).toEqual(expected);
  await context.close();
});

test('a message that failed can be taken back', async () => {
  const context = await newContext();
  await meddle(context, ({ ref, text }, route) => {
    if (text !== 'Rather not') return 'pass';
    route.send(JSON.stringify({ type: 'error', ref, error: refusal }));
    return 'swallow';
  });
  const { page, chat, agent } = await talking('I think it over', context);
  await chat.write('Rather not');
  await chat.log.getByRole('button', { name: 'Delete' }).click();
  await chat.message('Rather not').waitFor({ state: 'detached' });
  await chat.write('Thank you');
  await agent.message('Thank you').waitFor();
  await page.reload();
  await chat.message('Thank you').waitFor();
  expect(await chat.texts()).toEqual(['I think it over', 'Thank you']);
  expect(await agent.texts()).toEqual(['I think it over', 'Thank you']);
  await context.close();
});
