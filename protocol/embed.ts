/**
 * Between the loader on the host's page and the app in its iframe.
 *
 * When the iframe has loaded, the loader posts one `Connect` to it, naming the widget's exact origin, with one end of a
 * MessageChannel. The app looks at the message's origin (it must be an allowed origin of the tenant) and at its source (its own
 * parent), answers `ready` on the port, and both talk on the port alone from then on. If no `ready` comes, the loader shows
 * its retry card.
 */
import type { ErrorCode } from './errors.ts';
import type { PushSubscription } from './push.ts';
import type { Entry } from './service.ts';

export const EMBED_VERSION = 1;

export interface PageInfo {
  readonly url: string;
  readonly title?: string;
  readonly referrer?: string;
}

/** The one message that goes by window.postMessage. */
export interface Connect {
  readonly inlay: 'connect';
  readonly version: number;
  readonly page: PageInfo;
  /** From `data-locale` or update({ locale }); absent: the browser's own. */
  readonly locale?: string;
  /** Name and form fields that the host knows, as in VisitorContext. */
  readonly visitor?: VisitorFacts;
  /** What the app asked the loader to keep with `session.save`, where the app's own storage is blocked. */
  readonly session?: string;
  /** The panel is open now. */
  readonly open: boolean;
  /** The visitor came by an element with `data-inlay-open` rather than by the launcher. */
  readonly entry: Entry;
  /** The host has a worker file of its own (`data-sw`), so push can be turned on without a popup. */
  readonly hostPush: boolean;
}

export interface VisitorFacts {
  readonly name?: string;
  readonly contact?: string;
  readonly fields?: Readonly<Record<string, string>>;
}

/** From the loader to the app, on the port. `id` asks for a `reply` with the same one. */
export type ToApp =
  | { readonly type: 'open'; readonly entry: Entry }
  | { readonly type: 'close' }
  | { readonly type: 'page'; readonly page: PageInfo }
  | { readonly type: 'update'; readonly id: number; readonly locale?: string; readonly visitor?: VisitorFacts }
  | { readonly type: 'identify'; readonly id: number; readonly jwt: string }
  | { readonly type: 'logout'; readonly id: number }
  /** The answer to `push.request`. */
  | { readonly type: 'push.result'; readonly subscription?: PushSubscription; readonly error?: string };

/** From the app to the loader, on the port. */
export type ToLoader =
  /** The app stands and can be shown. `accent` as the tenant has it. */
  | { readonly type: 'ready'; readonly accent?: string }
  /** The visitor closes the panel (button, Escape). */
  | { readonly type: 'close' }
  /** `preview` is the newest unread message of the other side, for the bubble beside the launcher. */
  | {
      readonly type: 'unread';
      readonly count: number;
      readonly preview?: { readonly name?: string; readonly text: string };
    }
  /** A message was stored, for the host's `message` event. */
  | { readonly type: 'message'; readonly from: 'visitor' | 'agent'; readonly messageId: string; readonly text?: string }
  /** There is (or is no more) a conversation on this device, and what to keep of it for the app; see Connect.session. */
  | { readonly type: 'session.save'; readonly active: boolean; readonly session?: string }
  /** The visitor tapped "notify me" and the host has a worker file: subscribe on the host's origin. */
  | { readonly type: 'push.request'; readonly publicKey: string }
  /** `expired`: the identity was refused as too old; the loader asks the host's function for a fresh one. */
  | { readonly type: 'identity.expired' }
  | { readonly type: 'error'; readonly code: ErrorCode; readonly message: string }
  | {
      readonly type: 'reply';
      readonly id: number;
      readonly error?: { readonly code: ErrorCode; readonly message: string };
    };
