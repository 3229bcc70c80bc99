/** The service worker: the offline shell, and on a page of its own push. It is never in the way of a message. */
import type { Client } from '../client/client.ts';

export async function registerWorkerFor(client: Client, page: boolean): Promise<void> {
  try {
    const { onNotificationClick, registerWorker } = await import('../ui/push/worker.ts');
    if (page) onNotificationClick(() => client.wake());
    await registerWorker();
  } catch {
    // No service workers here (blocked frame, private window, web-view): the chat works without.
  }
}
