/**
 * Notifications, as a state that each view can show. Nothing is ever asked but on a tap.
 *
 * - `host`: the host has a worker file; the loader subscribes on the host's origin and hands the subscription over.
 * - `popup`: a window on our own origin does it, since no browser lets an iframe. It knows who asks by a one-time code. The
 *   server tells of its success (`push.changed`), as a host's opener policy can cut the window off from us.
 * - `page`: this page is on our own origin.
 */
import { type ReadonlySignal, signal } from '@preact/signals';
import type { ToApp } from '../protocol/embed.ts';
import type { PushContext, PushSubscription } from '../protocol/push.ts';
import type { PushObstacle } from '../ui/push/obstacle.ts';
import type { SubscribeError, SubscribeResult } from '../ui/push/subscribe.ts';

export type PushState =
  | { readonly name: 'unsupported' }
  /** iOS: only for a page that was added to the Home Screen. */
  | { readonly name: 'needs-install' }
  | { readonly name: 'blocked' }
  | { readonly name: 'off' }
  /** `link`: where to go when no window opened. */
  | { readonly name: 'asking'; readonly link?: string }
  | { readonly name: 'on' }
  | { readonly name: 'failed' };

export interface PushPermissionOptions {
  readonly context: PushContext;
  /** What stands in the way before anybody was asked. */
  readonly obstacle: PushObstacle | undefined;
  /** It was turned on here earlier. */
  readonly remembered: boolean;
  /** Keeps that it was turned on: the endpoint, which logging out tells the server, or `ON` where it is not known. */
  readonly remember: (mark: string | undefined) => void;
  readonly publicKey: () => string | undefined;
  /** Hands a subscription to the server. */
  readonly register: (context: PushContext, subscription: PushSubscription) => Promise<unknown>;
  readonly createCode: () => Promise<{ readonly code: string; readonly expiresAt: number }>;
  /** By the server's clock. */
  readonly now: () => number;
  /** Asks the loader; it answers by `hostAnswered`. */
  readonly askHost: (publicKey: string) => void;
  readonly openWindow: (address: string) => PopupWindow | undefined;
  readonly subscribeHere: (publicKey: string) => Promise<SubscribeResult>;
  /** What this browser holds for this page; asks nobody. */
  readonly existingHere: () => Promise<PushSubscription | undefined>;
  readonly dropHere: () => Promise<unknown>;
}

export interface PopupWindow {
  readonly closed: boolean;
  go(address: string): void;
}

/** Kept instead of an endpoint that only another window knows. */
const ON = '1';
/** Milliseconds between two looks at whether the window was closed. */
const LOOK_MS = 1_000;
/** Looks after which a window is no longer waited for: ten minutes, the life of its code. */
const MAX_LOOKS = 600;

export class PushPermission {
  readonly #options: PushPermissionOptions;
  readonly #state = signal<PushState>({ name: 'off' });
  #code: { readonly code: string; readonly expiresAt: number } | undefined;
  #fetching: Promise<string> | undefined;
  /** A window is open and waits for its code. */
  #sending = false;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(options: PushPermissionOptions) {
    this.#options = options;
    if (options.obstacle) this.#state.value = afterRefusal(options.obstacle);
    else if (options.remembered) this.#state.value = { name: 'on' };
  }

  get state(): ReadonlySignal<PushState> {
    return this.#state;
  }

  /** A tap may follow: the window can then be opened at its own address at once, also where we get no hold of it. */
  prepare(): void {
    const { context } = this.#options;
    if (context === 'popup' && this.#canAsk() && !this.#freshCode()) this.#fetchCode().catch(() => undefined);
  }

  /** Straight from a tap. */
  turnOn(): void {
    const publicKey = this.#options.publicKey();
    if (!this.#canAsk()) return;
    const { context } = this.#options;
    if (context === 'popup') this.#openPopup();
    else if (!publicKey) this.#set({ name: 'failed' });
    else {
      this.#set({ name: 'asking' });
      if (context === 'host') this.#options.askHost(publicKey);
      else void this.#subscribeHere(publicKey);
    }
  }

  hostAnswered({ subscription, error }: Omit<Extract<ToApp, { type: 'push.result' }>, 'type'>): void {
    if (this.#state.peek().name !== 'asking') return;
    if (subscription) void this.#register(subscription);
    else this.#set({ name: /denied|NotAllowed/i.test(error ?? '') ? 'blocked' : 'failed' });
  }

  /** The server counts the subscriptions of this person on all devices. */
  subscriptionsChanged(count: number): void {
    const { name } = this.#state.peek();
    if (name === 'asking' && this.#options.context === 'popup' && count > 0) this.#succeed(ON);
    if (name === 'on' && count === 0) this.#set({ name: 'off' });
    if (count === 0) this.#options.remember(undefined);
  }

  /** The popup said so itself; the server may have been faster. */
  popupSucceeded(endpoint: string): void {
    if (['asking', 'on'].includes(this.#state.peek().name)) this.#succeed(endpoint);
  }

  /**
   * Once after each start: browsers change subscriptions by themselves and do not always tell. Only what was turned on by whom this
   * page belongs to; a subscription that was left by another is not theirs.
   */
  async restore(): Promise<void> {
    if (this.#options.context !== 'page' || this.#state.peek().name !== 'on') return;
    try {
      const subscription = await this.#options.existingHere();
      if (subscription) await this.#options.register('page', subscription);
      this.#options.remember(subscription?.endpoint);
      if (!subscription) this.#set({ name: 'off' });
    } catch {
      // No answer: it is as it was, and the next start asks again.
    }
  }

  /** Another person sits here now, or nobody. */
  async forget(): Promise<void> {
    this.#code = undefined;
    this.#fetching = undefined;
    this.#options.remember(undefined);
    if (this.#state.peek().name === 'on') this.#set({ name: 'off' });
    // The browser holds on to it: the server has forgotten it, and nothing comes any more.
    if (this.#options.context === 'page') await this.#options.dropHere().catch(() => undefined);
  }

  #canAsk(): boolean {
    return ['off', 'failed', 'asking'].includes(this.#state.peek().name);
  }

  #openPopup(): void {
    if (this.#sending) return;
    const code = this.#freshCode();
    this.#code = undefined;
    if (code) {
      this.#watch(this.#options.openWindow(addressOf(code)), addressOf(code));
      return;
    }
    // First the window: after an answer from the network it would not be by a tap any more, and blocked.
    const popup = this.#options.openWindow('about:blank');
    this.#set({ name: 'asking' });
    void this.#sendTo(popup);
  }

  async #sendTo(popup: PopupWindow | undefined): Promise<void> {
    this.#sending = true;
    try {
      const address = addressOf(await this.#fetchCode());
      this.#code = undefined;
      popup?.go(address);
      this.#watch(popup, address);
    } catch {
      // No answer from the server: the person can try again.
      this.#set({ name: 'failed' });
    } finally {
      this.#sending = false;
    }
  }

  /** The link stays as long as the window does not speak: one that was blocked looks like one that was cut off from us. */
  #watch(popup: PopupWindow | undefined, link: string): void {
    this.#set(popup ? { name: 'asking' } : { name: 'asking', link });
    let looks = 0;
    clearInterval(this.#timer);
    this.#timer = setInterval(() => {
      looks += 1;
      if (popup?.closed || looks > MAX_LOOKS) this.#giveUp();
    }, LOOK_MS);
  }

  #giveUp(): void {
    clearInterval(this.#timer);
    if (this.#state.peek().name === 'asking') this.#set({ name: 'off' });
  }

  async #subscribeHere(publicKey: string): Promise<void> {
    try {
      const outcome = await this.#options.subscribeHere(publicKey);
      if (outcome.kind === 'subscribed') await this.#register(outcome.subscription);
      else this.#set(afterRefusal(outcome.error));
    } catch {
      // The code for it could not be loaded: the network is away.
      this.#set({ name: 'failed' });
    }
  }

  async #register(subscription: PushSubscription): Promise<void> {
    try {
      await this.#options.register(this.#options.context, subscription);
      this.#succeed(subscription.endpoint);
    } catch {
      // Refused (a push service that the server does not send to) or no answer.
      this.#set({ name: 'failed' });
    }
  }

  #succeed(mark: string): void {
    this.#options.remember(mark);
    this.#set({ name: 'on' });
  }

  #set(state: PushState): void {
    if (state.name !== 'asking') clearInterval(this.#timer);
    this.#state.value = state;
  }

  #freshCode(): string | undefined {
    return this.#code && this.#code.expiresAt - this.#options.now() > 30_000 ? this.#code.code : undefined;
  }

  /** One at a time, whoever wants it: each code takes the place of the one before. */
  #fetchCode(): Promise<string> {
    if (this.#fetching) return this.#fetching;
    const fetching = this.#options
      .createCode()
      .then((code) => {
        // Forgotten meanwhile: it is a code of whoever was here before.
        if (this.#fetching === fetching) this.#code = code;
        return code.code;
      })
      .finally(() => {
        if (this.#fetching === fetching) this.#fetching = undefined;
      });
    this.#fetching = fetching;
    return fetching;
  }
}

const addressOf = (code: string) => `/push#${code}`;

function afterRefusal(error: SubscribeError): PushState {
  switch (error) {
    case 'denied':
      return { name: 'blocked' };
    case 'dismissed':
      return { name: 'off' };
    case 'unsupported':
    case 'needs-install':
      return { name: error };
    default:
      return { name: 'failed' };
  }
}
