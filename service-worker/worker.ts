/** sw.js, the worker of the widget's own origin: push, click and the offline shell. Listeners only. */
import { listen } from './listen.ts';
import { type CacheMessage, rememberUrls, removeOldCaches, type ShellOptions, shellResponse } from './shell.ts';

declare const self: ServiceWorkerGlobalScope;

const options = (event: ExtendableEvent): ShellOptions => ({
  origin: self.location.origin,
  timeoutMs: 3_000,
  fetch: (request) => fetch(request),
  caches: self.caches,
  waitUntil: (work) => event.waitUntil(work),
});

listen({ elsewhere: true });

// A new worker takes over at once: documents and hashed assets of different versions do not disturb each other.
self.addEventListener('install', () => {
  void self.skipWaiting();
});
self.addEventListener('activate', (event) => {
  event.waitUntil(Promise.all([removeOldCaches(self), self.clients.claim()]));
});
self.addEventListener('fetch', (event) => {
  const response = shellResponse(event.request, options(event));
  if (response) event.respondWith(response);
});
self.addEventListener('message', (event) => {
  const message = event.data as Partial<CacheMessage> | null;
  if (message?.type !== 'inlay.cache' || !Array.isArray(message.urls)) return;
  event.waitUntil(rememberUrls(message.urls, options(event)));
});
