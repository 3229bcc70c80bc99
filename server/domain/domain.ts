import type { Logger } from 'pino';
import type { Blobs } from '../blobs/blobs.ts';
import type { Bus, Presence } from '../bus/bus.ts';
import type { Metrics } from '../metrics.ts';
import type { Push } from '../push/push.ts';
import type { Settings } from '../settings.ts';
import type { Store } from '../store/store.ts';
import type { Traces } from '../trace.ts';
import type { Limits } from './limits.ts';
import type { Tokens } from './tokens.ts';

/**
 * All that the domain's functions reach for. app.ts builds it once from concrete backends; every function of the domain
 * takes it first: `sendMessage(domain, actor, input)`.
 */
export interface Domain {
  readonly settings: Settings;
  readonly store: Store;
  readonly bus: Bus;
  readonly presence: Presence;
  readonly blobs: Blobs;
  readonly push: Push;
  readonly tokens: Tokens;
  readonly limits: Limits;
  readonly metrics: Metrics;
  readonly traces: Traces;
  readonly log: Logger;
  /** Milliseconds since 1970; tests move it. */
  readonly now: () => number;
}
