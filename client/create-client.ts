/** Puts the parts together: what each of them says to the others stands here, and nothing else does. */
import { batch, computed, signal } from '@preact/signals-core';
import type { Conversation } from '../protocol/conversations.ts';
import type { DownEvent, EventType } from '../protocol/down.ts';
import type { ErrorCode, InlayError } from '../protocol/errors.ts';
import type { Welcome } from '../protocol/hello.ts';
import type { ClientMessageId, ConversationId } from '../protocol/ids.ts';
import type { Message } from '../protocol/messages.ts';
import type { VisitorContext } from '../protocol/service.ts';
import type { Input, UpType } from '../protocol/up.ts';
import type { User } from '../protocol/users.ts';
import { PROTOCOL_MAJOR, PROTOCOL_MINOR } from '../protocol/version.ts';
import { type Cache, createMemoryCache } from './cache.ts';
import type { Client, ClientOptions, ConversationTarget, Draft } from './client.ts';
import { createClock } from './clock.ts';
import { Context } from './context.ts';
import { isHidden, isOffline, listenToDevice } from './device-events.ts';
import { DeviceStore } from './device-store.ts';
import { connectionLost } from './failures.ts';
import { createFallbackTransport } from './fallback-transport.ts';
import { Link } from './link.ts';
import { Listeners } from './listeners.ts';
import { Outbox } from './outbox.ts';
import { Pauses } from './pauses.ts';
import { Pulls } from './pulls.ts';
import { Receipts } from './receipts.ts';
import { Replica } from './replica.ts';
import { Session } from './session.ts';
import type { Viewer } from './state/conversations.ts';
import { type Filter, Sync } from './sync.ts';
import { joinTabs, type Tabs } from './tabs.ts';
import { Timelines } from './timelines.ts';
import { Typing } from './typing.ts';
import { createUploader } from './uploads.ts';

/** Raised when the form of what is kept changes: older things are then left alone. */
const STORE_VERSION = 1;

interface KeptWelcome {
  readonly welcome: Welcome;
  /** What the server's clock was ahead of the device's. */
  readonly ahead: number;
}

export function createInlayClient(options: ClientOptions): Client {
  const { url, tenantId, actor } = options;
  const origin = url.replace(/\/+$/, '');
  const clock = createClock();
  const kept = `${STORE_VERSION}/${tenantId}/${actor}/`;
  const store = new DeviceStore(kept);
  const pauses = new Pauses();
  const events = new Listeners<[DownEvent]>();
  const stored = new Listeners<[Message, boolean]>();
  const errors = new Listeners<[ErrorCode, string]>();
  const restored = signal(false);
  const welcome = signal<Welcome | undefined>(undefined);
  const deskOnline = signal(false);
  const pushSubscriptions = signal<number | undefined>(undefined);
  const onError = ({ code, message }: InlayError) => errors.emit(code, message);
  /** The embedding page, when it must keep the token because nothing is kept here. */
  const tokenKeeper = () =>
    store.persistent.peek() || options.hostOrigin === undefined ? {} : { hostOrigin: options.hostOrigin };
  const viewer = (): Viewer => ({ side: actor, userId: session.user.peek()?.userId });
  let stopListening = () => {};
  let tabs: Tabs | undefined;

  const link = new Link({
    transport: options.transport ?? createFallbackTransport({ fetch: options.fetch }),
    url: `${origin.replace(/^http/, 'ws')}/v1/tenants/${tenantId}/socket`,
    now: clock.now,
    isOffline,
    isHidden,
    hello: () => ({
      protocol: { major: PROTOCOL_MAJOR, minor: PROTOCOL_MINOR },
      ...session.auth(),
      ...(options.name !== undefined && { client: options.name }),
      ...tokenKeeper(),
    }),
    onHello: () => sync.onHello(),
    onTokenRefused: () => session.onTokenRefused(),
    onWelcome,
    onEvent,
    onTrust: () => outbox.run(),
    onPong({ now, revision }) {
      clock.learn(now);
      sync.onRevision(revision);
    },
  });

  const session = new Session({
    side: actor,
    store,
    link,
    context: () => context.current,
    onSession,
    onOtherUser: () => clearConversations(),
  });
  const replica = new Replica(store, viewer, {
    onBehind: (conversationId, behind) => void pulls.want(conversationId, { ...behind, live: true }),
    onHeld: (messages) => outbox.settle(messages),
    onVisitorChanged: (conversationId, before) => typing.onMessage(conversationId, before),
    onStored(messages, live) {
      receipts.onStored(messages);
      for (const message of messages) stored.emit(message, live);
    },
  });
  const pulls = new Pulls(link, replica, pauses, onError);
  const sync = new Sync(link, replica, pulls, pauses, viewer, onError);
  const receipts = new Receipts(link, store, replica, viewer);
  const typing = new Typing(link, viewer);
  const context = new Context(link, () => actor === 'visitor' && session.user.peek() !== undefined);
  const upload = createUploader(options.fetch);
  const outbox = new Outbox({
    link,
    store,
    now: clock.now,
    fileMaxBytes: () => welcome.peek()?.limits.fileMaxBytes,
    userId: () => session.user.peek()?.userId,
    resolve: resolveTarget,
    // A visitor has one conversation, also while it has no name yet.
    laneOf: (target) => (actor === 'visitor' ? 'own' : target),
    upload: ({ blob, name }, onProgress, signal) =>
      upload({
        url: `${origin}/v1/tenants/${tenantId}/files`,
        blob,
        name,
        token: session.token.peek(),
        ...tokenKeeper(),
        onProgress,
        signal,
      }),
    onStored: (message) => replica.takeMessage(message),
  });

  /** A visitor sees one conversation; it stays readable after a session has run out. */
  const ownConversation = computed<ConversationTarget>(() => {
    const [own] = actor === 'visitor' ? replica.conversations.value.keys() : [];
    return own ?? 'new';
  });
  const timelines = new Timelines({
    replica,
    outbox: outbox.entries,
    conversations: receipts.conversations,
    loadingEarlier: sync.loadingEarlier,
    connection: link.connection.state,
    restored,
    token: session.token,
    viewer: () => ({ side: actor, userId: session.author.value?.userId }),
    ownConversationId: () => ownConversation.value,
  });

  async function resolveTarget(target: ConversationTarget): Promise<ConversationId> {
    if (actor === 'agent') return target as ConversationId;
    await session.ensure();
    if (ownConversation.peek() === 'new') await sync.catchUp();
    const own = ownConversation.peek();
    if (own === 'new') throw connectionLost();
    return own;
  }

  function onWelcome(next: Welcome): void {
    pauses.endAll();
    clock.learn(next.now);
    session.onWelcome(next);
    welcome.value = next;
    deskOnline.value = next.desk.online;
    keepWelcome(next);
    context.onWelcome();
    sync.onWelcome(next.revision);
    receipts.resume();
    outbox.run();
  }

  /** Only for somebody who comes back to it: a device on which nobody said a word, or signed out, keeps nothing. */
  function keepWelcome(latest: Welcome): void {
    if (session.token.peek() === undefined) return;
    const ahead = clock.now() - Date.now();
    store.writeLate('welcome', () => ({ welcome: latest, ahead }) satisfies KeptWelcome);
  }

  /** There is a session where there was none, or another one. */
  function onSession(conversation: Conversation, before: User | undefined): void {
    const { conversationId } = conversation;
    const now = session.user.peek();
    const isHandedOver = before && now && before.userId !== now.userId && replica.get(conversationId);
    replica.replaceConversations([conversation], undefined);
    outbox.retarget(() => true, conversationId);
    const latest = welcome.peek();
    if (latest) keepWelcome(latest);
    context.onSession();
    if (isHandedOver) {
      replica.changeSender(conversationId, before.userId, now.userId);
      void pulls.want(conversationId, { renew: true });
    }
    void sync.catchUp();
  }

  function onEvent(event: DownEvent): void {
    batch(() => applyEvent(event));
    events.emit(event);
  }

  function applyEvent(event: DownEvent): void {
    switch (event.type) {
      case 'message.created':
        replica.onMessageCreated(event);
        typing.onMessage(event.message.conversationId, event.message.senderId);
        break;
      case 'conversation.changed':
        replica.onConversationChanged(event);
        break;
      case 'conversation.removed':
        outbox.retarget((target) => target === event.conversationId, event.mergedInto);
        replica.onConversationRemoved(event);
        break;
      case 'receipt.changed':
        replica.onReceiptChanged(event);
        receipts.onReceipt(event.conversationId);
        break;
      case 'typing.changed':
        typing.onChanged(event);
        break;
      case 'desk.changed':
        deskOnline.value = event.desk.online;
        break;
      case 'push.changed':
        pushSubscriptions.value = event.subscriptions;
        break;
      case 'session.ended':
        onSessionEnded(event.reason);
        break;
      default:
      // A newer server may tell of what this version does not know.
    }
  }

  /** The close that follows makes the connection come back, as whoever this is then. */
  function onSessionEnded(reason: DownEvent<'session.ended'>['reason']): void {
    if (reason === 'signed-out') return void wipe();
    void session.onTokenRefused().then(() => link.connection.restart());
  }

  function clearConversations(): void {
    batch(() => {
      sync.clear();
      replica.clear();
      receipts.clear();
      typing.clear();
    });
  }

  /** Nothing of anybody is left on this device. */
  async function wipe(): Promise<void> {
    batch(() => {
      session.drop();
      outbox.clear();
      clearConversations();
      pushSubscriptions.value = undefined;
    });
    await store.wipe();
  }

  async function restore(): Promise<void> {
    await store.open(async () => options.cache ?? (actor === 'agent' ? createMemoryCache() : openDeviceCache()));
    try {
      const last = await store.read<KeptWelcome>('welcome');
      await Promise.all([session.restore(options.session), replica.restore(), receipts.restore(), outbox.restore()]);
      if (last) clock.assume(last.ahead);
      welcome.value ??= last?.welcome;
    } catch {
      // What is kept cannot be understood: begin anew rather than not at all.
      await wipe();
      await session.restore(options.session);
    }
    restored.value = true;
  }

  return {
    connection: link.connection.state,
    welcome,
    deskOnline,
    user: session.user,
    restored,
    persistent: store.persistent,
    session: session.token,
    conversations: receipts.conversations,
    pushSubscriptions,
    typing: (conversationId) => typing.in(conversationId),
    timeline: (target) => timelines.of(target),
    ownConversationId: () => ownConversation.value,
    now: clock.now,

    async start() {
      if (!restored.peek()) await restore();
      stopListening();
      tabs?.leave();
      tabs = joinTabs(kept, () => void wipe().then(() => link.connection.restart()));
      stopListening = listenToDevice({
        onWake: () => link.wake(),
        onNetwork: () => link.changeNetwork(),
        onDoubt: () => link.doubt(),
        onHide: () => void store.flush(),
      });
      link.start();
    },
    async stop() {
      stopListening();
      tabs?.leave();
      link.stop();
      pauses.endAll();
      outbox.stop();
      receipts.stop();
      context.stop();
      typing.clear();
      await store.flush();
    },
    wake: () => link.wake(),

    send(target: ConversationTarget, draft: Draft) {
      // Without a session, an old conversation is only there to be read.
      const isOld = actor === 'visitor' && session.token.peek() === undefined;
      if (target !== 'new') typing.set(target, false);
      return outbox.write(isOld ? 'new' : target, draft);
    },
    retry: (key: ClientMessageId) => outbox.retry(key),
    discard: (key: ClientMessageId) => outbox.discard(key),
    loadEarlier: (conversationId) => sync.loadEarlier(conversationId),
    open: (conversationId) => sync.open(conversationId),
    markRead: (conversationId, seq) => receipts.markRead(conversationId, seq),
    setTyping: (conversationId, isTyping) => typing.set(conversationId, isTyping),
    setContext: (next: VisitorContext) => context.set(next),
    async identify(jwt) {
      const release = outbox.hold();
      await session.identify(jwt).finally(release);
    },
    async logout(input: Input<'session.end'> = {}) {
      const release = outbox.hold();
      try {
        await session.end(input);
        await wipe();
        tabs?.tellWiped();
      } finally {
        release();
      }
      link.connection.restart();
    },
    listConversations: (filter: Filter, before?: number) => sync.list(filter, before),
    request: <T extends UpType>(type: T, input: Input<T>, settings?: { timeoutMs?: number }) =>
      link.ask(type, input, settings),
    on<T extends EventType>(type: T, listener: (event: DownEvent<T>) => void) {
      return events.add((event) => {
        if (event.type === type) listener(event as DownEvent<T>);
      });
    },
    onMessage: (listener) => stored.add(listener),
    onError: (listener) => errors.add(listener),
  };
}

/** Loaded when it is needed: an agent, and a visitor who brings a cache of their own, do without its code. */
async function openDeviceCache(): Promise<Cache> {
  return (await import('./browser-cache.ts')).openDefaultCache();
}
