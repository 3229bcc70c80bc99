/**
 * Push on the host's own origin: no browser lets a frame of another origin ask for it, so the host's page does, with a worker
 * file that the host put beside its pages and that imports ours.
 *
 * The permission comes first: the visitor's tap in the app counts for this page too, but not for long. Where it does not count
 * (or the browser wants a tap on this very page), the launcher shows a button of its own and asks once more.
 *
 * The worker gets a scope that holds no page of the host: the host's own worker and its subscription stay what they are. It is
 * waited for by its state and not by `ready`, which waits for a worker of this page.
 */
import type { ToApp } from '../protocol/embed.ts';

type PushResult = Extract<ToApp, { type: 'push.result' }>;
type Subscription = NonNullable<PushResult['subscription']>;

const SCOPE = '/__inlay/';
const TAP_MS = 60_000;
const WORKER_MS = 15_000;
/** Without a network to the push service, Chromium's `subscribe` never settles. */
const SUBSCRIBE_MS = 15_000;

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}

const within = <Value>(ms: number, code: string, promise: Promise<Value>): Promise<Value> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(Error(code)), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });

const ask = (): Promise<NotificationPermission> => Notification.requestPermission().catch(() => 'default');

/** What of the launcher this needs. */
interface Bubble {
  say(content: Node): void;
  hush(): void;
}

const tap = ({ say, hush }: Bubble, words: string): Promise<void> =>
  new Promise((resolve) => {
    const button = document.createElement('button');
    button.textContent = words;
    button.onclick = () => {
      hush();
      resolve();
    };
    say(button);
  });

const permit = async (bubble: Bubble, words: string): Promise<void> => {
  let permission = await ask();
  if (permission === 'default') {
    await within(TAP_MS, 'permission-default', tap(bubble, words));
    permission = await ask();
  }
  if (permission !== 'granted') throw Error(`permission-${permission}`);
};

let policy: ReturnType<TrustedTypes['createPolicy']> | undefined;

/** What `register` takes under require-trusted-types-for; a page that forbids the policy gets the plain address tried. */
const scriptUrl = (url: string): string => {
  const { trustedTypes } = window as { trustedTypes?: TrustedTypes };
  try {
    policy ??= trustedTypes?.createPolicy('inlay', { createScriptURL: sameOrigin });
  } catch {
    // The host's `trusted-types` directive does not list us.
  }
  return policy ? policy.createScriptURL(url) : sameOrigin(url);
};

const sameOrigin = (url: string): string => {
  const full = new URL(url, location.href);
  if (full.origin !== location.origin) throw Error('worker-foreign');
  return full.href;
};

const activated = (registration: ServiceWorkerRegistration): Promise<void> =>
  new Promise((resolve, reject) => {
    const worker = registration.installing ?? registration.waiting ?? registration.active;
    const look = () => {
      if (worker?.state === 'activated') resolve();
      if (worker?.state === 'redundant') reject(Error('worker-redundant'));
    };
    worker?.addEventListener('statechange', look);
    look();
  });

const bytesOf = (base64url: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(base64url.replace(/-/g, '+').replace(/_/g, '/')), (character) => character.charCodeAt(0));

const register = async (worker: string): Promise<ServiceWorkerRegistration> => {
  const registration = await navigator.serviceWorker.register(scriptUrl(worker), {
    scope: SCOPE,
    updateViaCache: 'none',
  });
  await activated(registration);
  return registration;
};

/** A subscription made with another key (the server's changed) is in the way: it is given up for the new one. */
const subscribeWith = async (
  manager: PushManager,
  applicationServerKey: Uint8Array<ArrayBuffer>,
): Promise<PushSubscription> => {
  const options = { userVisibleOnly: true, applicationServerKey };
  try {
    return await manager.subscribe(options);
  } catch (error) {
    const old = (error as Error).name === 'InvalidStateError' ? await manager.getSubscription() : null;
    if (!old) throw error;
    await old.unsubscribe();
    return manager.subscribe(options);
  }
};

const subscription = async (publicKey: string, worker: string): Promise<Subscription> => {
  const registration = await within(WORKER_MS, 'worker-timeout', register(worker));
  const { pushManager } = registration;
  const made = await within(SUBSCRIBE_MS, 'subscribe-timeout', subscribeWith(pushManager, bytesOf(publicKey)));
  const { endpoint = '', keys = {} } = made.toJSON();
  return { endpoint, keys: { p256dh: keys.p256dh ?? '', auth: keys.auth ?? '' } };
};

/** Answers `push.request`; `worker` is the address of the host's file. The error is a code, or the browser's own words. */
export const subscribe = async (
  publicKey: string,
  worker: string,
  locale: string,
  bubble: Bubble,
  post: (result: PushResult) => void,
): Promise<void> => {
  try {
    await permit(bubble, /^zh/i.test(locale) ? '有回复时通知我' : 'Notify me of the answer');
    post({ type: 'push.result', subscription: await subscription(publicKey, worker) });
  } catch (error) {
    post({ type: 'push.result', error: (error as Error).message });
  }
};
