/**
 * The product's pages as a person uses them: by what is written on things and what they are to a screen reader, never by how
 * they are built. All waiting is Playwright's own, on what is seen.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { BrowserContext, FileChooser, Frame, Locator, Page } from 'playwright-core';

/** The chat, in an iframe or as a page. */
export class Chat {
  constructor(readonly root: Page | Frame) {}

  get field(): Locator {
    return this.root.getByRole('textbox', { name: /^(Message|输入消息)/ });
  }

  get log(): Locator {
    return this.root.getByRole('log');
  }

  /** The bubble with this text. */
  message(text: string): Locator {
    return this.log.getByText(text, { exact: true });
  }

  /** The word under the last own message. */
  state(word: string): Locator {
    return this.log.getByText(word, { exact: true });
  }

  async write(text: string): Promise<void> {
    await this.field.fill(text);
    await this.field.press('Enter');
    await this.message(text).last().waitFor();
  }

  /** All messages, stored or not, as they are read. */
  texts(): Promise<string[]> {
    return this.log.locator('.row .bubble').allInnerTexts();
  }

  /** The newest own message has reached the server. */
  async sent(): Promise<void> {
    await this.log
      .getByText(/^(Sent|Delivered|Read)$/)
      .last()
      .waitFor();
  }

  /** Chooses files by the button, as a person does. */
  async attach(files: Parameters<FileChooser['setFiles']>[0]): Promise<void> {
    const page = 'mainFrame' in this.root ? this.root : this.root.page();
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      this.root.getByRole('button', { name: /^(Attach files|添加文件)$/ }).click(),
    ]);
    await chooser.setFiles(files);
  }
}

/** The chat as a page of its own, in a new tab. */
export async function openLinkPage(context: BrowserContext, address: string): Promise<{ page: Page; chat: Chat }> {
  const page = await context.newPage();
  await page.goto(address);
  const chat = new Chat(page);
  await chat.field.waitFor();
  return { page, chat };
}

/**
 * A page of a host, made up by the test, on an address at which a tenant may be embedded. `head` stands in its head, before the
 * line that loads the chat.
 */
export async function openHostPage(
  context: BrowserContext,
  address: string,
  html: { readonly head: string; readonly line: string },
): Promise<HostPage> {
  const page = await context.newPage();
  const body = `<!doctype html><meta charset="utf-8">${html.head}${html.line}<body><h1>Somebody else’s page</h1>`;
  // A page that came over no network is, to the browser, a stranger to this machine, where the chat's server is.
  await context.grantPermissions(['local-network-access']);
  await page.route(address, (route) => route.fulfill({ contentType: 'text/html', body }));
  await page.goto(address);
  return new HostPage(page);
}

/** The host's page with the launcher. */
export class HostPage {
  constructor(readonly page: Page) {}

  get launcher(): Locator {
    return this.page.locator('inlay-root > button, inlay-root button').first();
  }

  /** Opens the panel by the launcher and waits for the app. */
  async open(): Promise<Chat> {
    await this.launcher.click();
    const chat = await this.chat();
    await chat.field.waitFor();
    return chat;
  }

  /** The app's frame, as soon as it is there. */
  async chat(): Promise<Chat> {
    for (let tries = 0; tries < 200; tries++) {
      const frame = this.page.frames().find((candidate) => candidate.url().includes('/embed/'));
      if (frame) return new Chat(frame);
      await pause(50);
    }
    const there = this.page.frames().map((frame) => frame.url());
    throw new Error(`the iframe of the chat did not come; there are: ${there.join(' ')}`);
  }
}

export class ConsolePage {
  readonly chat: Chat;

  constructor(readonly page: Page) {
    this.chat = new Chat(page);
  }

  static async signIn(
    context: BrowserContext,
    url: string,
    { account, password }: { readonly account: string; readonly password: string },
  ): Promise<ConsolePage> {
    const page = await context.newPage();
    await page.goto(url);
    await page.getByLabel(/^(Account|账号)/).fill(account);
    await page
      .getByLabel(/^(Password|密码)/)
      .first()
      .fill(password);
    await page.getByRole('button', { name: /^(Sign in|登录)$/ }).click();
    await page.getByRole('tab', { name: /^(Waiting|等待中)/ }).waitFor();
    return new ConsolePage(page);
  }

  /** Opens the conversation in whose row the text stands. */
  async openConversation(text: string): Promise<Chat> {
    await this.page.getByRole('option').filter({ hasText: text }).first().click();
    await this.chat.field.waitFor();
    return this.chat;
  }
}

/** All that the origin of a page or frame keeps on the device, for the site it stands in; '' is nothing. */
export function keptBy(root: Page | Frame): Promise<string> {
  return root.evaluate(async () => {
    const wait = <Value>(request: IDBRequest<Value>) =>
      new Promise<Value>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const kept: unknown[] = [document.cookie, ...Object.entries(localStorage), ...Object.entries(sessionStorage)];
    for (const { name } of await indexedDB.databases()) {
      const database = await wait(indexedDB.open(name ?? ''));
      for (const store of database.objectStoreNames) {
        const all = database.transaction(store).objectStore(store);
        kept.push(...(await wait(all.getAllKeys())), ...(await wait(all.getAll())));
      }
      database.close();
    }
    return kept.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join('');
  });
}
