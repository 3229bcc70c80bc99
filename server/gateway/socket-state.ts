import type { Actor } from '../domain/actor.ts';
import type { EncodedFrame } from './frame.ts';

/** Where a socket stands. Only `hello` → `greeting` → `open` → `draining`, and from each of them to `closed`. */
export type SocketState =
  /** Nothing was said yet: only hello and ping are answered. */
  | { readonly name: 'hello' }
  /** Already in the hub, not yet welcomed: events that come meanwhile are held, so that the welcome is the first word. */
  | { readonly name: 'greeting'; readonly actor: Actor; readonly held: EncodedFrame[] }
  | { readonly name: 'open'; readonly actor: Actor }
  /** The server is going down: requests under way are answered, new ones are not read. */
  | { readonly name: 'draining'; readonly actor: Actor | undefined }
  /** A close frame was sent, or the socket is gone: nothing more is read or written. */
  | { readonly name: 'closed' };

export function actorOf(state: SocketState): Actor | undefined {
  return 'actor' in state ? state.actor : undefined;
}
