/**
 * The table of requests: type → function of the domain. Nothing is decided here but three things about each request: in what
 * order it runs, whether it may come before there is a session, and who the socket is afterwards.
 */
import { InlayError } from '../../protocol/errors.ts';
import type { Input, Result, UpFrame, UpType } from '../../protocol/up.ts';
import type { Actor } from '../domain/actor.ts';
import { conversationChanges, getConversation, listConversations } from '../domain/conversations.ts';
import type { Domain } from '../domain/domain.ts';
import { clearMessages, listMessages, sendMessage } from '../domain/messages.ts';
import { createPushCode, subscribePush, unsubscribePush } from '../domain/push.ts';
import { updateReceipt } from '../domain/receipts.ts';
import {
  closeConversation,
  type DeviceHints,
  reopenConversation,
  takeConversation,
  updateContext,
} from '../domain/service.ts';
import { createSession, endSession, identify } from '../domain/sessions.ts';
import { setTyping } from '../domain/typing.ts';
import type { MessageTrace } from '../trace.ts';

export interface Call {
  readonly domain: Domain;
  readonly actor: Actor;
  readonly address: string;
  readonly userAgent: string | undefined;
  /** As the hello had it. */
  readonly hostOrigin: string | undefined;
  readonly trace: MessageTrace | undefined;
}

/** hello and ping belong to the connection itself, see socket.ts. */
export type RequestType = Exclude<UpType, 'hello' | 'ping'>;

/**
 * - `read`: at once, side by side with others, after a change of session that came before;
 * - `write`: one after the other, in the order of arrival;
 * - `append`: begins after the writes before it, and is in the store's queue as soon as it begins, which keeps the order;
 * - `session`: as `write`, and everything that came later waits for it.
 */
export type Order = 'read' | 'write' | 'append' | 'session';

interface Row<T extends RequestType> {
  readonly order: Order;
  /** Works before a session exists. */
  readonly anonymous?: true;
  readonly run: (call: Call, input: Input<T>) => Promise<Result<T>>;
  /** Who the socket is after it succeeded. */
  readonly becomes?: (call: Call, result: Result<T>) => Actor;
}

const table: { readonly [T in RequestType]: Row<T> } = {
  'session.create': {
    order: 'session',
    anonymous: true,
    run: async (call, input) => {
      limitSessions(call);
      return createSession(call.domain, call.actor, input, device(call));
    },
    becomes: visitorOf,
  },
  'session.identify': {
    order: 'session',
    anonymous: true,
    run: async (call, input) => {
      limitSessions(call);
      return identify(call.domain, call.actor, input, device(call));
    },
    becomes: visitorOf,
  },
  'session.end': {
    order: 'session',
    run: ({ domain, actor }, input) => endSession(domain, actor, input),
    becomes: ({ actor }) => ({ kind: 'anonymous', tenantId: actor.tenantId }),
  },
  'conversation.list': { order: 'read', run: ({ domain, actor }, input) => listConversations(domain, actor, input) },
  'conversation.changes': {
    order: 'read',
    run: ({ domain, actor }, input) => conversationChanges(domain, actor, input),
  },
  'conversation.get': { order: 'read', run: ({ domain, actor }, input) => getConversation(domain, actor, input) },
  'message.send': {
    order: 'write',
    run: ({ domain, actor, trace }, input) => sendMessage(domain, actor, input, trace),
  },
  'message.list': { order: 'read', run: ({ domain, actor }, input) => listMessages(domain, actor, input) },
  'message.clear': { order: 'write', run: ({ domain, actor }, input) => clearMessages(domain, actor, input) },
  'receipt.update': { order: 'write', run: ({ domain, actor }, input) => updateReceipt(domain, actor, input) },
  'typing.set': { order: 'write', run: ({ domain, actor }, input) => setTyping(domain, actor, input) },
  'context.update': {
    order: 'write',
    run: (call, input) => updateContext(call.domain, call.actor, input, device(call)),
  },
  'service.take': { order: 'write', run: ({ domain, actor }, input) => takeConversation(domain, actor, input) },
  'service.close': { order: 'write', run: ({ domain, actor }, input) => closeConversation(domain, actor, input) },
  'service.reopen': { order: 'write', run: ({ domain, actor }, input) => reopenConversation(domain, actor, input) },
  'push.subscribe': { order: 'write', run: ({ domain, actor }, input) => subscribePush(domain, actor, input) },
  'push.unsubscribe': { order: 'write', run: ({ domain, actor }, input) => unsubscribePush(domain, actor, input) },
  'push.code.create': { order: 'write', run: ({ domain, actor }) => createPushCode(domain, actor) },
};

export function orderOf(frame: UpFrame): Order {
  if (frame.type === 'ping') return 'read';
  if (frame.type === 'hello') return 'session';
  // A file is looked up before the message can be stored.
  if (frame.type === 'message.send' && frame.content.kind === 'text') return 'append';
  return table[frame.type].order;
}

export function dispatch<T extends RequestType>(call: Call, type: T, frame: UpFrame<T>): Promise<Result<T>> {
  const row: Row<T> = table[type];
  if (call.actor.kind === 'anonymous' && !row.anonymous)
    throw new InlayError(
      'session-required',
      'There is no session yet: session.create or session.identify comes first.',
    );
  return row.run(call, frame);
}

/** Who the socket is after the request succeeded; undefined: who it was. */
export function actorAfter<T extends RequestType>(call: Call, type: T, result: Result<T>): Actor | undefined {
  const row: Row<T> = table[type];
  return row.becomes?.(call, result);
}

function device({ userAgent, hostOrigin }: Call): DeviceHints {
  return { ...(userAgent !== undefined && { userAgent }), ...(hostOrigin !== undefined && { hostOrigin }) };
}

function limitSessions(call: Call): void {
  call.domain.limits.take('sessionsPerAddress', call.address);
}

function visitorOf(call: Call, { user, conversation }: Result<'session.create'>): Actor {
  if (call.actor.kind === 'agent') return call.actor;
  const { conversationId } = conversation;
  return { kind: 'visitor', tenantId: call.actor.tenantId, userId: user.userId, conversationId };
}
