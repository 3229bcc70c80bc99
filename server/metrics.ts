/**
 * What the server tells an operator's Prometheus of itself: every stage of a message's path, by totals over all tenants and users.
 *
 * Each method is one line at the place where something happens, and costs an addition (tally.ts); times are given in
 * milliseconds and shown in seconds. What is a state and no event (bytes that wait, entries of a queue) is read when somebody
 * asks: whoever has it calls `gauge` once.
 */
import { Registry } from 'prom-client';
import { type ErrorCode, errorKinds } from '../protocol/errors.ts';
import { type UpType, up } from '../protocol/up.ts';
import { processRegistry } from './process-metrics.ts';
import { Distribution, Distributions, durationBounds, gauge, gauges, Tallies, Tally } from './tally.ts';

const types = Object.keys(up) as UpType[];
const codes = Object.keys(errorKinds) as ErrorCode[];

/** Over what the frames travel. */
export const connectionKinds = ['websocket', 'http'] as const;
export type ConnectionKind = (typeof connectionKinds)[number];

export const pushOutcomes = ['sent', 'gone', 'refused', 'retry'] as const;
export type PushOutcomeKind = (typeof pushOutcomes)[number];

/** Of RFC 6455 and our own. A client may close with any other number, and a label must not grow with what strangers say. */
const closeCodes = new Set<number>([
  1000,
  1001,
  1002,
  1003,
  1005,
  1006,
  1007,
  1008,
  1009,
  1011,
  ...Object.values(errorKinds).flatMap(({ close }) => close ?? []),
]);
const OTHER_CLOSE = 'other';

const countBounds = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024] as const;
const fanOutBounds = [0, 1, 2, 4, 8, 16, 64, 256, 1_024, 4_096, 16_384] as const;

export class Metrics {
  readonly #registry = new Registry();
  readonly #received = this.#tallies('inlay_frames_received_total', 'Frames that could be read.', 'type', types);
  readonly #refused = this.#tallies('inlay_frames_refused_total', 'Frames answered with an error.', 'code', codes);
  readonly #answered = new Distributions(this.#registry, {
    name: 'inlay_request_duration_seconds',
    help: 'From a frame’s arrival to its answer’s place in the send queue.',
    label: 'type',
    values: types,
  });

  readonly #groupSize = this.#counts('inlay_commit_group_size', 'Writes in one commit.', countBounds);
  readonly #queueWait = this.#duration(
    'inlay_commit_queue_wait_seconds',
    'How long the first write of a group waited for its commit to begin.',
  );
  readonly #commit = this.#duration('inlay_commit_duration_seconds', 'From the begin of a transaction to its commit.');
  readonly #commitFailed = this.#tally('inlay_commits_failed_total', 'Groups that could not be committed.');
  readonly #messages = this.#tally('inlay_messages_committed_total', 'Messages stored.');
  readonly #repeated = this.#tally('inlay_messages_repeated_total', 'Messages that were sent again and stood already.');

  readonly #published = this.#tally('inlay_events_published_total', 'Events given to the bus.');
  readonly #delivered = this.#tally('inlay_deliveries_total', 'Events put into the send queue of a socket.');
  readonly #fanOut = this.#counts('inlay_fan_out_sockets', 'Sockets of this process that got an event.', fanOutBounds);

  readonly #reads = this.#tally('inlay_reads_total', 'Reads of the store.');
  readonly #readQueue = this.#counts('inlay_read_group_size', 'Reads done in one transaction.', countBounds);
  readonly #readWait = this.#duration(
    'inlay_read_queue_wait_seconds',
    'How long the first read of a group waited for its turn.',
  );
  readonly #readDuration = this.#duration('inlay_read_duration_seconds', 'How long a group of reads took.');

  readonly #open: Record<ConnectionKind, number> = { websocket: 0, http: 0 };
  readonly #opened = this.#tallies('inlay_sockets_opened_total', 'Connections accepted.', 'kind', connectionKinds);
  readonly #closed = this.#tallies('inlay_sockets_closed_total', 'Connections that ended.', 'code', [
    ...[...closeCodes].map(String),
    OTHER_CLOSE,
  ]);
  readonly #ended = this.#tallies(
    'inlay_sockets_ended_total',
    'Connections that the server ended, by its reason.',
    'reason',
    codes,
  );
  readonly #turnedAway = this.#tallies(
    'inlay_accepts_refused_total',
    'Connections refused before their first frame.',
    'code',
    codes,
  );

  readonly #pushJobs = this.#tally('inlay_push_jobs_due_total', 'Push jobs that were looked at.');
  readonly #pushSends = this.#tallies('inlay_push_sends_total', 'Notifications sent.', 'outcome', pushOutcomes);
  readonly #pushSend = this.#duration('inlay_push_send_duration_seconds', 'How long a push service took to answer.');

  constructor() {
    gauges(
      this.#registry,
      { name: 'inlay_sockets_open', help: 'Connections at present.', label: 'kind' },
      () => this.#open,
    );
  }

  /** A frame was read and is of this type. */
  received(type: UpType): void {
    this.#received.add(type);
  }

  /** A frame, readable or not, was answered with an error. */
  refused(code: ErrorCode): void {
    this.#refused.add(code);
  }

  /** A request, whether it succeeded or not, was answered so long after it arrived. */
  answered(type: UpType, tookMs: number): void {
    this.#answered.add(type, tookMs);
  }

  /** A group was committed. `waitedMs`: of the write that waited longest, until the transaction began. */
  committed(writes: number, waitedMs: number, commitMs: number): void {
    this.#groupSize.add(writes);
    this.#queueWait.add(waitedMs);
    this.#commit.add(commitMs);
  }

  commitFailed(): void {
    this.#commitFailed.add(1);
  }

  /** Messages that a commit stored, and those that were only repeated. Once a group is enough. */
  messages(stored: number, repeated = 0): void {
    this.#messages.add(stored);
    this.#repeated.add(repeated);
  }

  published(events: number): void {
    this.#published.add(events);
  }

  /** One event reached so many sockets of this process. */
  delivered(sockets: number): void {
    this.#delivered.add(sockets);
    this.#fanOut.add(sockets);
  }

  /** A group of reads was done. `waitedMs`: of the read that waited longest. */
  read(reads: number, waitedMs: number, tookMs: number): void {
    this.#reads.add(reads);
    this.#readQueue.add(reads);
    this.#readWait.add(waitedMs);
    this.#readDuration.add(tookMs);
  }

  socketOpened(kind: ConnectionKind): void {
    this.#open[kind] += 1;
    this.#opened.add(kind);
  }

  /** To each `socketOpened` one of these, with the close code that the connection ended with. */
  socketClosed(kind: ConnectionKind, code: number): void {
    this.#open[kind] -= 1;
    this.#closed.add(closeCodes.has(code) ? String(code) : OTHER_CLOSE);
  }

  /** The server decided to end a connection: slow-consumer, heartbeat-timeout and so on. */
  ended(reason: ErrorCode): void {
    this.#ended.add(reason);
  }

  /** A connection was refused before its first frame: too-many-connections and so on. */
  turnedAway(code: ErrorCode): void {
    this.#turnedAway.add(code);
  }

  pushJobsDue(jobs: number): void {
    this.#pushJobs.add(jobs);
  }

  pushSent(outcome: PushOutcomeKind, tookMs: number): void {
    this.#pushSends.add(outcome);
    this.#pushSend.add(tookMs);
  }

  /** A number that is read when somebody asks. Once for each name; `name` begins with `inlay_` and ends with the unit. */
  gauge(name: string, help: string, read: () => number): void {
    gauge(this.#registry, { name, help }, read);
  }

  /** The same with a label: a number for each of its values, of which there are few. */
  gauges(name: string, help: string, label: string, read: () => Readonly<Record<string, number>>): void {
    gauges(this.#registry, { name, help, label }, read);
  }

  /** A duration that nobody here foresaw; keep what comes back and call it with milliseconds. */
  duration(name: string, help: string): (ms: number) => void {
    const distribution = this.#duration(name, help);
    return (ms) => distribution.add(ms);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** As Prometheus reads it, with what is known of the process. */
  async text(): Promise<string> {
    return `${await this.#registry.metrics()}\n${await processRegistry().metrics()}`;
  }

  #tally(name: string, help: string): Tally {
    return new Tally(this.#registry, { name, help });
  }

  #tallies<Key extends string>(name: string, help: string, label: string, values: readonly Key[]): Tallies<Key> {
    return new Tallies(this.#registry, { name, help, label, values });
  }

  #duration(name: string, help: string): Distribution {
    return new Distribution(this.#registry, { name, help }, durationBounds, 1000);
  }

  #counts(name: string, help: string, bounds: readonly number[]): Distribution {
    return new Distribution(this.#registry, { name, help }, bounds, 1);
  }
}
