/**
 * Web Push by npm web-push: it encrypts (RFC 8291) and signs (RFC 8292). The request is made here, for what the package does
 * not do: a deadline for the whole exchange, an address checked when connecting, an answer of bounded size.
 */
import { Agent, request } from 'node:https';
import { rootCertificates } from 'node:tls';
import webPush from 'web-push';
import type { PushPayload, PushSubscription } from '../../protocol/push.ts';
import { areKeysValid, type EndpointRules, judgeEndpoint, publicLookup } from './endpoint.ts';
import { outcomeOf, type PushAnswer } from './outcome.ts';
import type { Push, PushOutcome, PushSendOptions } from './push.ts';

export interface VapidKeys {
  /** base64url of 65 bytes. */
  readonly publicKey: string;
  /** base64url of 32 bytes. */
  readonly privateKey: string;
}

export interface WebPushOptions {
  readonly keys: VapidKeys;
  /** `mailto:` or `https:`, whom a push service may contact. */
  readonly subject: string;
  readonly endpoints: EndpointRules;
  /** PEM of a further certificate authority. */
  readonly extraCa?: string;
  /** Milliseconds for one exchange. Default 10,000. */
  readonly deadlineMs?: number;
}

/** Characters of an answer that are read; more is cut off with the connection. */
const ANSWER_MAX_LENGTH = 2_000;
/** Sockets to one push service, kept between sends. */
const SOCKETS_PER_SERVICE = 8;

export const generateVapidKeys = (): VapidKeys => webPush.generateVAPIDKeys();

export class WebPush implements Push {
  readonly publicKey: string;
  readonly #options: WebPushOptions;
  readonly #publicAgent: Agent;
  readonly #allowedAgent: Agent;

  constructor(options: WebPushOptions) {
    this.#options = options;
    this.publicKey = options.keys.publicKey;
    const common = {
      keepAlive: true,
      maxSockets: SOCKETS_PER_SERVICE,
      ...(options.extraCa && { ca: [...rootCertificates, options.extraCa] }),
    };
    this.#publicAgent = new Agent({ ...common, lookup: publicLookup });
    this.#allowedAgent = new Agent(common);
  }

  check(subscription: PushSubscription): 'ok' | 'push-endpoint-forbidden' | 'push-subscription-invalid' {
    if (judgeEndpoint(subscription.endpoint, this.#options.endpoints) === 'forbidden') return 'push-endpoint-forbidden';
    return areKeysValid(subscription) ? 'ok' : 'push-subscription-invalid';
  }

  async send(subscription: PushSubscription, payload: PushPayload, options: PushSendOptions): Promise<PushOutcome> {
    // The rules may have become stricter since it was stored.
    if (this.check(subscription) !== 'ok') return { kind: 'gone' };
    const details = this.#encrypt(subscription, payload, options);
    if (details instanceof Error) return { kind: 'refused', status: 0, reason: details.message };
    try {
      return outcomeOf(await this.#post(details), Date.now());
    } catch (error) {
      return { kind: 'retry', reason: error instanceof Error ? error.message : String(error) };
    }
  }

  close(): void {
    this.#publicAgent.destroy();
    this.#allowedAgent.destroy();
  }

  #encrypt(subscription: PushSubscription, payload: PushPayload, options: PushSendOptions) {
    const { keys, subject } = this.#options;
    // Written anew by the parser that checked it: the package takes addresses apart with another one.
    const endpoint = new URL(subscription.endpoint).href;
    try {
      return webPush.generateRequestDetails({ endpoint, keys: subscription.keys }, JSON.stringify(payload), {
        vapidDetails: { subject, ...keys },
        TTL: options.ttlSeconds,
        urgency: options.urgency,
        topic: options.topic,
      });
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  #post({ endpoint, headers, body }: webPush.RequestDetails): Promise<PushAnswer> {
    const allowed = judgeEndpoint(endpoint, this.#options.endpoints) === 'private-allowed';
    return new Promise((resolve, reject) => {
      const outgoing = request(endpoint, {
        method: 'POST',
        headers: headers as Record<string, string>,
        agent: allowed ? this.#allowedAgent : this.#publicAgent,
        signal: AbortSignal.timeout(this.#options.deadlineMs ?? 10_000),
      });
      outgoing.on('error', reject);
      outgoing.on('response', (response) => {
        const answer = { status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] };
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
          if (text.length > ANSWER_MAX_LENGTH) response.destroy();
        });
        // `close` comes after `end` and also when the rest was cut off: the status is known in any case.
        response.on('close', () => resolve({ ...answer, body: text }));
        response.on('error', () => resolve({ ...answer, body: text }));
      });
      outgoing.end(body);
    });
  }
}
