/**
 * What the loader keeps on the host's origin: that a conversation goes on here, and the app's token where the app's own storage
 * is blocked (else an empty text). Nothing before the app says so, which it does after the visitor's first word. Storage may
 * throw (blocked, full, sandboxed): a chat without it lives as long as the page.
 */
import { tenantId } from './settings.ts';

const key = `inlay:${tenantId}`;

/** undefined: no conversation. */
export const recall = (): string | undefined => {
  try {
    return localStorage[key];
  } catch {
    // Blocked: as if nothing were kept.
    return;
  }
};

export const remember = (active: boolean, session = ''): void => {
  try {
    if (active) localStorage[key] = session;
    else delete localStorage[key];
  } catch {
    // Blocked or full: the app finds the conversation by its own storage, or not at all.
  }
};
