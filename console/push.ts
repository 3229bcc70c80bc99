/** Notifications for an agent who is away from the console, as what the bell says. */
import { type ReadonlySignal, signal } from '@preact/signals';
import type { Client } from '../client/client.ts';
import { pushObstacle } from '../ui/push/obstacle.ts';
import { AGENT_SCOPE } from '../ui/push/scopes.ts';
import {
  dropSubscription,
  existingSubscription,
  type SubscribeError,
  subscribeOnThisOrigin,
} from '../ui/push/subscribe.ts';

/** `failed` and `off` can be tried; `blocked` only the browser's settings can change. */
export type PushState = 'off' | 'on' | 'busy' | 'blocked' | 'failed' | 'unsupported' | 'needs-install';

/** The browser's part. */
export interface Subscriptions {
  obstacle: typeof pushObstacle;
  subscribe: (publicKey: string | Promise<string>) => ReturnType<typeof subscribeOnThisOrigin>;
  existing: () => ReturnType<typeof existingSubscription>;
  drop: () => ReturnType<typeof dropSubscription>;
}

/** Milliseconds for a word to the server that is a courtesy. */
const TELL_TIMEOUT_MS = 3_000;

const browser: Subscriptions = {
  obstacle: pushObstacle,
  subscribe: (publicKey) => subscribeOnThisOrigin(publicKey, { scope: AGENT_SCOPE }),
  existing: () => existingSubscription(AGENT_SCOPE),
  drop: () => dropSubscription(AGENT_SCOPE),
};

export class AgentPush {
  readonly #client: Pick<Client, 'request' | 'welcome'>;
  readonly #browser: Subscriptions;
  readonly #state = signal<PushState>('off');

  constructor(client: Pick<Client, 'request' | 'welcome'>, subscriptions = browser) {
    this.#client = client;
    this.#browser = subscriptions;
    const obstacle = subscriptions.obstacle();
    if (obstacle) this.#state.value = stateOf(obstacle);
  }

  get state(): ReadonlySignal<PushState> {
    return this.#state;
  }

  /** Once after each start: browsers change subscriptions by themselves and do not always tell. */
  async restore(): Promise<void> {
    const subscription = await this.#browser.existing();
    if (!subscription) return;
    try {
      await this.#client.request('push.subscribe', { context: 'page', subscription });
      this.#set('on');
    } catch {
      // The bell stays "off", and a click on it says what is wrong.
    }
  }

  /** Straight from a click: the browser asks before anything is awaited. */
  async turnOn(): Promise<PushState> {
    this.#set('busy');
    const result = await this.#browser.subscribe(this.#publicKey());
    if (result.kind === 'error') return this.#set(stateOf(result.error));
    try {
      await this.#client.request('push.subscribe', { context: 'page', subscription: result.subscription });
      return this.#set('on');
    } catch {
      // Refused (a push service that the server does not send to) or no answer.
      return this.#set('failed');
    }
  }

  /** Right after signing in the bell is there before the welcome is. */
  #publicKey(): string | Promise<string> {
    const { welcome } = this.#client;
    const known = welcome.peek();
    if (known) return known.pushPublicKey;
    return new Promise((resolve) => {
      const stop = welcome.subscribe((came) => {
        if (!came) return;
        resolve(came.pushPublicKey);
        // The first call comes before there is anything to stop; it has nothing to bring either.
        stop();
      });
    });
  }

  async turnOff(): Promise<PushState> {
    this.#set('busy');
    try {
      await this.#forget();
      return this.#set('off');
    } catch {
      // It is still on, and the bell says so.
      return this.#set('on');
    }
  }

  /** Before signing out, whatever the bell says: this browser must not show an agent's messages to whoever comes next. */
  async leave(): Promise<void> {
    if (this.#browser.obstacle()) return;
    await this.turnOff();
  }

  /** The browser first: what it does not have cannot be shown, whatever the server still believes. */
  async #forget(): Promise<void> {
    const endpoint = await this.#browser.drop();
    if (!endpoint) return;
    // The server finds a dead subscription by itself at the next push.
    await this.#client.request('push.unsubscribe', { endpoint }, { timeoutMs: TELL_TIMEOUT_MS }).catch(() => undefined);
  }

  #set(state: PushState): PushState {
    this.#state.value = state;
    return state;
  }
}

function stateOf(error: SubscribeError): PushState {
  switch (error) {
    case 'denied':
      return 'blocked';
    case 'dismissed':
      return 'off';
    default:
      return error;
  }
}
