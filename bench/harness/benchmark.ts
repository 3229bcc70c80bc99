/**
 * What a benchmark is. Each is measured three times: the baseline, ours, the baseline again; each time with processes of its own
 * (main.ts starts nothing itself, the server and the load generator are children). A ratio is against the mean of the two baselines,
 * and where these differ by more than a tenth the machine was not quiet and the row says so.
 */
import type { Commands } from './child.ts';

export type Side = 'baseline' | 'inlay';

export interface Goal {
  readonly text: string;
  /** The limit is the most that is good, else the least. */
  readonly most: boolean;
  limit(baseline: number): number;
}
const withUnit = (limit: number, unit: string): string => `${limit}${unit && ` ${unit}`}`;

export const atMost = (limit: number, unit = ''): Goal => ({
  text: `<= ${withUnit(limit, unit)}`,
  most: true,
  limit: () => limit,
});
export const atLeast = (limit: number, unit = ''): Goal => ({
  text: `>= ${withUnit(limit, unit)}`,
  most: false,
  limit: () => limit,
});
export const atMostTimes = (factor: number): Goal => ({
  text: `<= ${factor} x B`,
  most: true,
  limit: (baseline) => factor * baseline,
});
export const atLeastTimes = (factor: number): Goal => ({
  text: `>= ${Math.round(factor * 100)} % of B`,
  most: false,
  limit: (baseline) => factor * baseline,
});
export const atMostPlus = (more: number, unit: string): Goal => ({
  text: `<= B + ${withUnit(more, unit)}`,
  most: true,
  limit: (baseline) => baseline + more,
});

export interface Metric {
  /** As in `figures`. */
  readonly key: string;
  readonly metric: string;
  readonly unit: string;
  readonly digits: number;
  readonly least?: Goal;
  readonly aim?: Goal;
}

export type Figures = Readonly<Record<string, number>>;

export interface Benchmark {
  readonly name: string;
  /** What is measured, for the chart and the table. */
  readonly title: string;
  readonly conditions: string;
  readonly metrics: readonly Metric[];
  measure(side: Side): Promise<Figures>;
  /** What the load generator does for it, by name. */
  readonly load?: Commands;
}

/** Of every benchmark with a server. */
export const loopDelay: Metric = {
  key: 'loopDelayP99Ms',
  metric: 'event-loop delay p99',
  unit: 'ms',
  digits: 1,
  least: atMost(50, 'ms'),
  aim: atMost(20, 'ms'),
};
