/** All frames from the server: the two answers, and the events. */
import { type Static, Type } from '@sinclair/typebox';
import { ConversationChanged, ConversationRemoved } from './conversations.ts';
import type { ErrorBody } from './errors.ts';
import { MessageCreated } from './messages.ts';
import { PushChanged } from './push.ts';
import { ReceiptChanged } from './receipts.ts';
import { RefSchema } from './schema.ts';
import { DeskChanged } from './service.ts';
import { SessionEnded } from './sessions.ts';
import { TypingChanged } from './typing.ts';

export const down = {
  'message.created': MessageCreated,
  'conversation.changed': ConversationChanged,
  'conversation.removed': ConversationRemoved,
  'receipt.changed': ReceiptChanged,
  'typing.changed': TypingChanged,
  'desk.changed': DeskChanged,
  'push.changed': PushChanged,
  'session.ended': SessionEnded,
} as const;

export type EventType = keyof typeof down;
export type DownEvent<T extends EventType = EventType> = { [K in T]: Static<(typeof down)[K]> }[T];

/** The request `ref` succeeded; `result` as in up.ts. */
export const OkSchema = Type.Object({ type: Type.Literal('ok'), ref: RefSchema, result: Type.Unknown() });
export type Ok = Static<typeof OkSchema>;

/** The request `ref` failed; without a ref the socket as a whole did, or the frame could not be read. */
export type ErrorFrame = { readonly type: 'error'; readonly ref?: number; readonly error: ErrorBody };

export type DownFrame = Ok | ErrorFrame | DownEvent;

/**
 * One websocket message is one frame or an array of frames, as JSON text, both ways. The server merges frames that wait
 * together; a client need not.
 */
export type WireMessage<Frame> = Frame | readonly Frame[];
