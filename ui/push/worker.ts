/**
 * The service worker of this origin: registered where a page wants the offline shell or push. On the first visit it comes
 * after the page, so the page tells it what was loaded already (service-worker/shell.ts).
 */
import { Workbox } from 'workbox-window';

/**
 * Registers `/sw.js` and waits until it is active. Rejects where the browser has no service workers or refuses this one.
 * The scope of the offline shell is `/`, that of a subscription stands in scopes.ts.
 */
export async function registerWorker(scope = '/'): Promise<ServiceWorkerRegistration> {
  const workbox = new Workbox('/sw.js', { scope, updateViaCache: 'none' });
  const registration = await workbox.register({ immediate: true });
  if (!registration) throw new Error('service workers are not available');
  const worker = await activeWorker(registration);
  const loaded = performance.getEntriesByType('resource').map((entry) => entry.name);
  worker.postMessage({ type: 'inlay.cache', urls: [location.href, ...loaded] });
  return registration;
}

/** The browser answers with the next wider scope where this one is not registered: that is somebody else's. */
export async function registrationOf(scope: string): Promise<ServiceWorkerRegistration | undefined> {
  const found = await navigator.serviceWorker.getRegistration(scope);
  return found && new URL(found.scope).pathname === scope ? found : undefined;
}

/** Calls `listener` when a notification of this origin was clicked and this window was brought to the front for it. */
export function onNotificationClick(listener: (conversationId: string | undefined) => void): () => void {
  const workers = navigator.serviceWorker as ServiceWorkerContainer | undefined;
  const onMessage = ({ data }: MessageEvent<{ type?: unknown; conversationId?: unknown } | null>) => {
    if (data?.type !== 'inlay.open') return;
    listener(typeof data.conversationId === 'string' ? data.conversationId : undefined);
  };
  workers?.addEventListener('message', onMessage);
  return () => workers?.removeEventListener('message', onMessage);
}

/** `ready` is not enough: it waits for ever on a page outside the scope. */
function activeWorker(registration: ServiceWorkerRegistration): Promise<ServiceWorker> {
  const worker = registration.active ?? registration.waiting ?? registration.installing;
  if (!worker) return Promise.reject(new Error('the service worker was taken away'));
  if (worker.state === 'activated') return Promise.resolve(worker);
  return new Promise((resolve, reject) => {
    worker.addEventListener('statechange', () => {
      if (worker.state === 'activated') resolve(worker);
      if (worker.state === 'redundant') reject(new Error('the service worker could not be installed'));
    });
  });
}
