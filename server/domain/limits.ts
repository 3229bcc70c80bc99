/**
 * How often who may do what: one token bucket for each kind and key. A bucket holds what is allowed in a minute and fills
 * evenly, so that somebody who wrote twenty messages offline may send them at once and nobody keeps up a flood.
 *
 * The buckets are in memory and bounded. A full bucket is as good as none and is forgotten; when none is full the oldest goes.
 */
import { InlayError } from '../../protocol/errors.ts';
import type { Settings } from '../settings.ts';

export type LimitSettings = Pick<
  Settings,
  | 'rateMessagesPerUser'
  | 'rateMessagesPerAgent'
  | 'rateMessagesPerTenant'
  | 'rateSessionsPerAddress'
  | 'rateUploadsPerUser'
  | 'rateSignInsPerAccount'
  | 'rateSignInsPerAddress'
>;

/** A minute; 0: no limit. */
const PUSH_PER_ADDRESS = 60;

const perMinute = {
  messagesPerUser: (settings) => settings.rateMessagesPerUser,
  messagesPerAgent: (settings) => settings.rateMessagesPerAgent,
  messagesPerTenant: (settings) => settings.rateMessagesPerTenant,
  sessionsPerAddress: (settings) => settings.rateSessionsPerAddress,
  uploadsPerUser: (settings) => settings.rateUploadsPerUser,
  signInsPerAccount: (settings) => settings.rateSignInsPerAccount,
  signInsPerAddress: (settings) => settings.rateSignInsPerAddress,
  /** The popup's requests, by address. */
  push: () => PUSH_PER_ADDRESS,
} satisfies Record<string, (settings: LimitSettings) => number>;

export type LimitKind = keyof typeof perMinute;

interface Bucket {
  tokens: number;
  readonly capacity: number;
  filledAt: number;
}

const MINUTE_MS = 60_000;
/** A hair less than one: sums of fractions rarely are whole. */
const ONE = 1 - 1e-6;
const BUCKETS_MAX = 100_000;

export class Limits {
  readonly #buckets = new Map<string, Bucket>();

  /** `now`: milliseconds of a clock that never goes back. */
  constructor(
    private readonly settings: LimitSettings,
    private readonly now: () => number = () => performance.now(),
    private readonly bucketsMax = BUCKETS_MAX,
  ) {}

  /** Takes one, or throws `rate-limited` with the time until there is one. */
  take(kind: LimitKind, key: string): void {
    const capacity = perMinute[kind](this.settings);
    if (capacity === 0) return;
    const bucket = this.#bucket(`${kind} ${key}`, capacity);
    if (bucket.tokens < ONE) throw limited(bucket);
    bucket.tokens -= 1;
  }

  #bucket(name: string, capacity: number): Bucket {
    const known = this.#buckets.get(name);
    if (known) return this.#fill(known);
    if (this.#buckets.size >= this.bucketsMax) this.#forget();
    const bucket = { tokens: capacity, capacity, filledAt: this.now() };
    this.#buckets.set(name, bucket);
    return bucket;
  }

  #fill(bucket: Bucket): Bucket {
    const now = this.now();
    const filled = bucket.tokens + ((now - bucket.filledAt) / MINUTE_MS) * bucket.capacity;
    bucket.tokens = Math.min(bucket.capacity, filled);
    bucket.filledAt = now;
    return bucket;
  }

  /** A look at all of them pays for the next tenth of them. */
  #forget(): void {
    for (const [name, bucket] of this.#buckets) {
      if (this.#fill(bucket).tokens >= bucket.capacity) this.#buckets.delete(name);
    }
    const room = Math.max(1, Math.floor(this.bucketsMax / 10));
    for (const name of this.#buckets.keys()) {
      if (this.#buckets.size <= this.bucketsMax - room) return;
      this.#buckets.delete(name);
    }
  }
}

function limited({ tokens, capacity }: Bucket): InlayError {
  const retryAfterMs = Math.ceil(((ONE - tokens) / capacity) * MINUTE_MS);
  return new InlayError('rate-limited', 'Too often; try again a little later.', retryAfterMs);
}
