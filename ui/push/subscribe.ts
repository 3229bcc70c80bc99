/**
 * Notifications on this origin, on and off: permission, worker, subscription. For pages at the top level only (the popup, the
 * link page, the console): in an iframe of another site every browser refuses.
 */
import type { PushSubscription } from '../../protocol/push.ts';
import { type PushObstacle, pushObstacle } from './obstacle.ts';
import { registerWorker, registrationOf } from './worker.ts';

export type SubscribeError =
  | PushObstacle
  /** The person closed the question without an answer. */
  | 'dismissed'
  /** The worker or the browser's push service failed or did not answer; trying again may help. */
  | 'failed';

export type SubscribeResult =
  | { readonly kind: 'subscribed'; readonly subscription: PushSubscription }
  | { readonly kind: 'error'; readonly error: SubscribeError };

export interface SubscribeOptions {
  /** See scopes.ts. */
  readonly scope: string;
  /** Milliseconds for worker and subscription together. Default 15,000: with a blocked push service it never settles. */
  readonly timeoutMs?: number;
}

/** Call it straight from a tap: the question is asked before anything is awaited, also before a key that is still to come. */
export async function subscribeOnThisOrigin(
  publicKey: string | Promise<string>,
  { scope, timeoutMs = 15_000 }: SubscribeOptions,
): Promise<SubscribeResult> {
  const obstacle = pushObstacle();
  if (obstacle) return { kind: 'error', error: obstacle };
  const permission = await Notification.requestPermission();
  if (permission !== 'granted') return { kind: 'error', error: permission === 'denied' ? 'denied' : 'dismissed' };
  try {
    const subscription = await within(timeoutMs, subscribeWith(publicKey, scope));
    return { kind: 'subscribed', subscription: toJson(subscription) };
  } catch {
    // Which of the many errors it was helps nobody: each leads to the same words and another try.
    return { kind: 'error', error: 'failed' };
  }
}

/**
 * The subscription that this browser has already, without asking anybody anything. To be sent to the server at each start of
 * the page: browsers change subscriptions by themselves and do not always tell.
 */
export async function existingSubscription(scope: string): Promise<PushSubscription | undefined> {
  const subscription = await held(scope);
  return subscription && toJson(subscription);
}

/** The browser shows nothing of this scope any more. Resolves with the endpoint, for the server to forget. */
export async function dropSubscription(scope: string): Promise<string | undefined> {
  const subscription = await held(scope);
  await subscription?.unsubscribe();
  return subscription?.endpoint;
}

async function held(scope: string): Promise<globalThis.PushSubscription | undefined> {
  if (pushObstacle() || Notification.permission !== 'granted') return undefined;
  try {
    return (await (await registrationOf(scope))?.pushManager.getSubscription()) ?? undefined;
  } catch {
    // The browser gives no access: the same as none.
    return undefined;
  }
}

async function subscribeWith(publicKey: string | Promise<string>, scope: string): Promise<globalThis.PushSubscription> {
  return subscribe(await publicKey, scope);
}

async function subscribe(publicKey: string, scope: string): Promise<globalThis.PushSubscription> {
  const { pushManager } = await registerWorker(scope);
  const old = await pushManager.getSubscription();
  if (old && !isMadeWith(old, publicKey)) await old.unsubscribe();
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: publicKey });
}

function isMadeWith({ options }: globalThis.PushSubscription, publicKey: string): boolean {
  const key = options.applicationServerKey;
  if (!key) return false;
  const base64 = btoa(String.fromCharCode(...new Uint8Array(key)));
  return base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '') === publicKey;
}

function toJson(subscription: globalThis.PushSubscription): PushSubscription {
  const { endpoint, keys } = subscription.toJSON();
  return { endpoint: endpoint ?? '', keys: { p256dh: keys?.p256dh ?? '', auth: keys?.auth ?? '' } };
}

function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout>;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing within ${timeoutMs} ms`)), timeoutMs);
  });
  return Promise.race([work, deadline]).finally(() => clearTimeout(timer));
}
