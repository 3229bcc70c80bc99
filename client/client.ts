/**
 * The client library: everything between a user interface and the server, without a DOM. In browsers and in Node 20 or newer.
 *
 * Install. `npm install PATH` of a checkout in which `npm run build` has run, then `import { createClient } from 'inlay/client'`.
 * In Node that is client/node.ts, which brings the websocket of `ws`. A page without a bundler needs an import map for
 * `@preact/signals-core` and `localforage`.
 *
 * A bot in Node, an agent that answers whatever is waiting, also what came while it was away:
 *
 *     import { createClient, effect, signIn } from 'inlay/client';
 *
 *     const url = 'https://chat.example.com';
 *     const agent = await signIn(url, { account: 'bot@example.com', password: process.env.PASSWORD });
 *     const bot = createClient({ url, actor: 'agent', name: 'echo-bot/1.0', ...agent });
 *     const answered = new Map();
 *     bot.onError((code, message) => console.error(code, message));
 *     await bot.start();
 *     await bot.listConversations('all');
 *     effect(() => {
 *       for (const { conversationId, lastMessage, members } of bot.conversations.value.values()) {
 *         const sender = members.find(({ user }) => user.userId === lastMessage?.senderId)?.user;
 *         if (!sender || sender.kind === 'agent' || answered.get(conversationId) === lastMessage.seq) continue;
 *         answered.set(conversationId, lastMessage.seq);
 *         bot.send(conversationId, { kind: 'text', text: 'Thank you, a colleague will be with you soon.' });
 *       }
 *     });
 *
 * An app in a browser, a visitor:
 *
 *     const client = createClient({ url: 'https://chat.example.com', tenantId: 'demo', actor: 'visitor' });
 *     await client.start();                       // shows what the cache holds, then connects and fetches what is new
 *     effect(() => draw(client.timeline(client.ownConversationId()).value.entries));
 *     effect(() => drawStatus(client.connection.value));
 *     form.onsubmit = () => client.send(client.ownConversationId(), { kind: 'text', text: input.value });
 *
 * The page's origin must be among the tenant's allowed origins. Nobody is created by looking: the first `send` makes the
 * visitor. `identify(jwt)` makes them a user of yours.
 *
 * State is read from signals (@preact/signals-core; `effect` and `computed` are given again here) and changed by methods. Values are
 * never changed in place. `send` never fails: the entry is in the timeline at once and goes from `queued` over `sending` and
 * `sent` to `delivered` and `read`, or to `failed` with an `error` (then `retry` or `discard`). It leaves when it can, in the order
 * of writing, once.
 *
 * Taking a message back (an agent deletes any by `delete`); the entry becomes `recalled` when the server says so:
 *
 *     const content = { kind: 'recall', seq: entry.seq };
 *     await client.request('message.send', { conversationId, clientMessageId: crypto.randomUUID(), content });
 *
 * The cache holds the messages, the token, and what was written and has not left. Browser: IndexedDB, else localStorage, else
 * memory (`persistent` says whether a reload finds it). Agents and Node: memory. A cache of your own is five members (Cache), e.g.
 * over a file; give `createMemoryCache()` to keep nothing. Without a persistent one, keep `session` (a signal, the token
 * changes) and give it back as an option. A bot that answers by the server's state, as the one above, needs none.
 *
 * The connection:
 * - `idle`        before `start`, after `stop`
 * - `connecting`  a try is under way
 * - `open`        welcomed; with `offline: true` the device says that its network went, and nothing was heard since
 * - `waiting`     until the next try at `until`. It comes back by itself, for ever: at once after a loss, then ever more slowly up to
 *                 30 s (5 min while the page is hidden), at once when the device or the page wakes up, and never sooner than the
 *                 server said
 * - `refused`     the server said never, `code` says why. `token-expired`, `token-invalid`: an agent signs in again and makes a new
 *                 client (a visitor goes on as a new guest by itself). `tenant-unknown`, `origin-forbidden`: a setting is wrong.
 *                 `protocol-unsupported`: this version is too old
 *
 * Errors. `request`, `identify`, `listConversations`, `open` … reject with InlayError: `code` (the list is in protocol/README.md),
 * `retry` (`now`, `later` after `retryAfterMs`, `never`). What goes wrong in the background and does not heal by itself comes to `onError`.
 *
 * Stopping. `await client.stop()` closes the socket, ends the timers and writes what is still to be kept; Node can then exit.
 * `start` begins again. `logout()` signs out and wipes the device.
 *
 * The parts, a file each:
 * - create-client.ts  puts them together; node.ts: what Node needs
 * - link.ts        one living connection: hello, and what each error and close means for coming back; connection.ts its states;
 *                  transport.ts the websocket; fallback-transport.ts chooses HTTP where a proxy lets none through:
 *                  http-transport.ts over server-sent-events.ts, websocket-return.ts finds the way back; heartbeat.ts; backoff.ts (full jitter); device-events.ts (network, page, sleep)
 * - requests.ts    a frame with a ref and the promise of its answer; waits for the connection or fails by its deadline
 * - session.ts     who this is: token, user, the making of a visitor
 * - outbox.ts      what was written and is not acknowledged yet; survives a reload; one at a time per conversation, in order
 * - replica.ts     the copy of conversations and messages; sync.ts: after each welcome, what changed since; pulls.ts: on a gap
 *                  in seq or revision, what is missing
 * - receipts.ts, typing.ts, context.ts   what this device tells of its person
 * - cache.ts       the store on this device (browser-cache.ts: localforage); device-store.ts: what is kept in it, and its failing
 * - tabs.ts        what other tabs must hear
 * - uploads.ts     a file on its way, with progress and cancel
 * - recall.ts      taking a message back or away, for user interfaces: loaded with the menu that offers it
 * - timelines.ts   what the screen shows: stored and pending in one list
 * - state/         one file a noun: apply(event) over plain data
 */
import type { ReadonlySignal } from '@preact/signals-core';
import type { Content } from '../protocol/content.ts';
import type { Conversation, Member } from '../protocol/conversations.ts';
import type { DownEvent, EventType } from '../protocol/down.ts';
import type { ErrorCode } from '../protocol/errors.ts';
import type { Welcome } from '../protocol/hello.ts';
import type { ClientMessageId, ConversationId, MessageId, UserId } from '../protocol/ids.ts';
import type { Message } from '../protocol/messages.ts';
import type { VisitorContext } from '../protocol/service.ts';
import type { Input, Result, UpType } from '../protocol/up.ts';
import type { User } from '../protocol/users.ts';
import type { Cache } from './cache.ts';
import { createInlayClient } from './create-client.ts';
import type { Transport } from './transport.ts';

export interface ClientOptions {
  /** Origin of the server, `https://…`. The socket's address is made from it. */
  readonly url: string;
  readonly tenantId: string;
  /** A visitor has tokens; an agent's socket carries the console's cookie. */
  readonly actor: 'visitor' | 'agent';
  /** Default: localforage over IndexedDB, else localStorage, else memory; memory for agents and in Node. */
  readonly cache?: Cache;
  /** Default: the global WebSocket, in Node that of `ws`. */
  readonly transport?: Transport;
  /** Name and version for the server's logs. */
  readonly name?: string;
  /** The page that embeds the widget; it is told to the server when that page keeps the token, see Hello.hostOrigin. */
  readonly hostOrigin?: string;
  /** A token kept elsewhere (by the loader), taken when the cache has none. */
  readonly session?: string;
  /** Carries uploads where there is no XMLHttpRequest. Default: the global fetch. */
  readonly fetch?: typeof fetch;
}

/** Each state carries its own data. */
export type ConnectionState =
  | { readonly name: 'idle' }
  | { readonly name: 'connecting'; readonly attempt: number }
  /** `offline`: the device said that its network went away, and nothing was heard on the connection since. */
  | { readonly name: 'open'; readonly offline?: true }
  /** Waiting for the next try; `offline` when the device itself says that it has no network. */
  | { readonly name: 'waiting'; readonly attempt: number; readonly until: number; readonly offline: boolean }
  /** The server said never: nothing happens until there is a new client or the session changes. */
  | { readonly name: 'refused'; readonly code: ErrorCode };

export type DeliveryState = 'queued' | 'sending' | 'sent' | 'delivered' | 'read' | 'failed';

/** One row of a conversation on the screen: a stored message, or one on its way. */
export interface TimelineEntry {
  /** Stays the same when a pending entry becomes a stored message. */
  readonly key: ClientMessageId;
  readonly messageId?: MessageId;
  /** Absent while it is not stored. */
  readonly seq?: number;
  readonly senderId?: UserId;
  /** Written by this person, on whatever device. */
  readonly mine: boolean;
  readonly content: Content | PendingContent;
  /** By the server's clock, also for what is pending. */
  readonly at: number;
  /** Only for `mine`; others' messages are `read`. */
  readonly state: DeliveryState;
  /** Why it failed. */
  readonly error?: ErrorCode;
  /** 0 to 1 while a file is uploaded. */
  readonly progress?: number;
}

/** A picture or file that is not uploaded yet. */
export interface PendingContent {
  readonly kind: 'upload';
  readonly image: boolean;
  readonly name: string;
  readonly size: number;
  readonly mediaType: string;
  /** For a preview; absent in a client without Blob URLs. */
  readonly blob: Blob;
}

export type Draft =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'upload'; readonly file: Blob; readonly name: string };

export interface Timeline {
  /**
   * In the order of the screen: seq ascending, then what is pending in the order it was written. What takes another message away
   * (a recall, a delete) is not among them; it leaves content of the kind `recalled` or `deleted` in the other's place.
   */
  readonly entries: readonly TimelineEntry[];
  /** There are earlier messages on the server. */
  readonly hasEarlier: boolean;
  readonly loadingEarlier: boolean;
  /** False until the cache or the server answered for the first time. */
  readonly loaded: boolean;
}

/** 'new': the visitor's conversation that does not exist yet; the first message makes it. */
export type ConversationTarget = ConversationId | 'new';

export interface Client {
  readonly connection: ReadonlySignal<ConnectionState>;
  /** The last welcome, kept while offline and cached: tenant, desk and limits are in it. */
  readonly welcome: ReadonlySignal<Welcome | undefined>;
  readonly deskOnline: ReadonlySignal<boolean>;
  /** Who this is; undefined for a visitor who has not said anything. */
  readonly user: ReadonlySignal<User | undefined>;
  /** True once the cache was read (what can be shown without the network is there). */
  readonly restored: ReadonlySignal<boolean>;
  /** What this device keeps survives a reload; false: memory only, the token must be kept by somebody else. */
  readonly persistent: ReadonlySignal<boolean>;
  /** The token to be kept by the loader; changes by rotation. Undefined without a session. */
  readonly session: ReadonlySignal<string | undefined>;
  readonly conversations: ReadonlySignal<ReadonlyMap<ConversationId, Conversation>>;
  /** Web Push subscriptions of this user on any device, as far as heard in this session. */
  readonly pushSubscriptions: ReadonlySignal<number | undefined>;
  /** Who is typing in a conversation, without oneself. */
  typing(conversationId: ConversationId): ReadonlySignal<readonly UserId[]>;
  timeline(target: ConversationTarget): ReadonlySignal<Timeline>;
  /** A visitor's conversation; 'new' while there is none. Reads a signal. */
  ownConversationId(): ConversationTarget;
  /** Now, by the server's clock. */
  now(): number;

  /** Reads the cache, then connects and goes on for ever. */
  start(): Promise<void>;
  /** Closes the socket and ends all timers; nothing is wiped. */
  stop(): Promise<void>;
  /** The device is online again, the page is visible again: do not wait for the next try. */
  wake(): void;

  /** Never fails: it is in the outbox and the timeline at once, and leaves when it can. Returns its key. */
  send(target: ConversationTarget, draft: Draft): ClientMessageId;
  /** A failed entry again. */
  retry(key: ClientMessageId): void;
  /** Takes a pending or failed entry back; an upload is cancelled. False: too late, it is stored. */
  discard(key: ClientMessageId): Promise<boolean>;
  /** Earlier messages, one page. */
  loadEarlier(conversationId: ConversationId): Promise<void>;
  /** Messages of a conversation that were never opened on this device (an agent's click), newest page first. */
  open(conversationId: ConversationId): Promise<void>;
  markRead(conversationId: ConversationId, seq: number): void;
  /** Throttled; call it on each key. */
  setTyping(conversationId: ConversationId, typing: boolean): void;
  /** Kept and sent again with each session; cheap to call. */
  setContext(context: VisitorContext): void;
  /** Becomes the user of the JWT; messages of the guest come along, also those still in the outbox. */
  identify(jwt: string): Promise<void>;
  /** Signs out and wipes the device; the push subscription `endpoint`, if given, is forgotten by the server. */
  logout(options?: { everywhere?: boolean; endpoint?: string }): Promise<void>;
  /** Loads the next page of an agent's inbox list. */
  listConversations(filter: 'waiting' | 'mine' | 'all', before?: number): Promise<{ more: boolean }>;
  /** Any request of the protocol; rejects with InlayError. Waits for the connection, at most `timeoutMs` (default 15 s). */
  request<T extends UpType>(type: T, input: Input<T>, options?: { timeoutMs?: number }): Promise<Result<T>>;
  /** Every event of the server as it is applied. Returns a function that ends it. */
  on<T extends EventType>(type: T, listener: (event: DownEvent<T>) => void): () => void;
  /** A message was stored that this device had not seen, recalls and deletes included; `live`: not part of a catch-up. */
  onMessage(listener: (message: Message, live: boolean) => void): () => void;
  /** Something went wrong that a person may want to know. */
  onError(listener: (code: ErrorCode, message: string) => void): () => void;
}

/** Nothing happens before `start`. */
export const createClient = (options: ClientOptions): Client => createInlayClient(options);

export { computed, effect, type ReadonlySignal } from '@preact/signals-core';
export { InlayError } from '../protocol/errors.ts';
export { type Cache, createMemoryCache } from './cache.ts';
export { createWebSocketTransport, type Socket, type SocketListener, type Transport } from './transport.ts';
export type {
  ClientMessageId,
  Content,
  Conversation,
  ConversationId,
  DownEvent,
  ErrorCode,
  EventType,
  Member,
  Message,
  MessageId,
  User,
  UserId,
  VisitorContext,
  Welcome,
};
