/**
 * A click on a notification leads to its conversation: in a window that shows it already, else in a new one.
 *
 * The address came over the network. A host that imports push-sw.js lends us its origin and must not be led elsewhere: there
 * only its own origin is opened. The widget's own worker also leads to the page of a host on which the visitor has the
 * widget: their conversation is known there and not here, as browsers keep a widget's storage apart for each host. Only the
 * server can have sent it (a subscription is bound to its key), and it has compared it with the tenant's origins.
 */
import type { NotificationFacts } from './push.ts';

/** Posted to the window that was brought to the front. */
export interface OpenMessage {
  readonly type: 'inlay.open';
  readonly conversationId?: string;
}

export type ClickedNotification = Pick<Notification, 'close' | 'data'>;
export type Windows = Pick<Clients, 'matchAll' | 'openWindow'>;

export interface ClickOptions {
  /** Of the worker. */
  readonly origin: string;
  /** Pages of other origins may be opened, too. */
  readonly elsewhere: boolean;
}

export async function openFromNotification(
  notification: ClickedNotification,
  windows: Windows,
  { origin, elsewhere }: ClickOptions,
): Promise<void> {
  notification.close();
  const { navigate, conversationId } = (notification.data ?? {}) as NotificationFacts;
  const target = address(navigate, origin, elsewhere);
  const open = (await windows.matchAll({ type: 'window', includeUncontrolled: true })).filter(
    // An iframe cannot be brought to the front, and its page is somebody else's.
    (client) => client.frameType !== 'nested',
  );
  const fitting = open.find((client) => !target || samePlace(new URL(client.url), target));
  if (fitting && (await focus(fitting))) {
    const message: OpenMessage = { type: 'inlay.open', ...(conversationId && { conversationId }) };
    fitting.postMessage(message);
    return;
  }
  await windows.openWindow((target ?? new URL('/', origin)).href);
}

function address(navigate: unknown, origin: string, elsewhere: boolean): URL | undefined {
  try {
    const url = new URL(navigate as string);
    return /^https?:$/.test(url.protocol) && (elsewhere || url.origin === origin) ? url : undefined;
  } catch {
    // Not an address: any window of ours will do.
    return undefined;
  }
}

const samePlace = (one: URL, other: URL) => one.origin === other.origin && place(one) === place(other);

/** Two addresses with the same place show the same thing: the two forms of the link page do, a fragment makes no difference. */
function place(url: URL): string {
  if (url.pathname === '/webim/im.html') return `/im/${url.searchParams.get('tenantId') ?? ''}`;
  if (url.pathname.startsWith('/im/')) return url.pathname;
  if (url.pathname.startsWith('/console')) return '/console/';
  return url.pathname + url.search;
}

async function focus(client: WindowClient): Promise<boolean> {
  try {
    await client.focus();
    return true;
  } catch {
    // The browser did not allow it, or the window was closed meanwhile: a new one is opened.
    return false;
  }
}
