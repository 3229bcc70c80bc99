/**
 * The app's iframe, made at the first sign of intent and shown when the app says `ready`: never an empty layer over the host's
 * page. What the two say to each other is in protocol/embed.ts.
 *
 * `load` → the iframe has loaded → `Connect` with one end of a channel → `ready` on it. Anything else (no answer in 10 s, a
 * policy that forbids the frame) takes the iframe away again, and the next `load` begins anew. An iframe that is moved (a
 * router that replaces the body) loads once more by itself and is connected once more.
 */
import { type Connect, EMBED_VERSION, type ToApp, type ToLoader } from '../protocol/embed.ts';
import { draw, hush, locale, make, paint, say, sayMessage, sayUnreachable, shadow, state, words } from './bubble.ts';
import { emit, failure } from './events.ts';
import { recall, remember } from './session.ts';
import { type Data, data, origin, tenantId } from './settings.ts';
import { NARROW } from './style.ts';

type Failure = { readonly code: string; readonly message: string };
type Settle = (error?: Failure) => void;
type Handlers = { [Type in ToLoader['type']]: (message: Extract<ToLoader, { type: Type }>) => unknown };
/** A JWT, or what fetches one; the function is asked again when the last one has expired. */
type Identity = string | (() => string | Promise<string>);

let frame: HTMLIFrameElement;
let port: MessagePort | undefined;
let loading: Promise<void> | undefined;
let settle: Settle;
let ready = false;
let entry: Connect['entry'] = 'script';
/** Had the focus when the panel opened, and gets it back. */
let opener: HTMLElement | null;
let identity: Identity | undefined;
/** Ends the full screen of a phone. */
let leave: (() => Promise<void>) | undefined;
const replies: Settle[] = [];

const ignore = (): void => {};

const isPhone = (): boolean => matchMedia(NARROW).matches;

/** What phones and hosts with a worker file need, and no other page: fetched by them alone. */
const more = (): Promise<typeof import('./push.ts')> => import(/* @vite-ignore */ `${origin}/inlay-push.js`);

const post = (message: ToApp): void => port?.postMessage(message);
const page = () => ({ url: location.href, title: document.title, referrer: document.referrer });
const told = () => ({
  locale: data.locale,
  visitor: { name: data.name, contact: data.contact, fields: data.fields },
});

/** A promise and, given to `take`, what settles it. */
const later = (take: (settle: Settle) => void): Promise<void> =>
  new Promise((resolve, reject) => take((error) => (error ? reject(error) : resolve())));

/** Rejects with what the app says, or after 30 s with `timeout`. */
const request = (message: object): Promise<void> =>
  later((settled) => {
    setTimeout(settled, 30_000, failure('timeout'));
    post({ ...message, id: replies.push(settled) - 1 } as ToApp);
  });

const connect = (): void => {
  const { port1, port2 } = new MessageChannel();
  port = port1;
  port.onmessage = ({ data: message }) =>
    (handlers[message.type as 'close'] as (message: unknown) => unknown)?.(message);
  const hello = {
    inlay: 'connect',
    version: EMBED_VERSION,
    page: page(),
    ...told(),
    session: recall(),
    open: state.wanted,
    entry,
    hostPush: !!data.sw,
  };
  frame.contentWindow?.postMessage(hello, origin, [port2]);
};

export const unload = (): void => {
  if (!loading) return;
  loading = undefined;
  ready = false;
  port?.close();
  frame.remove();
};

const fail = (): void => {
  if (!loading || ready) return;
  const error = failure('unreachable');
  unload();
  if (state.wanted) sayUnreachable();
  close();
  emit('error', error);
  settle(error);
};

/** Resolves when the app stands; the same promise until it failed. */
export const load = (): Promise<void> => {
  if (!loading) {
    loading = later((settled) => {
      settle = settled;
    });
    // Loading by a mere hint may fail unseen; who opens waits for the same promise and hears of it.
    loading.catch(ignore);
    // Fetched early: the tap that asks for push later must not wait for the network, or it is no tap any more.
    if (data.sw || isPhone()) more().catch(ignore);
    frame = make('iframe', {
      class: 'p',
      src: `${origin}/embed/${tenantId}`,
      title: words()[0],
      hidden: '',
    }) as HTMLIFrameElement;
    frame.onload = connect;
    const own = frame;
    setTimeout(() => own === frame && fail(), 10_000);
    shadow.append(frame);
  }
  return loading;
};

/** A policy of the host without our origin in frame-src. */
export const refused = ({ blockedURI }: SecurityPolicyViolationEvent): void => {
  if (blockedURI.startsWith(origin)) fail();
};

const show = (shown: boolean): void => {
  state.shown = shown;
  frame.hidden = !shown;
  draw();
  emit(shown ? 'open' : 'close');
};

export const open = async (by: Connect['entry'] = 'script'): Promise<void> => {
  if (state.shown) return;
  state.wanted = true;
  entry = by;
  opener = (shadow.activeElement ?? document.activeElement) as HTMLElement | null;
  hush();
  draw();
  await load();
  // Closed again meanwhile, or opened by another call that waited for the same.
  if (!state.wanted || state.shown) return;
  show(true);
  post({ type: 'page', page: page() });
  post({ type: 'open', entry });
  frame.focus();
  if (isPhone())
    more().then(({ enter }) => {
      if (state.shown) leave = enter(frame, close);
    }, ignore);
};

export const close = async (): Promise<void> => {
  state.wanted = false;
  draw();
  if (!state.shown) return;
  // Before it is hidden: a hidden frame of another process keeps the keyboard.
  if (shadow.activeElement === frame) opener?.focus();
  show(false);
  post({ type: 'close' });
  await leave?.();
  leave = undefined;
};

export const toggle = (): Promise<void> => (state.wanted ? close() : open());

const tell = async (): Promise<void> => {
  if (identity) await request({ type: 'identify', jwt: typeof identity === 'function' ? await identity() : identity });
};

const tellAgain = (): void => {
  tell().catch((error) => emit('error', error));
};

/** Before the app stands it resolves at once, for a name is no reason to load anything; a refusal is an `error` event then. */
export const identify = async (who: Identity): Promise<void> => {
  identity = who;
  if (ready) await tell();
};

export const logout = async (): Promise<void> => {
  identity = undefined;
  if (!ready && recall() === undefined) return;
  await load();
  await request({ type: 'logout' });
};

export const update = async (change: Data): Promise<void> => {
  Object.assign(data, change);
  draw();
  post({ type: 'page', page: page() });
  if (ready) await request({ type: 'update', ...told() });
};

const pass = (message: ToLoader): void => emit(message.type, message);

const handlers: Handlers = {
  'ready': ({ accent }) => {
    ready = true;
    settle();
    paint(data.color ?? accent);
    tellAgain();
  },
  close,
  'unread': (message) => {
    const { count, preview } = message;
    state.unread = count;
    draw();
    if (preview) sayMessage(`${preview.name ?? ''} ${preview.text}`);
    pass(message);
  },
  'message': pass,
  'error': pass,
  'session.save': ({ active, session }) => remember(active, session),
  'push.request': ({ publicKey }) =>
    more().then(({ subscribe }) => subscribe(publicKey, data.sw as string, locale(), { say, hush }, post), ignore),
  // Five seconds later: a host whose fresh identity is refused as well is not asked without a pause.
  'identity.expired': () => {
    if (typeof identity === 'function') setTimeout(tellAgain, 5_000);
  },
  'reply': ({ id, error }) => replies[id]?.(error),
};
