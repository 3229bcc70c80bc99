/**
 * The frame of a fault test. `npm test` runs the short form, `npm run test:faults` (FAULTS=long) the long one. All that is left
 * to chance is chosen by a seed (SEED, else a new one), which stands in the line that each fault leaves behind.
 */
import { appendFileSync } from 'node:fs';
import { inject, test } from 'vitest';
import { expectSound, type Verdict } from './oracle.ts';
import { SeededRandom } from './seeded-random.ts';
import { World, type WorldOptions } from './simulation.ts';

/** One line of the summary. */
export interface FaultRow {
  readonly fault: string;
  readonly seed: number;
  readonly acked: number;
  readonly received: number;
  readonly lost: number;
  readonly doubled: number;
  readonly outOfOrder: number;
  readonly seconds: number;
  readonly passed: boolean;
  /** What else was seen, e.g. how often the server was killed. */
  readonly notes: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Each fault appends its row as a line of JSON. */
    faultRows: string;
  }
}

export interface Size {
  /** Acknowledged messages of a round, about. */
  readonly messages: number;
  /** Each round begins with a new server and the next seed. Default 1. */
  readonly rounds?: number;
}

const LONG_TIMEOUT_MS = 30 * 60_000;
const SHORT_TIMEOUT_MS = 120_000;

export const isLong = process.env.FAULTS === 'long';

export class FaultRun {
  readonly #verdicts: Verdict[] = [];
  readonly #cleanUps: (() => unknown)[] = [];
  readonly #notes = new Map<string, number>();

  constructor(
    readonly random: SeededRandom,
    readonly messages: number,
    totals: FaultTotals,
  ) {
    this.#verdicts = totals.verdicts;
    this.#notes = totals.notes;
  }

  async world(options: Omit<WorldOptions, 'random'> = {}): Promise<World> {
    const world = await World.start({ random: this.random, ...options });
    this.after(() => world.stop());
    return world;
  }

  /** Undone at the end, last first. */
  after(cleanUp: () => unknown): void {
    this.#cleanUps.push(cleanUp);
  }

  /** Adds to a figure in the fault's line. */
  note(what: string, count = 1): void {
    this.#notes.set(what, (this.#notes.get(what) ?? 0) + count);
  }

  /** The oracle's word counts, whatever the test expects beside it. */
  async finish(world: World, options?: Parameters<World['finish']>[0]): Promise<Verdict> {
    const verdict = await world.finish(options);
    this.#verdicts.push(verdict);
    expectSound(verdict);
    return verdict;
  }

  async cleanUp(): Promise<void> {
    for (const cleanUp of this.#cleanUps.splice(0).reverse()) await cleanUp();
  }
}

interface FaultTotals {
  readonly verdicts: Verdict[];
  readonly notes: Map<string, number>;
}

export function fault(name: string, sizes: { short: Size; long: Size }, run: (run: FaultRun) => Promise<void>): void {
  const { messages, rounds = 1 } = isLong ? sizes.long : sizes.short;
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9));
  const timeout = isLong ? LONG_TIMEOUT_MS : SHORT_TIMEOUT_MS;
  test(name, { timeout }, async () => {
    const totals: FaultTotals = { verdicts: [], notes: new Map() };
    const begun = performance.now();
    let passed = false;
    try {
      for (let round = 0; round < rounds; round++)
        await runRound(new FaultRun(new SeededRandom(seed + round), messages, totals), run);
      passed = true;
    } catch (error) {
      if (error instanceof Error)
        error.message = `${error.message}\nAgain with SEED=${seed}${isLong ? ' FAULTS=long' : ''}`;
      throw error;
    } finally {
      const seconds = Math.round(performance.now() - begun) / 1000;
      appendFileSync(inject('faultRows'), `${JSON.stringify(rowOf(name, seed, seconds, passed, totals))}\n`);
    }
  });
}

async function runRound(round: FaultRun, run: (run: FaultRun) => Promise<void>): Promise<void> {
  try {
    await run(round);
  } finally {
    await round.cleanUp();
  }
}

function rowOf(fault: string, seed: number, seconds: number, passed: boolean, totals: FaultTotals): FaultRow {
  const sum = (figure: 'acked' | 'received' | 'lost' | 'doubled' | 'outOfOrder') =>
    totals.verdicts.reduce((total, verdict) => total + verdict[figure], 0);
  return {
    ...{ fault, seed, acked: sum('acked'), received: sum('received') },
    ...{ lost: sum('lost'), doubled: sum('doubled'), outOfOrder: sum('outOfOrder') },
    ...{ seconds, passed, notes: [...totals.notes].map(([what, count]) => `${count} ${what}`).join(', ') },
  };
}

/** The value below which so many of a hundred lie. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor((percent / 100) * (sorted.length - 1))] ?? 0;
}
