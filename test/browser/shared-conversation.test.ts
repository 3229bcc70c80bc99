/**
 * One conversation on three devices that share nothing: a customer has the widget open in Chromium and in Firefox, an agent talks
 * through the client library in Node. All write, in turns and at once, while networks are cut, pages are reloaded and the server
 * is killed. At the end each of them holds every message that any of them ever showed, under the same number, once, and so does the
 * store; and a reload changes nothing.
 *
 * Where something breaks is chosen by a seed (SEED, else a new one): by how much was written, never by a time.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Client } from '../../client/client.ts';
import type { ConversationId } from '../../protocol/ids.ts';
import { type Chromium, launchChromium } from '../support/chromium.ts';
import { eventually } from '../support/eventually.ts';
import { type Firefox, type FirefoxPage, launchFirefox } from '../support/firefox.ts';
import { type Device, Devices } from '../support/node-client.ts';
import { type Chat, HostPage } from '../support/pages.ts';
import { newAgent } from '../support/raw-client.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { type ChildServer, startChildServer } from '../support/server.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { waitFor } from '../support/wait.ts';

const ENTER = '\uE007';
const WORDS = ['where is it?', 'a moment', '茶杯', 'déjà vu', '<b>bold</b>', '"quoted" \\u0041', '👍 fine'];

/** A message as it stands on a screen; without a number it is on its way. */
interface Row {
  readonly seq: number | undefined;
  readonly text: string;
  readonly from: 'customer' | 'agent';
}

interface Side {
  readonly name: string;
  /** Resolves when it stands on this side's own screen. */
  write(text: string): Promise<void>;
  /** As far as they are drawn. */
  rows(): Promise<Row[]>;
  /** From number 1, however far up that is. */
  all(): Promise<Row[]>;
  reload(): Promise<void>;
}

/** Runs in the widget's frame. */
const drawnRows = (): Row[] =>
  [...document.querySelectorAll<HTMLElement>('[role=log] .row')].map((row) => ({
    seq: row.dataset.seq === undefined ? undefined : Number(row.dataset.seq),
    text: row.querySelector<HTMLElement>('.bubble')?.innerText ?? '',
    from: row.closest('.group.mine') ? 'customer' : 'agent',
  }));

/** Runs in the widget's frame, again and again: each time, what is above is drawn or fetched. */
const scrollToFirst = (): boolean => {
  document.querySelector('[role=log]')?.scrollTo({ top: 0 });
  return document.querySelector('[role=log] .row[data-seq="1"]') !== null;
};

const drawnState = (): string => [...document.querySelectorAll('[role=log] .state')].at(-1)?.textContent ?? '';

class ChromiumSide implements Side {
  readonly name = 'Chromium';
  readonly problems: string[] = [];
  #chat!: Chat;

  private constructor(
    readonly context: BrowserContext,
    readonly host: HostPage,
  ) {}

  static async open(context: BrowserContext, address: string): Promise<ChromiumSide> {
    const page = await context.newPage();
    const side = new ChromiumSide(context, new HostPage(page));
    page.on('pageerror', (error) => side.problems.push(error.message));
    await page.goto(address);
    side.#chat = await side.host.open();
    return side;
  }

  get chat(): Chat {
    return this.#chat;
  }

  write(text: string): Promise<void> {
    return this.#chat.write(text);
  }

  rows(): Promise<Row[]> {
    return this.#chat.root.evaluate(drawnRows);
  }

  async all(): Promise<Row[]> {
    await eventually('the first message in Chromium', () => this.#chat.root.evaluate(scrollToFirst));
    return this.rows();
  }

  state(): Promise<string> {
    return this.#chat.root.evaluate(drawnState);
  }

  async reload(): Promise<void> {
    await this.host.page.reload();
    this.#chat = await this.host.open();
  }
}

class FirefoxSide implements Side {
  readonly name = 'Firefox';
  #chat!: FirefoxPage;

  private constructor(readonly page: FirefoxPage) {}

  static async open(firefox: Firefox, address: string): Promise<FirefoxSide> {
    const side = new FirefoxSide(await firefox.open(address));
    await side.#open();
    return side;
  }

  async #open(): Promise<void> {
    await this.page.click('inlay-root >>> button');
    this.#chat = await this.page.frame((url) => url.includes('/embed/'));
    // The focus comes in when the panel stands: whoever types earlier types into the host's page.
    await this.#chat.until(() => document.activeElement !== document.body);
  }

  async write(text: string): Promise<void> {
    await this.#chat.click('textarea');
    await this.#chat.type(text + ENTER);
    await this.#chat.until(
      (wanted) =>
        [...document.querySelectorAll<HTMLElement>('[role=log] .bubble')].some(({ innerText }) => innerText === wanted),
      text,
    );
  }

  rows(): Promise<Row[]> {
    return this.#chat.evaluate(drawnRows);
  }

  async all(): Promise<Row[]> {
    await this.#chat.until(scrollToFirst);
    return this.rows();
  }

  state(): Promise<string> {
    return this.#chat.evaluate(drawnState);
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.#open();
  }
}

class NodeSide implements Side {
  readonly name = 'Node';

  private constructor(
    readonly client: Client,
    readonly conversationId: ConversationId,
  ) {}

  static async open({ client }: Device): Promise<NodeSide> {
    await client.listConversations('all');
    const conversationId = await waitFor('the conversation', () => [...client.conversations.value.keys()][0]);
    await client.open(conversationId);
    return new NodeSide(client, conversationId);
  }

  async write(text: string): Promise<void> {
    this.client.send(this.conversationId, { kind: 'text', text });
    // Half of what is written waits for the answer, as long as one can come: neither one block nor one at a time.
    if (text.length % 2 === 0)
      await waitFor(`an answer for ${text}`, () => this.#isStored(text) || !this.#isOpen, 30_000);
  }

  /** Read in an effect. */
  get #isOpen(): boolean {
    return this.client.connection.value.name === 'open';
  }

  #isStored(text: string): boolean {
    return this.#entries().some(
      ({ content, seq }) => content.kind === 'text' && content.text === text && seq !== undefined,
    );
  }

  rows(): Promise<Row[]> {
    const rows = this.#entries().map(({ seq, content, mine }): Row => {
      const text = content.kind === 'text' ? content.text : content.kind;
      return { seq, text, from: mine ? 'agent' : 'customer' };
    });
    return Promise.resolve(rows);
  }

  async all(): Promise<Row[]> {
    while (this.#timeline().value.hasEarlier) await this.client.loadEarlier(this.conversationId);
    return this.rows();
  }

  /** The connection ends and comes back as after a sleep; there is no page that could be loaded again. */
  async reload(): Promise<void> {
    await this.client.stop();
    await this.client.start();
  }

  readTo(seq: number): void {
    this.client.markRead(this.conversationId, seq);
  }

  #timeline() {
    return this.client.timeline(this.conversationId);
  }

  #entries() {
    return this.#timeline().value.entries;
  }
}

/** Who writes how much, and what happens meanwhile. */
interface Burst {
  readonly counts: readonly number[];
  /** Runs beside the writers. `reached(n)`: so many of this burst were written, or all are. */
  readonly meanwhile?: (reached: (count: number) => Promise<void>) => Promise<void>;
  /** Reloads somewhere in the middle of its own writing. */
  readonly reloads?: Side;
}

/** What was written and what was seen, by all sides. */
class Talk {
  readonly #written = new Map<Side, string[]>();
  /** What somebody once showed as stored, by its number. */
  readonly #shown = new Map<number, Row>();
  #waiting: { readonly count: number; resolve(): void }[] = [];

  constructor(readonly random: SeededRandom) {}

  get sides(): readonly Side[] {
    return [...this.#written.keys()];
  }

  join(side: Side): void {
    this.#written.set(side, []);
  }

  get count(): number {
    return [...this.#written.values()].reduce((sum, texts) => sum + texts.length, 0);
  }

  async write(side: Side): Promise<void> {
    const texts = this.#written.get(side) ?? [];
    const text = `${side.name} ${texts.length + 1}: ${this.random.pick(WORDS)}`;
    await side.write(text);
    texts.push(text);
    this.#tell();
    this.#note(side, await side.rows());
  }

  async burst({ counts, meanwhile, reloads }: Burst): Promise<void> {
    const begun = this.count;
    const total = counts.reduce((sum, count) => sum + count, 0);
    const reached = (count: number) => this.#reached(begun + Math.min(count, total));
    const writers = this.sides.map((side, index) => this.#writeMany(side, counts[index] ?? 0, side === reloads));
    await Promise.all([...writers, meanwhile?.(reached)]);
  }

  /** All that was written is stored, on the screens of these. */
  async settled(sides: readonly Side[] = this.sides, count = this.count): Promise<void> {
    for (const side of sides) {
      let rows: readonly Row[] = [];
      const isThere = async () => {
        rows = await side.rows();
        return rows.length > 0 && rows.every(({ seq }) => seq !== undefined) && (rows.at(-1)?.seq ?? 0) >= count;
      };
      const wanted = () => `${side.name} shows ${count} stored messages; missing: ${this.#missing(rows).join(', ')}`;
      await eventually(wanted, isThere);
      this.#note(side, rows);
    }
  }

  /** Stored once each, in one order, which is for each writer the one of writing. */
  expectWhole(rows: readonly Row[], whose: string): void {
    expect(
      rows.map(({ seq }) => seq),
      `numbers: ${whose}`,
    ).toEqual(rows.map((_, index) => index + 1));
    for (const side of this.sides) {
      const own = rows.map(({ text }) => text).filter((text) => text.startsWith(`${side.name} `));
      expect(own, `written by ${side.name}: ${whose}`).toEqual(this.#written.get(side));
    }
    for (const [seq, row] of this.#shown) expect(rows[seq - 1], `once shown: ${whose}`).toEqual(row);
  }

  async #writeMany(side: Side, count: number, reloads: boolean): Promise<void> {
    const middle = reloads ? this.random.int(1, count - 1) : count;
    for (let done = 0; done < count; done++) {
      if (done === middle) await side.reload();
      await this.write(side);
    }
  }

  #missing(rows: readonly Row[]): string[] {
    const stored = new Set(rows.filter(({ seq }) => seq !== undefined).map(({ text }) => text));
    return [...this.#written.values()].flat().filter((text) => !stored.has(text));
  }

  #note(side: Side, rows: readonly Row[]): void {
    for (const row of rows) {
      if (row.seq === undefined) continue;
      expect(row, `${side.name} shows number ${row.seq}`).toEqual(this.#shown.get(row.seq) ?? row);
      this.#shown.set(row.seq, row);
    }
  }

  #reached(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ count, resolve });
      this.#tell();
    });
  }

  #tell(): void {
    for (const { count, resolve } of this.#waiting) if (this.count >= count) resolve();
    this.#waiting = this.#waiting.filter(({ count }) => this.count < count);
  }
}

let server: ChildServer;
let chromium: Chromium;
let firefox: Firefox;
let proxy: TcpProxy;
let devices: Devices;
let dataDir: string;

beforeAll(async () => {
  // Kept over the deaths of the server.
  dataDir = await mkdtemp(join(tmpdir(), 'inlay-shared-'));
  const env = { RATE_MESSAGES_PER_USER: '0' };
  [server, chromium, firefox] = await Promise.all([
    startChildServer({ dataDir, env }),
    launchChromium(),
    launchFirefox(),
  ]);
  proxy = await TcpProxy.start(server.url);
  devices = new Devices(server);
});
afterAll(async () => {
  await devices?.stop();
  await proxy?.stop();
  await Promise.all([chromium?.close(), firefox?.close()]);
  await server?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

const newNode = async (): Promise<NodeSide> => NodeSide.open(await devices.agent({ url: proxy.url }));

/** As somebody reads it who was not there. */
async function readStore(conversationId: ConversationId): Promise<Row[]> {
  const { client, userId } = await newAgent(server.url, server.tenantId, server.agent);
  const rows: Row[] = [];
  for (let lastSeq = 1; rows.length < lastSeq; ) {
    const page = await client.request<{
      messages: { seq: number; senderId: string; content: { text: string } }[];
      lastSeq: number;
    }>('message.list', { conversationId, after: rows.length, limit: 100 });
    expect(page.messages).not.toEqual([]);
    for (const { seq, senderId, content } of page.messages)
      rows.push({ seq, text: content.text, from: senderId === userId ? 'agent' : 'customer' });
    lastSeq = page.lastSeq;
  }
  await client.close();
  return rows;
}

async function expectEqual(talk: Talk, sides: readonly Side[], conversationId: ConversationId): Promise<void> {
  const stored = await readStore(conversationId);
  talk.expectWhole(stored, 'the store');
  for (const side of sides) expect(await side.all(), side.name).toEqual(stored);
}

async function converse(random: SeededRandom): Promise<void> {
  const address = new URL('/identify', server.demo.siteUrl).href;
  const talk = new Talk(random);
  const inChromium = await ChromiumSide.open(await chromium.newContext({ locale: 'en-GB' }), address);
  talk.join(inChromium);
  await talk.write(inChromium);
  await talk.settled();
  const [inFirefox, inNode] = await Promise.all([FirefoxSide.open(firefox, address), newNode()]);
  talk.join(inFirefox);
  talk.join(inNode);
  const { sides } = talk;

  const killAndRestart = async (reached: (count: number) => Promise<void>) => {
    const at = random.int(3, 7);
    await reached(at);
    await server.kill9();
    await reached(at + random.int(3, 6));
    await server.restart();
  };

  // In turns.
  for (const side of [...sides, ...sides]) {
    await talk.write(side);
    await talk.settled();
  }
  // At once.
  await talk.burst({ counts: [4, 4, 10] });
  await talk.settled();

  // Chromium has no network, and its person goes on writing.
  await inChromium.context.setOffline(true);
  await inChromium.chat.root.getByText('You are offline').waitFor();
  const before = await inChromium.rows();
  await talk.burst({ counts: [4, 4, 8] });
  await talk.settled([inFirefox, inNode], before.length + 12);
  expect((await inChromium.rows()).filter(({ seq }) => seq !== undefined)).toEqual(before);
  await inChromium.context.setOffline(false);
  await talk.settled();

  await talk.burst({ counts: [4, 5, 10], reloads: inFirefox });
  await talk.burst({ counts: [5, 5, 12], meanwhile: killAndRestart });
  await talk.settled();
  await talk.burst({
    counts: [6, 5, 14],
    reloads: inChromium,
    meanwhile: async (reached) => {
      // What Node writes is stored, and no answer comes: it is sent again.
      await reached(random.int(1, 3));
      proxy.silence('down');
      await reached(random.int(8, 10));
      proxy.cut();
      proxy.speak();
      await reached(random.int(12, 16));
      proxy.down();
      await reached(random.int(18, 21));
      proxy.up();
      inNode.client.wake();
    },
  });
  await talk.burst({ counts: [5, 5, 12], meanwhile: killAndRestart });
  await inNode.reload();
  await talk.settled();
  await expectEqual(talk, sides, inNode.conversationId);

  // What was read is agreed, too.
  await talk.write(inFirefox);
  await talk.settled();
  inNode.readTo(talk.count);
  for (const side of [inChromium, inFirefox])
    await eventually(`Read in ${side.name}`, async () => (await side.state()) === 'Read');

  // A reload changes nothing; of a client in Node it is a new one.
  await Promise.all([inChromium.reload(), inFirefox.reload()]);
  const again = [inChromium, inFirefox, await newNode()];
  await talk.settled(again);
  await expectEqual(talk, again, inNode.conversationId);
  expect(inChromium.problems).toEqual([]);
}

test('two browsers and a Node client share a conversation through cuts, reloads and a server killed twice, and end equal', async () => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9));
  try {
    await converse(new SeededRandom(seed));
  } catch (error) {
    if (error instanceof Error) error.message = `${error.message}\nAgain with SEED=${seed}`;
    throw error;
  }
});
