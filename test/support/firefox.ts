/**
 * Firefox ESR, headless, by raw WebDriver BiDi. Two things need it raw: a notification can be clicked for real only in the
 * browser's own windows (`moz:scope: chrome`), which no library reaches; and Playwright does not drive this Firefox.
 *
 *   const firefox = await launchFirefox({ pushUrl: push.websocketUrl });
 *   const page = await firefox.open(url);
 *   await page.click('#button');                          // a trusted click: it opens popups and lets permission be asked
 *   await page.until(() => document.title === 'ready');
 *   const opened = firefox.nextPage((url) => url.includes('/im/'));
 *   await firefox.clickNotification();
 *   await (await opened).until(…);
 *   await firefox.close();
 *
 * Functions given to `evaluate` and `until` run in the page: they see nothing of the test but their arguments. Selectors may
 * go into shadow roots: `#inlay >>> button`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import WebSocket from 'ws';

export interface FirefoxOptions {
  /** Websocket of the push service, see fake-push.ts. Absent: push stays off. */
  readonly pushUrl?: string;
  /** More preferences, e.g. `intl.accept_languages`. */
  readonly preferences?: Readonly<Record<string, string | number | boolean>>;
}

type Json = string | number | boolean | null | undefined | readonly Json[] | { readonly [key: string]: Json };
type PageFunction<Args extends readonly Json[], Result> = (...args: Args) => Result | Promise<Result>;

const WAIT_MS = 20_000;

/** Remote control switches push off (RecommendedPreferences.sys.mjs), so it must be switched on again. */
const pushPreferences = (pushUrl: string) => ({
  'dom.push.serverURL': pushUrl,
  'dom.push.testing.allowInsecureServerURL': true,
  'dom.push.connection.enabled': true,
});

const basePreferences = {
  // Granted without asking: the question itself cannot be answered headless.
  'permissions.default.desktop-notification': 1,
  // The system's notifications do not exist headless; Firefox's own do.
  'alerts.useSystemBackend': false,
  // Else the window of a notification is gone before a slow machine clicks it.
  'alerts.durationImmediate': 60_000,
  'intl.accept_languages': 'en-US',
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.homepage_override.mstone': 'ignore',
  'datareporting.policy.dataSubmissionEnabled': false,
  'toolkit.telemetry.enabled': false,
  'app.update.enabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
};

export async function launchFirefox({ pushUrl, preferences }: FirefoxOptions = {}): Promise<Firefox> {
  const profile = mkdtempSync(join(tmpdir(), 'inlay-firefox-'));
  const all = { ...basePreferences, ...(pushUrl && pushPreferences(pushUrl)), ...preferences };
  const lines = Object.entries(all).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`,
  );
  writeFileSync(join(profile, 'user.js'), lines.join('\n'));
  const flags = ['--headless', '--no-remote', '--remote-debugging-port', '0', '--remote-allow-system-access'];
  // A group of its own, so that the content processes end with it.
  const child = spawn(process.env.FIREFOX ?? 'firefox-esr', [...flags, '--profile', profile, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  const socket = new WebSocket(`${await addressOf(child)}/session`);
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const firefox = new Firefox(child, socket, profile);
  await firefox.begin();
  return firefox;
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`firefox ended with ${code}: ${said.slice(-500)}`)));
    child.stderr?.on('data', (chunk: Buffer) => {
      said = (said + chunk).slice(-10_000);
      const address = /WebDriver BiDi listening on (ws:\S+)/.exec(said)?.[1];
      if (address) resolve(address);
    });
  });
}

interface ContextInfo {
  readonly context: string;
  readonly url: string;
  readonly children?: readonly ContextInfo[] | null;
}

export class Firefox {
  readonly #child: ChildProcess;
  readonly #socket: WebSocket;
  readonly #profile: string;
  readonly #waiting = new Map<number, (answer: BidiAnswer) => void>();
  #lastId = 0;

  constructor(child: ChildProcess, socket: WebSocket, profile: string) {
    this.#child = child;
    this.#socket = socket;
    this.#profile = profile;
    socket.on('message', (bytes) => {
      const answer = JSON.parse(String(bytes)) as BidiAnswer;
      this.#waiting.get(answer.id ?? -1)?.(answer);
    });
  }

  async begin(): Promise<void> {
    await this.command('session.new', { capabilities: {} });
  }

  async open(url: string): Promise<FirefoxPage> {
    const { context } = await this.command<{ context: string }>('browsingContext.create', { type: 'tab' });
    const page = new FirefoxPage(this, context);
    await page.navigate(url);
    return page;
  }

  /** The next tab or window that is opened from now on and whose address fits. */
  async nextPage(fits: (url: string) => boolean): Promise<FirefoxPage> {
    const before = new Set((await this.contexts()).map(({ context }) => context));
    return eventually('a new page', async () => {
      const found = (await this.contexts()).find(({ context, url }) => !before.has(context) && fits(url));
      return found && new FirefoxPage(this, found.context);
    });
  }

  async contexts(root?: string): Promise<readonly ContextInfo[]> {
    const scope = root ? { root } : {};
    return (await this.command<{ contexts: ContextInfo[] }>('browsingContext.getTree', scope)).contexts;
  }

  /** The real click of a person on the notification that is shown: the worker gets a trusted `notificationclick`. */
  async clickNotification(): Promise<void> {
    const alert = await this.#notification();
    await alert.evaluate(() => document.getElementById('alertBox')?.click());
  }

  /** Title and text as Firefox shows them. */
  async notificationText(): Promise<{ title: string; text: string }> {
    const alert = await this.#notification();
    return alert.evaluate(() => {
      const words = (id: string) => {
        const label = document.getElementById(id);
        return label?.getAttribute('value') || label?.textContent || '';
      };
      return { title: words('alertTitleLabel'), text: words('alertTextLabel') };
    });
  }

  async command<Result = unknown>(method: string, params: object = {}): Promise<Result> {
    const id = ++this.#lastId;
    const answer = await new Promise<BidiAnswer>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`firefox: no answer to ${method}`)), WAIT_MS * 2);
      this.#waiting.set(id, (found) => {
        clearTimeout(timer);
        resolve(found);
      });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
    this.#waiting.delete(id);
    if (answer.type === 'error') throw new Error(`firefox: ${method}: ${answer.error}: ${answer.message}`);
    return answer.result as Result;
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#socket.terminate();
    if (this.#child.pid !== undefined && this.#child.exitCode === null) {
      process.kill(-this.#child.pid, 'SIGKILL');
      await ended;
    }
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  async #notification(): Promise<FirefoxPage> {
    const found = await eventually('a notification', async () => {
      const tree = await this.command<{ contexts: ContextInfo[] }>('browsingContext.getTree', {
        'moz:scope': 'chrome',
      });
      return tree.contexts.find(({ url }) => url.endsWith('/alert.xhtml'));
    });
    const alert = new FirefoxPage(this, found.context);
    await alert.until(() => document.readyState === 'complete' && document.getElementById('alertBox') !== null);
    return alert;
  }
}

interface BidiAnswer {
  readonly id?: number;
  readonly type: 'success' | 'error' | 'event';
  readonly result?: unknown;
  readonly error?: string;
  readonly message?: string;
}

interface ScriptAnswer {
  readonly type: 'success' | 'exception';
  readonly result?: { readonly type: string; readonly value?: string; readonly sharedId?: string };
  readonly exceptionDetails?: { readonly text: string };
}

/** A tab, a window, or an iframe in one. */
export class FirefoxPage {
  constructor(
    readonly firefox: Firefox,
    readonly context: string,
  ) {}

  async navigate(url: string): Promise<void> {
    await this.firefox.command('browsingContext.navigate', { context: this.context, url, wait: 'complete' });
  }

  async reload(): Promise<void> {
    await this.firefox.command('browsingContext.reload', { context: this.context, wait: 'complete' });
  }

  url(): Promise<string> {
    return this.evaluate(() => location.href);
  }

  /** The result must be JSON. */
  async evaluate<Args extends readonly Json[], Result>(
    run: PageFunction<Args, Result>,
    ...args: Args
  ): Promise<Result> {
    const declaration = `async (args) => JSON.stringify(await (${run})(...JSON.parse(args)))`;
    const { value } = await this.#call(declaration, JSON.stringify(args));
    return (value === undefined ? undefined : JSON.parse(value)) as Result;
  }

  /** Until it gives something true; that is returned. */
  async until<Args extends readonly Json[], Result>(run: PageFunction<Args, Result>, ...args: Args): Promise<Result> {
    return eventually(`${run}`, () => this.evaluate(run, ...args));
  }

  /** A trusted click in the middle of the element, as soon as there is one. */
  async click(selector: string): Promise<void> {
    const element = await this.#element(selector);
    const origin = { type: 'element', element: { sharedId: element } };
    await this.#perform({
      type: 'pointer',
      id: 'mouse',
      actions: [
        { type: 'pointerMove', x: 0, y: 0, origin },
        { type: 'pointerDown', button: 0 },
        { type: 'pointerUp', button: 0 },
      ],
    });
  }

  /** Types into what has the focus. `\uE007` is Enter. */
  async type(text: string): Promise<void> {
    const actions = [...text].flatMap((value) => [
      { type: 'keyDown', value },
      { type: 'keyUp', value },
    ]);
    await this.#perform({ type: 'key', id: 'keyboard', actions });
  }

  /** The iframe whose address fits, as soon as there is one. */
  async frame(fits: (url: string) => boolean): Promise<FirefoxPage> {
    const found = await eventually('an iframe', async () =>
      (await this.firefox.contexts(this.context))
        .flatMap(({ children }) => children ?? [])
        .find(({ url }) => fits(url)),
    );
    return new FirefoxPage(this.firefox, found.context);
  }

  async close(): Promise<void> {
    await this.firefox.command('browsingContext.close', { context: this.context });
  }

  async #element(selector: string): Promise<string> {
    const find = `(selector) => selector.split(' >>> ').reduce((found, part) => (found?.shadowRoot ?? found)?.querySelector(part) ?? null, document)`;
    return eventually(`element ${selector}`, async () => (await this.#call(find, selector)).sharedId);
  }

  async #call(functionDeclaration: string, argument: string): Promise<NonNullable<ScriptAnswer['result']>> {
    const answer = await this.firefox.command<ScriptAnswer>('script.callFunction', {
      functionDeclaration,
      arguments: [{ type: 'string', value: argument }],
      target: { context: this.context },
      awaitPromise: true,
    });
    if (answer.type === 'exception') throw new Error(`firefox: in the page: ${answer.exceptionDetails?.text}`);
    return answer.result ?? { type: 'undefined' };
  }

  async #perform(actions: object): Promise<void> {
    await this.firefox.command('input.performActions', { context: this.context, actions: [actions] });
  }
}

/** Asks again and again, since the remote protocol has no event for it. An error (a page that just loads) counts as "not yet". */
async function eventually<T>(what: string, ask: () => Promise<T | undefined>): Promise<NonNullable<T>> {
  const end = Date.now() + WAIT_MS;
  let problem: unknown;
  while (Date.now() < end) {
    try {
      const found = await ask();
      if (found) return found;
      problem = undefined;
    } catch (error) {
      problem = error;
    }
    await pause(50);
  }
  throw new Error(`firefox: not within ${WAIT_MS} ms: ${what}${problem ? ` (${problem})` : ''}`);
}
