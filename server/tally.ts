/**
 * Counting in the hot path. prom-client builds a text from the labels and looks it up at each count; at some 30,000 messages a
 * second that alone is a few per cent of the process. Here a count is an addition to a slot that exists from the start, and
 * prom-client, which knows the format, reads the slots when somebody asks.
 */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Upper bounds in milliseconds. */
export const durationBounds = [0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000] as const;

/** What it is called: `name` with the unit at its end, and one sentence. */
export interface Named {
  readonly name: string;
  readonly help: string;
}

export interface Labelled<Key extends string> extends Named {
  readonly label: string;
  /** All values that the label can have; another one is not counted. */
  readonly values: readonly Key[];
}

export class Tally {
  #count = 0;

  constructor(registry: Registry, named: Named) {
    const read = () => this.#count;
    new Counter({
      ...named,
      registers: [registry],
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  }

  add(count: number): void {
    this.#count += count;
  }
}

/** A count for each value of one label. */
export class Tallies<Key extends string> {
  readonly #counts: Record<Key, number>;

  constructor(registry: Registry, { name, help, label, values }: Labelled<Key>) {
    const counts = Object.fromEntries(values.map((value) => [value, 0])) as Record<Key, number>;
    this.#counts = counts;
    new Counter({
      name,
      help,
      labelNames: [label],
      registers: [registry],
      collect() {
        this.reset();
        for (const value of values) this.inc({ [label]: value }, counts[value]);
      },
    });
  }

  add(key: Key, count = 1): void {
    this.#counts[key] += count;
  }
}

interface Slots {
  /** One more than there are bounds: what is above all of them. */
  readonly counts: Float64Array;
  sum: number;
}

/** How often a value fell between which bounds, for each value of one label. Given in `scale` of what is shown: 1000 for ms to s. */
export class Distributions<Key extends string> extends Histogram<string> {
  readonly #slots: Record<Key, Slots>;
  readonly #bounds: readonly number[];
  readonly #scale: number;
  readonly #labels: readonly (readonly [Key, Readonly<Record<string, string>>])[];
  readonly #named: Named;

  constructor(
    registry: Registry,
    { name, help, label, values }: Labelled<Key>,
    bounds: readonly number[] = durationBounds,
    scale = 1000,
  ) {
    super({ name, help, labelNames: label === '' ? [] : [label], registers: [registry] });
    this.#named = { name, help };
    this.#bounds = bounds;
    this.#scale = scale;
    this.#labels = values.map((value) => [value, label === '' ? {} : { [label]: value }]);
    const empty = () => ({ counts: new Float64Array(bounds.length + 1), sum: 0 });
    this.#slots = Object.fromEntries(values.map((value) => [value, empty()])) as Record<Key, Slots>;
  }

  add(key: Key, value: number): void {
    const slots = this.#slots[key];
    const bounds = this.#bounds;
    let at = 0;
    while (at < bounds.length && value > (bounds[at] as number)) at += 1;
    slots.counts[at] = (slots.counts[at] as number) + 1;
    slots.sum += value;
  }

  /** Asked by the registry instead of get(). */
  async getForPromString(): Promise<object> {
    return {
      ...this.#named,
      type: 'histogram',
      values: this.#labels.flatMap(([key, labels]) => this.#lines(key, labels)),
    };
  }

  #lines(key: Key, labels: Readonly<Record<string, string>>): object[] {
    const { name } = this.#named;
    const { counts, sum } = this.#slots[key];
    let total = 0;
    const buckets = [...counts].map((count, at) => {
      const bound = this.#bounds[at];
      total += count;
      const le = bound === undefined ? '+Inf' : bound / this.#scale;
      return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: total };
    });
    if (total === 0 && this.#labels.length > 1) return [];
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: sum / this.#scale },
      { metricName: `${name}_count`, labels, value: total },
    ];
  }
}

const ONLY = 'only';

/** The same without a label. */
export class Distribution {
  readonly #all: Distributions<typeof ONLY>;

  constructor(registry: Registry, named: Named, bounds?: readonly number[], scale?: number) {
    this.#all = new Distributions(registry, { ...named, label: '', values: [ONLY] }, bounds, scale);
  }

  add(value: number): void {
    this.#all.add(ONLY, value);
  }
}

/** Read when somebody asks. A number, or one for each value of a label. */
export function gauge(registry: Registry, named: Named, read: () => number): void {
  new Gauge({
    ...named,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}

export function gauges(
  registry: Registry,
  { label, ...named }: Named & { readonly label: string },
  read: () => Readonly<Record<string, number>>,
): void {
  new Gauge({
    ...named,
    labelNames: [label],
    registers: [registry],
    collect() {
      this.reset();
      for (const [value, number] of Object.entries(read())) this.set({ [label]: value }, number);
    },
  });
}
