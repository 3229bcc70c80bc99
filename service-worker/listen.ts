import { type ClickOptions, openFromNotification } from './click.ts';
import { showPush } from './push.ts';

declare const self: ServiceWorkerGlobalScope;

/** What both workers listen to. */
export function listen({ elsewhere }: Pick<ClickOptions, 'elsewhere'>): void {
  self.addEventListener('push', (event) => {
    event.waitUntil(showPush(event.data, self.registration, navigator.language));
  });
  self.addEventListener('notificationclick', (event) => {
    const options = { origin: self.location.origin, elsewhere };
    event.waitUntil(openFromNotification(event.notification, self.clients, options));
  });
}
