/** Notifications with the browser's own means; the rules are in push-permission.ts. */
import type { Client } from '../client/client.ts';
import { framePushObstacle, pushObstacle } from '../ui/push/obstacle.ts';
import { pageScope } from '../ui/push/scopes.ts';
import type { Host } from './host.ts';
import type { Kept } from './kept.ts';
import { type PopupWindow, PushPermission } from './push-permission.ts';

export interface PushSetupOptions {
  readonly client: Client;
  /** Undefined: this is a page of its own. */
  readonly host: Host | undefined;
  readonly kept: Kept;
  readonly tenantId: string;
  /** Inside a mini-program there is no push whatever the web-view pretends. */
  readonly miniProgram: boolean;
}

export function createPushPermission(options: PushSetupOptions): PushPermission {
  const { client, host, kept, tenantId, miniProgram } = options;
  const scope = pageScope(tenantId);
  const context = host ? (host.connect.hostPush ? 'host' : 'popup') : 'page';
  const push = new PushPermission({
    context,
    obstacle: miniProgram ? 'unsupported' : context === 'page' ? pushObstacle() : framePushObstacle(),
    remembered: kept.read('push') !== undefined,
    remember: (mark) => kept.write('push', mark),
    publicKey: () => client.welcome.peek()?.pushPublicKey,
    register: (registered, subscription) =>
      client.request('push.subscribe', {
        context: registered,
        subscription,
        ...(registered === 'host' && host && { pageUrl: host.connect.page.url }),
      }),
    createCode: () => client.request('push.code.create', {}),
    now: () => client.now(),
    askHost: (publicKey) => host?.post({ type: 'push.request', publicKey }),
    openWindow,
    subscribeHere: async (publicKey) => (await subscribing()).subscribeOnThisOrigin(publicKey, { scope }),
    existingHere: async () => (await subscribing()).existingSubscription(scope),
    dropHere: async () => (await subscribing()).dropSubscription(scope),
  });
  addEventListener('message', ({ origin, data }: MessageEvent<{ type?: unknown; endpoint?: unknown } | null>) => {
    if (origin === location.origin && data?.type === 'inlay.push') push.popupSucceeded(String(data.endpoint));
  });
  return push;
}

const subscribing = () => import('../ui/push/subscribe.ts');

function openWindow(address: string): PopupWindow | undefined {
  const opened = window.open(address, 'inlay-push', 'popup,width=420,height=640');
  if (!opened) return undefined;
  return {
    get closed() {
      return opened.closed;
    },
    go: (next) => opened.location.replace(next),
  };
}
