/**
 * The start of the visitor's app, as frame or as page. In a frame the listener for the loader stands before anything else is
 * done: the loader speaks once, as soon as the frame has loaded.
 */
import { effect, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { render } from 'preact';
import { createClient } from '../client/client.ts';
import type { Tenant } from '../protocol/tenants.ts';
import { applyAccent } from '../ui/color.ts';
import { App } from './app.tsx';
import { Chat } from './chat.ts';
import { type PageConfig, readConfig } from './config.ts';
import { type PageEntry, readPageEntry } from './entry.ts';
import { awaitHost, type Host } from './host.ts';
import { whenIdle } from './idle.ts';
import { applyTheme, Kept, keptTheme } from './kept.ts';
import { openWidgetCache } from './lazy-cache.ts';
import { linkToLoader } from './loader-link.ts';
import { leaveMiniProgram, type MiniProgramGlobals } from './mini-program.ts';
import { languageOf, loadSpeech } from './speech.ts';
import { keepTitle } from './title.ts';
import { fitToViewport } from './viewport.ts';
import { Trouble } from './views/trouble.tsx';
import type { WidgetSpeech } from './words.ts';

const config = readConfig();
const hosted = config.mode === 'embed' ? awaitHost(config.allowedOrigins) : undefined;
const globals = window as unknown as MiniProgramGlobals;
const root = document.getElementById('app');

async function start(): Promise<void> {
  const host = await hosted;
  const entry = readPageEntry(location.search, navigator.userAgent, globals);
  const speech = signal(await loadSpeech(host ? host.connect.locale : entry.locale, navigator.languages));
  effect(() => {
    document.documentElement.lang = languageOf(speech.value);
    document.documentElement.dir = 'ltr';
  });
  if (config.tenant) await run(config, config.tenant, speech, host, entry);
  else sayUnknown(speech.value, host);
}

async function run(
  { version }: PageConfig,
  tenant: Tenant,
  speech: Signal<WidgetSpeech>,
  host: Host | undefined,
  entry: PageEntry,
): Promise<void> {
  if (tenant.accent) applyAccent(tenant.accent);
  const miniProgram = entry.entry === 'mini-program';
  const kept = new Kept(tenant.tenantId);
  applyTheme(keptTheme(kept));
  const session = host?.connect.session;
  const known = session !== undefined || kept.read('active') !== undefined;
  const cache = await openWidgetCache(known);
  const client = createClient({
    url: location.origin,
    tenantId: tenant.tenantId,
    actor: 'visitor',
    name: `inlay-widget/${version}`,
    cache,
    ...(host && { hostOrigin: host.origin }),
    ...(session && { session }),
  });
  const chat = new Chat({
    client,
    tenant,
    speech,
    kept,
    onFirstWord: () => cache.wake?.(),
    loadExtras: async (chat) => (await import('./extras.ts')).createExtras({ chat, host, miniProgram }),
    open: host ? host.connect.open : true,
    visible: pageVisible(),
    entry: host ? host.connect.entry : entry.entry,
    page: host ? host.connect.page : { url: location.origin + location.pathname, referrer: document.referrer },
    visitor: (host ? host.connect.visitor : entry.visitor) ?? {},
  });
  const leave = leaving(host, miniProgram);
  const frame = host ? 'embed' : miniProgram ? 'mini-program' : 'page';
  if (root) render(<App chat={chat} frame={frame} leave={leave} />, root);
  if (host) {
    const setLocale = async (locale: string | undefined) => {
      speech.value = await loadSpeech(locale, navigator.languages);
    };
    linkToLoader({ host, chat, setLocale, onOpen: focusWhenShown, onClose: keepFocusOut });
    window.addEventListener('focus', () => chat.open.peek() && focusWhenShown());
  } else {
    fitToViewport();
    focusComposer();
  }
  keepTitle(chat);
  extrasWhenIdle(chat, !host);
  // Loaded ahead of any intent it keeps still, unless a conversation is known here.
  if (chat.open.peek() || known) chat.begin();
}

/** Notifications and the service worker, once there is something to come back to. */
function extrasWhenIdle(chat: Chat, page: boolean): void {
  let begun = false;
  effect(() => {
    // In a frame, nothing is stored before the visitor wrote; who opened the chat as a page comes back to it.
    const wanted = page || chat.client.session.value !== undefined;
    if (begun || !wanted || chat.client.connection.value.name !== 'open') return;
    begun = true;
    whenIdle(() => {
      chat.wantExtras();
      effect(() => void chat.extras.value?.registerWorker());
    });
  });
}

function leaving(host: Host | undefined, miniProgram: boolean): (() => void) | undefined {
  if (host)
    return () => {
      keepFocusOut();
      host.post({ type: 'close' });
    };
  return miniProgram ? () => leaveMiniProgram(globals, () => history.back()) : undefined;
}

let focusing = 0;

/**
 * The word that the panel opens comes before it is shown, and what is not shown takes no focus; a frame of animation is. The loader gives
 * this frame the focus and may take it away again before that: then it is elsewhere already, and is not taken back.
 */
function focusWhenShown(): void {
  keepFocusOut();
  focusing = requestAnimationFrame(() => document.hasFocus() && focusComposer());
}

/** Closed before that frame of animation, the focus is on its way back to what opened the panel, and must not be taken again. */
function keepFocusOut(): void {
  cancelAnimationFrame(focusing);
}

/** Where a finger writes, the focus would open the keyboard over the conversation. Who was quicker keeps what they chose. */
function focusComposer(): void {
  if (document.hasFocus() && document.activeElement !== document.body) return;
  if (matchMedia('(hover: hover) and (pointer: fine)').matches)
    document.querySelector('textarea')?.focus({ preventScroll: true });
  else document.querySelector<HTMLElement>('.scroller')?.focus({ preventScroll: true });
}

function pageVisible(): ReadonlySignal<boolean> {
  const visible = signal(document.visibilityState === 'visible');
  document.addEventListener('visibilitychange', () => {
    visible.value = document.visibilityState === 'visible';
  });
  return visible;
}

/** No such tenant: said in the panel, too, so the loader does not wait in vain. */
function sayUnknown({ words }: WidgetSpeech, host: Host | undefined): void {
  document.title = words.unavailable;
  if (root) render(<Trouble title={words.unavailable} text={words.refused['tenant-unknown'] ?? ''} />, root);
  if (!host) return;
  host.post({ type: 'ready' });
  host.post({ type: 'error', code: 'tenant-unknown', message: 'no such tenant' });
  host.listen(() => {});
  document.addEventListener('keydown', ({ key }) => key === 'Escape' && host.post({ type: 'close' }));
}

void start();
