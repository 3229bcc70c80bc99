/**
 * A server in memory for the client's unit tests: one tenant, one agent, any number of visitors, a transport instead of a
 * network. It exists because some things cannot be asked of the real one at the right moment: to lose an answer, to lose an
 * event, to be gone. What a message means is tested against the real server, in test/flows.
 *
 * Ways to bend it, most common first:
 * 1. `agentWrites(text)` lets the agent write into the first conversation;
 * 2. `cut()` ends all sockets as a network does (1006), `network = false` lets none open;
 * 3. `answer(type, …)` answers the next request of a type with an error, or not at all (after doing it, or without);
 * 4. `muted = true` loses events;
 * 5. `close(code)` closes as the server does;
 * 6. `requests` (a signal) lists every frame that came in.
 */
import { signal } from '@preact/signals-core';
import type { Socket, SocketListener, Transport } from '../../client/transport.ts';
import type { Conversation, Held, Missed, SharedConversation } from '../../protocol/conversations.ts';
import type { DownEvent, DownFrame } from '../../protocol/down.ts';
import { bodyOf, InlayError } from '../../protocol/errors.ts';
import type { Welcome } from '../../protocol/hello.ts';
import type { ClientMessageId, ConversationId, MessageId, TenantId, UserId } from '../../protocol/ids.ts';
import { RESUME_FAR_COUNT, RESUME_MAX_COUNT } from '../../protocol/limits.ts';
import type { Message } from '../../protocol/messages.ts';
import type { Input, UpFrame, UpType } from '../../protocol/up.ts';
import type { User } from '../../protocol/users.ts';

export const fakeAgent: User = { userId: 'agent-1' as UserId, kind: 'agent', name: 'Ada' };

type Bend = InlayError | 'lose-request' | 'lose-answer';

interface Visitor {
  readonly user: User;
  readonly token: string;
  readonly conversationId: ConversationId;
}

interface FakeSocket {
  readonly listener: SocketListener;
  visitor: Visitor | undefined;
  agent: boolean;
  open: boolean;
}

export class FakeServer {
  readonly requests = signal<readonly UpFrame[]>([]);
  network = true;
  muted = false;
  /** The server's clock. */
  now = () => Date.now();
  #revision = 0;
  readonly #sockets = new Set<FakeSocket>();
  readonly #visitors = new Map<string, Visitor>();
  readonly #conversations = new Map<ConversationId, SharedConversation>();
  readonly #messages = new Map<ConversationId, Message[]>();
  readonly #bends = new Map<UpType, Bend[]>();

  readonly transport: Transport = {
    open: (_url, listener) => {
      const socket: FakeSocket = { listener, visitor: undefined, agent: false, open: false };
      queueMicrotask(() => this.#accept(socket));
      return this.#handle(socket);
    },
  };

  /** The next request of this type is treated so; call it twice for the next two. */
  answer(type: UpType, bend: Bend): void {
    this.#bends.set(type, [...(this.#bends.get(type) ?? []), bend]);
  }

  asked(type: UpType): UpFrame[] {
    return this.requests.value.filter((frame) => frame.type === type);
  }

  cut(): void {
    this.close(1006);
  }

  close(code: number): void {
    for (const socket of this.#sockets) {
      this.#sockets.delete(socket);
      socket.listener.onClose(code);
    }
  }

  messages(): Message[] {
    return [...this.#messages.values()].flat();
  }

  texts(): string[] {
    return this.messages().map(({ content }) => (content.kind === 'text' ? content.text : content.kind));
  }

  firstConversation(): SharedConversation {
    const [first] = this.#conversations.values();
    if (!first) throw new Error('Nobody has written yet.');
    return first;
  }

  agentWrites(text: string): Message {
    const clientMessageId = `agent-message-${this.messages().length}` as ClientMessageId;
    return this.#store(this.firstConversation().conversationId, fakeAgent, clientMessageId, { kind: 'text', text });
  }

  /** The agent has read everything. */
  agentReads(): void {
    const { conversationId, lastSeq } = this.firstConversation();
    this.#receipt(conversationId, fakeAgent, { deliveredSeq: lastSeq, readSeq: lastSeq });
  }

  tokenOf(conversationId: ConversationId): string | undefined {
    return [...this.#visitors.values()].find((visitor) => visitor.conversationId === conversationId)?.token;
  }

  forgetTokens(): void {
    this.#visitors.clear();
  }

  emit(event: DownEvent): void {
    if (this.muted) return;
    for (const socket of this.#sockets) if (socket.visitor || socket.agent) this.#send(socket, event);
  }

  #accept(socket: FakeSocket): void {
    if (this.network) this.#sockets.add(socket);
    if (this.network) socket.listener.onOpen();
    else socket.listener.onClose(1006);
  }

  #handle(socket: FakeSocket): Socket {
    return {
      send: (text) => {
        const frame = JSON.parse(text) as UpFrame;
        queueMicrotask(() => this.#receive(socket, frame));
      },
      close: () => this.#sockets.delete(socket),
    };
  }

  #send(socket: FakeSocket, frame: DownFrame): void {
    // An array, as the real server does when frames wait together.
    const text = JSON.stringify([frame]);
    queueMicrotask(() => {
      if (this.#sockets.has(socket)) socket.listener.onText(text);
    });
  }

  #receive(socket: FakeSocket, frame: UpFrame): void {
    if (!this.#sockets.has(socket)) return;
    this.requests.value = [...this.requests.value, frame];
    const bend = this.#bends.get(frame.type)?.shift();
    if (bend === 'lose-request') return;
    try {
      if (bend instanceof InlayError) throw bend;
      const result = this.#result(socket, frame);
      if (bend !== 'lose-answer') this.#send(socket, { type: 'ok', ref: frame.ref, result });
    } catch (error) {
      if (!(error instanceof InlayError)) throw error;
      this.#send(socket, { type: 'error', ref: frame.ref, error: bodyOf(error) });
    }
  }

  #result(socket: FakeSocket, frame: UpFrame): unknown {
    switch (frame.type) {
      case 'hello':
        return this.#hello(socket, frame);
      case 'ping':
        return { now: this.now(), revision: this.#revisionFor(socket) };
      case 'session.create':
        return this.#createSession(socket, frame.visitorKey);
      case 'session.identify':
        return this.#createSession(socket, frame.jwt);
      case 'conversation.list':
        return { conversations: this.#visible(socket), revision: this.#revision, more: false };
      case 'conversation.changes': {
        const conversations = this.#visible(socket).filter(({ revision }) => revision > frame.after);
        const messages = frame.held && { messages: frame.held.flatMap((held) => this.#missed(socket, held)) };
        return { conversations, removed: [], revision: this.#revision, reset: false, ...messages };
      }
      case 'conversation.get':
        return { conversation: this.#visible(socket).find((it) => it.conversationId === frame.conversationId) };
      case 'message.send':
        return this.#sendMessage(socket, frame);
      case 'message.list':
        return this.#list(frame);
      case 'receipt.update': {
        const { conversationId, deliveredSeq = 0, readSeq = 0 } = frame;
        this.#receipt(conversationId, this.#userOf(socket), { deliveredSeq, readSeq });
        return {};
      }
      default:
        return {};
    }
  }

  #hello(socket: FakeSocket, { auth }: Input<'hello'>): Welcome {
    if (auth?.kind === 'agent') socket.agent = true;
    if (auth?.kind === 'visitor') {
      socket.visitor = [...this.#visitors.values()].find(({ token }) => token === auth.token);
      if (!socket.visitor) throw new InlayError('token-invalid');
    }
    const user = socket.agent ? fakeAgent : socket.visitor?.user;
    return {
      protocol: { major: 1, minor: 0 },
      now: this.now(),
      tenant: { tenantId: 'demo' as TenantId, name: 'Demo' },
      desk: { online: true },
      ...(user && { user }),
      revision: this.#revisionFor(socket),
      pushPublicKey: 'key',
      limits: { fileMaxBytes: 1_000, fileMediaTypes: ['image/png'] },
    };
  }

  #createSession(socket: FakeSocket, key: string): Visitor & { readonly conversation: Conversation } {
    const count = this.#conversations.size + 1;
    const user: User = { userId: `visitor-${count}` as UserId, kind: 'guest' };
    const conversationId = `conversation-${count}` as ConversationId;
    const visitor = this.#visitors.get(key) ?? { user, token: `token-${count}`, conversationId };
    if (!this.#visitors.has(key)) this.#create(visitor);
    this.#visitors.set(key, visitor);
    socket.visitor = visitor;
    const conversation = this.#conversations.get(visitor.conversationId);
    if (!conversation) throw new InlayError('not-found');
    return { ...visitor, conversation: this.#withUnread(socket, conversation) };
  }

  #create({ user, conversationId }: Visitor): void {
    this.#messages.set(conversationId, []);
    this.#conversations.set(conversationId, {
      conversationId,
      kind: 'service',
      revision: ++this.#revision,
      lastSeq: 0,
      members: [{ user, deliveredSeq: 0, readSeq: 0 }],
      service: { status: 'waiting' },
    });
  }

  #sendMessage(socket: FakeSocket, { conversationId, clientMessageId, content }: Input<'message.send'>) {
    if (content.kind !== 'text') throw new InlayError('file-unknown');
    const known = this.messages().find((message) => message.clientMessageId === clientMessageId);
    const stored = known ?? this.#store(conversationId, this.#userOf(socket), clientMessageId, content);
    const { messageId, seq, sentAt } = stored;
    return { messageId, conversationId: stored.conversationId, seq, sentAt };
  }

  #store(
    conversationId: ConversationId,
    { userId }: User,
    clientMessageId: ClientMessageId,
    content: Message['content'],
  ): Message {
    const conversation = this.#conversations.get(conversationId);
    const messages = this.#messages.get(conversationId);
    if (!conversation || !messages) throw new InlayError('not-found');
    const seq = messages.length + 1;
    const messageId = `message-${conversationId}-${seq}` as MessageId;
    const base = { messageId, conversationId, seq, senderId: userId, clientMessageId };
    const message: Message = { ...base, content, sentAt: this.now() };
    messages.push(message);
    const { previousRevision, revision } = this.#change(conversation, { lastSeq: seq, lastMessage: message });
    this.emit({ type: 'message.created', message, revision, previousRevision });
    return message;
  }

  #receipt(conversationId: ConversationId, user: User, marks: { deliveredSeq: number; readSeq: number }): void {
    const conversation = this.#conversations.get(conversationId);
    if (!conversation) throw new InlayError('not-found');
    const known = conversation.members.find((member) => member.user.userId === user.userId);
    const readSeq = Math.max(marks.readSeq, known?.readSeq ?? 0);
    const member = { user, deliveredSeq: Math.max(marks.deliveredSeq, known?.deliveredSeq ?? 0, readSeq), readSeq };
    const others = conversation.members;
    const members = known ? others.map((other) => (other === known ? member : other)) : [...others, member];
    const { previousRevision, revision } = this.#change(conversation, { members });
    const unread = this.#unread(conversation.conversationId, user.kind === 'agent');
    this.emit({ type: 'receipt.changed', conversationId, revision, previousRevision, ...member, unread });
  }

  #change(conversation: SharedConversation, change: Partial<SharedConversation>) {
    const revision = ++this.#revision;
    this.#conversations.set(conversation.conversationId, { ...conversation, ...change, revision });
    return { revision, previousRevision: conversation.revision };
  }

  #list({ conversationId, after, before, limit = 50 }: Input<'message.list'>) {
    const all = this.#messages.get(conversationId) ?? [];
    const lastSeq = all.length;
    if (after !== undefined) return { messages: all.slice(after, after + limit), lastSeq };
    const end = before === undefined ? lastSeq : before - 1;
    return { messages: all.slice(Math.max(0, end - limit), end), lastSeq };
  }

  #missed(socket: FakeSocket, { conversationId, seq }: Held): Missed[] {
    const known = this.#visible(socket).find((conversation) => conversation.conversationId === conversationId);
    if (!known || known.lastSeq === seq) return [];
    const { lastSeq } = known;
    const tooFar = seq > lastSeq || lastSeq - seq > RESUME_FAR_COUNT;
    const messages = this.#messages.get(conversationId)?.slice(seq, seq + RESUME_MAX_COUNT) ?? [];
    return [{ conversationId, messages: tooFar ? [] : messages, lastSeq, tooFar }];
  }

  #userOf(socket: FakeSocket): User {
    const user = socket.agent ? fakeAgent : socket.visitor?.user;
    if (!user) throw new InlayError('session-required');
    return user;
  }

  #visible(socket: FakeSocket): Conversation[] {
    return [...this.#conversations.values()]
      .filter(({ conversationId }) => socket.agent || conversationId === socket.visitor?.conversationId)
      .map((conversation) => this.#withUnread(socket, conversation));
  }

  #revisionFor(socket: FakeSocket): number {
    return Math.max(0, ...this.#visible(socket).map(({ revision }) => revision));
  }

  #withUnread(socket: FakeSocket, conversation: SharedConversation): Conversation {
    return { ...conversation, unread: this.#unread(conversation.conversationId, socket.agent) };
  }

  #unread(conversationId: ConversationId, forAgents: boolean): number {
    const members = this.#conversations.get(conversationId)?.members ?? [];
    const own = members.filter(({ user }) => (user.kind === 'agent') === forAgents);
    const read = Math.max(0, ...own.map(({ readSeq }) => readSeq));
    const isOther = ({ senderId }: Message) => (senderId === fakeAgent.userId) !== forAgents;
    return (this.#messages.get(conversationId) ?? []).filter((message) => message.seq > read && isOther(message))
      .length;
  }
}
