/**
 * The same frames over HTTP, for a client whose proxy lets no websocket through; README.md, "Over HTTP". All requests go to
 * `/v1/tenants/{tenantId}/stream`; which stream, and how far it got, stands in headers, because addresses are written
 * into the logs of every proxy on the way:
 *
 * - `Inlay-Stream`: the id that the opening answer gave. Whoever knows it speaks as the stream's client.
 * - `Inlay-Number`: of a message up, 1, 2, 3 …
 * - `Inlay-After`: number of the last message down that has come; 0 when none has.
 */

/** 201, to a POST without `Inlay-Stream`. */
export interface StreamOpened {
  readonly stream: string;
}

/** Why a stream has ended, as a websocket's close frame would say: its last event, or in the last poll. */
export interface StreamClosed {
  readonly code: number;
  readonly reason: string;
}

/** 200, to a GET that does not accept `text/event-stream`: what has come, each a frame or an array of frames with its number. */
export interface StreamPolled {
  readonly messages: readonly (readonly [number: number, message: unknown])[];
  readonly close?: StreamClosed;
}
