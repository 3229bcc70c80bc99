/** All frames from the client. The map gives each request its answer; the server's dispatch and the client's requests use it. */
import { type Static, type TSchema, Type } from '@sinclair/typebox';
import {
  ConversationChanges,
  ConversationChangesResult,
  ConversationGet,
  ConversationGetResult,
  ConversationList,
  ConversationListResult,
} from './conversations.ts';
import { Hello, Ping, PongSchema, WelcomeSchema } from './hello.ts';
import { MessageClear, MessageList, MessageListResult, MessageSend, MessageSendResult } from './messages.ts';
import { PushCodeCreate, PushCodeCreateResult, PushSubscribe, PushUnsubscribe } from './push.ts';
import { ReceiptUpdate } from './receipts.ts';
import { Empty } from './schema.ts';
import { ContextUpdate, ServiceClose, ServiceReopen, ServiceTake } from './service.ts';
import { SessionCreate, SessionCreateResult, SessionEnd, SessionIdentify, SessionIdentifyResult } from './sessions.ts';
import { TypingSet } from './typing.ts';

/** Request and result of each frame type, in the order of protocol/README.md. */
export const up = {
  hello: [Hello, WelcomeSchema],
  ping: [Ping, PongSchema],
  'session.create': [SessionCreate, SessionCreateResult],
  'session.identify': [SessionIdentify, SessionIdentifyResult],
  'session.end': [SessionEnd, Empty],
  'conversation.list': [ConversationList, ConversationListResult],
  'conversation.changes': [ConversationChanges, ConversationChangesResult],
  'conversation.get': [ConversationGet, ConversationGetResult],
  'message.send': [MessageSend, MessageSendResult],
  'message.list': [MessageList, MessageListResult],
  'message.clear': [MessageClear, Empty],
  'receipt.update': [ReceiptUpdate, Empty],
  'typing.set': [TypingSet, Empty],
  'context.update': [ContextUpdate, Empty],
  'service.take': [ServiceTake, Empty],
  'service.close': [ServiceClose, Empty],
  'service.reopen': [ServiceReopen, Empty],
  'push.subscribe': [PushSubscribe, Empty],
  'push.unsubscribe': [PushUnsubscribe, Empty],
  'push.code.create': [PushCodeCreate, PushCodeCreateResult],
} as const satisfies Record<string, readonly [TSchema, TSchema]>;

export type UpType = keyof typeof up;
/** A request as it stands on the wire. */
export type UpFrame<T extends UpType = UpType> = { [K in T]: Static<(typeof up)[K][0]> }[T];
/** What a caller gives: the frame without `type` and `ref`. */
export type Input<T extends UpType> = Omit<UpFrame<T>, 'type' | 'ref'>;
export type Result<T extends UpType> = Static<(typeof up)[T][1]>;

export const UpFrameSchema = Type.Union(Object.values(up).map(([frame]) => frame));
