/**
 * Who this device is.
 *
 * A visitor is nobody until they do something; then the device makes a key, keeps it, and asks for a session with it, so that an
 * answer that got lost does not make a second guest. From then on a token, which rotates, says who they are. A token that the
 * server does not take any more is dropped, unless another tab has put a better one into the shared cache meanwhile.
 */
import { batch, computed, type ReadonlySignal, signal } from '@preact/signals-core';
import type { Conversation } from '../protocol/conversations.ts';
import type { Welcome } from '../protocol/hello.ts';
import type { VisitorContext } from '../protocol/service.ts';
import type { Input, Result } from '../protocol/up.ts';
import type { User } from '../protocol/users.ts';
import type { DeviceStore } from './device-store.ts';
import { connectionLost } from './failures.ts';
import type { Link } from './link.ts';
import { createVisitorKey } from './random-id.ts';
import type { Side } from './state/receipts.ts';

export interface SessionOptions {
  readonly side: Side;
  readonly store: DeviceStore;
  readonly link: Link;
  context(): VisitorContext | undefined;
  /** Somebody else is here, or somebody for the first time; `before` is who it was. */
  onSession(conversation: Conversation, before: User | undefined): void;
  /** Another user than the one whose conversations are held. */
  onOtherUser(): void;
}

interface KeptSession {
  /** Absent: the session ran out. */
  readonly token?: string | undefined;
  readonly user?: User | undefined;
}

/** Milliseconds for saying good-bye: the device is wiped in any case. */
const END_TIMEOUT_MS = 5_000;

export class Session {
  readonly #options: SessionOptions;
  readonly #token = signal<string | undefined>(undefined);
  readonly #author = signal<User | undefined>(undefined);
  readonly #user = computed(() => (this.#isSomebody() ? this.#author.value : undefined));
  /** What the last hello said; undefined: nothing. */
  #usedToken: string | undefined;
  #creating: Promise<void> | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  get token(): ReadonlySignal<string | undefined> {
    return this.#token;
  }

  /** Undefined without a session. */
  get user(): ReadonlySignal<User | undefined> {
    return this.#user;
  }

  /** Who wrote what stands here as one's own, also after their session ran out. */
  get author(): ReadonlySignal<User | undefined> {
    return this.#author;
  }

  async restore(given: string | undefined): Promise<void> {
    const kept = await this.#kept();
    batch(() => {
      this.#token.value = kept?.token ?? given;
      this.#author.value = kept?.user;
    });
  }

  auth(): Pick<Input<'hello'>, 'auth'> {
    if (this.#options.side === 'agent') return { auth: { kind: 'agent' } };
    this.#usedToken = this.#token.peek();
    return this.#usedToken === undefined ? {} : { auth: { kind: 'visitor', token: this.#usedToken } };
  }

  onWelcome({ user, token }: Welcome): void {
    const before = this.#author.peek();
    if (before && user && before.userId !== user.userId) this.#options.onOtherUser();
    this.#set(token ?? this.#token.peek(), user ?? before);
  }

  /** True: go on without the token, or with another one. */
  async onTokenRefused(): Promise<boolean> {
    const used = this.#usedToken;
    if (used === undefined) return false;
    if (this.#token.peek() !== used) return true;
    this.#token.value = undefined;
    const kept = await this.#kept();
    if (kept?.token !== undefined && kept.token !== used) this.#adopt(kept);
    else this.#set(undefined, this.#author.peek());
    return true;
  }

  /** A visitor's session, made when there is none. */
  ensure(): Promise<void> {
    if (this.#options.side === 'agent' || this.#token.peek() !== undefined) return Promise.resolve();
    this.#creating ??= this.#create().finally(() => {
      this.#creating = undefined;
    });
    return this.#creating;
  }

  async identify(jwt: string): Promise<void> {
    // Its answer must not come after ours and make a guest of the user; whether it failed is for who asked for it.
    await this.#creating?.catch(() => undefined);
    this.#take(await this.#options.link.ask('session.identify', { jwt, ...this.#context() }));
  }

  /** The server is told if it can be; whether it could makes no difference for this device. */
  async end(input: Input<'session.end'>): Promise<void> {
    if (this.#token.peek() !== undefined) {
      await this.#options.link.ask('session.end', input, { timeoutMs: END_TIMEOUT_MS }).catch(() => undefined);
    }
    this.drop();
  }

  drop(): void {
    this.#set(undefined, undefined);
  }

  async #create(): Promise<void> {
    const { store, link } = this.#options;
    const kept = await this.#kept();
    if (kept?.token !== undefined) {
      // Another tab has been faster: come back as the guest that it made.
      this.#adopt(kept);
      link.connection.restart();
      throw connectionLost();
    }
    const visitorKey = (await store.read<string>('visitor-key')) ?? createVisitorKey();
    await store.write('visitor-key', visitorKey);
    this.#take(await link.ask('session.create', { visitorKey, ...this.#context() }));
  }

  #context(): { context?: VisitorContext } {
    const context = this.#options.context();
    return context ? { context } : {};
  }

  #take({ user, token, conversation }: Result<'session.create'>): void {
    const before = this.#author.peek();
    batch(() => {
      this.#usedToken = token;
      this.#set(token, user);
      this.#options.onSession(conversation, before);
    });
  }

  #adopt({ token, user }: KeptSession): void {
    if (this.#author.peek()?.userId !== user?.userId) this.#options.onOtherUser();
    this.#set(token, user);
  }

  #kept(): Promise<KeptSession | undefined> {
    return this.#options.store.read<KeptSession>('session');
  }

  #isSomebody(): boolean {
    return this.#options.side === 'agent' || this.#token.value !== undefined;
  }

  #set(token: string | undefined, author: User | undefined): void {
    batch(() => {
      this.#token.value = token;
      this.#author.value = author;
    });
    if (this.#options.side === 'visitor') void this.#keep(token, author);
  }

  async #keep(token: string | undefined, user: User | undefined): Promise<void> {
    const { store } = this.#options;
    if (!token && !user) return store.remove('session');
    await store.write('session', { token, user } satisfies KeptSession);
    // The key has done its work only when what it was made for is kept.
    if (token) await store.remove('visitor-key');
  }
}
