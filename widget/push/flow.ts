/**
 * What happens in the popup, without its looks: the one-time code becomes a ticket, a tap becomes a subscription, the ticket
 * and the subscription go to the server. Each state carries its own data; `turnOn` is the only step that a person takes.
 */
import { type ReadonlySignal, signal } from '@preact/signals';
import type { ErrorBody } from '../../protocol/errors.ts';
import type { PushRedeemResult, PushSubscription } from '../../protocol/push.ts';
import type { SubscribeResult } from '../../ui/push/subscribe.ts';
import type { Problem } from './words.ts';

export type PopupState =
  | { readonly name: 'loading' }
  | { readonly name: 'ask'; readonly redeemed: PushRedeemResult }
  | { readonly name: 'turning-on'; readonly redeemed: PushRedeemResult }
  | { readonly name: 'done' }
  | { readonly name: 'problem'; readonly problem: Problem; readonly redeemed?: PushRedeemResult };

export interface PopupOptions {
  readonly code: string;
  readonly fetch: typeof globalThis.fetch;
  readonly obstacle: () => Problem | undefined;
  readonly subscribe: (redeemed: PushRedeemResult) => Promise<SubscribeResult>;
  /** Tells the window that opened this one. */
  readonly announce: (endpoint: string) => void;
}

export class PopupFlow {
  readonly #state = signal<PopupState>({ name: 'loading' });
  readonly #options: PopupOptions;

  constructor(options: PopupOptions) {
    this.#options = options;
  }

  get state(): ReadonlySignal<PopupState> {
    return this.#state;
  }

  /** Redeems the code; again after a failure of the network. */
  async start(): Promise<void> {
    const { code, obstacle } = this.#options;
    this.#state.value = { name: 'loading' };
    const hopeless = obstacle();
    if (hopeless === 'unsupported' || hopeless === 'needs-install') return this.#fail(hopeless);
    if (!code) return this.#fail('expired');
    try {
      const redeemed = await this.#post<PushRedeemResult>('/v1/push/redeem', { code });
      this.#state.value = hopeless ? { name: 'problem', problem: hopeless, redeemed } : { name: 'ask', redeemed };
    } catch (error) {
      this.#fail(problemOf(error));
    }
  }

  /** Straight from a tap, or the browser does not ask. */
  async turnOn(): Promise<void> {
    const state = this.#state.value;
    if (state.name !== 'ask' && state.name !== 'problem') return;
    const { redeemed } = state;
    if (!redeemed) return this.start();
    const result = this.#options.subscribe(redeemed);
    this.#state.value = { name: 'turning-on', redeemed };
    try {
      const outcome = await result;
      if (outcome.kind === 'error') return this.#fail(outcome.error, redeemed);
      await this.#register(redeemed, outcome.subscription);
    } catch (error) {
      this.#fail(problemOf(error), redeemed);
    }
  }

  async #register({ ticket }: PushRedeemResult, subscription: PushSubscription): Promise<void> {
    await this.#post('/v1/push/subscriptions', { ticket, subscription });
    this.#state.value = { name: 'done' };
    this.#options.announce(subscription.endpoint);
  }

  #fail(problem: Problem, redeemed?: PushRedeemResult): void {
    // An expired ticket cannot be used again.
    const again = redeemed && problem !== 'expired' ? { redeemed } : {};
    this.#state.value = { name: 'problem', problem, ...again };
  }

  async #post<Result>(path: string, body: unknown): Promise<Result> {
    const headers = { 'content-type': 'application/json' };
    const signal = AbortSignal.timeout?.(15_000) ?? null;
    const response = await this.#options.fetch(path, { method: 'POST', headers, body: JSON.stringify(body), signal });
    const answer = (await response.json()) as Result & { error?: ErrorBody };
    if (!response.ok) throw new RefusedError(answer.error?.code ?? 'internal');
    return answer;
  }
}

class RefusedError extends Error {
  constructor(readonly code: ErrorBody['code']) {
    super(code);
  }
}

function problemOf(error: unknown): Problem {
  if (!(error instanceof RefusedError)) return 'failed';
  if (error.code === 'code-invalid') return 'expired';
  // The browser's push service is none that the server sends to.
  return error.code === 'push-endpoint-forbidden' || error.code === 'push-subscription-invalid'
    ? 'unsupported'
    : 'failed';
}
