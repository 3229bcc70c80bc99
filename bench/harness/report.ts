/** From figures to what is read: rows for machines, a Markdown table for results.md. */
import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { type Benchmark, type Figures, type Goal, loopDelay, type Metric } from './benchmark.ts';
import { mean } from './statistics.ts';

/** The baseline before and after differ by more than this: the machine was not quiet. */
const QUIET = 0.1;

export interface Row {
  readonly name: string;
  readonly metric: string;
  readonly unit: string;
  readonly value: number;
  /** The mean of the two measurements around ours; null when there is none. */
  readonly baseline: number | null;
  readonly ratio: number | null;
  readonly conditions: string;
  readonly baselines: readonly number[];
  readonly noisy: boolean;
  readonly digits: number;
  readonly least?: Verdict;
  readonly aim?: Verdict;
}
interface Verdict {
  readonly goal: string;
  readonly limit: number;
  readonly most: boolean;
  readonly met: boolean;
}

export function rowsOf(benchmark: Benchmark, value: Figures, around: readonly Figures[]): Row[] {
  return benchmark.metrics
    .filter(({ key }) => value[key] !== undefined)
    .map((metric) => {
      const row = rowOf(benchmark, metric, value[metric.key] ?? Number.NaN, numbers(around, metric.key));
      const delay = value[loopDelay.key];
      if (delay === undefined) return row;
      return { ...row, conditions: `${row.conditions}; ${loopDelay.metric} ${delay.toFixed(1)} ms` };
    });
}

const numbers = (around: readonly Figures[], key: string): number[] =>
  around.map((figures) => figures[key]).filter((value) => value !== undefined);

function rowOf({ name, conditions }: Benchmark, metric: Metric, value: number, baselines: readonly number[]): Row {
  const baseline = baselines.length > 0 ? mean(baselines) : null;
  const verdict = ({ text, most, limit: limitOf }: Goal): Verdict => {
    const limit = limitOf(baseline ?? Number.NaN);
    return { goal: text, limit, most, met: most ? value <= limit : value >= limit };
  };
  return {
    name,
    metric: metric.metric,
    unit: metric.unit,
    value,
    baseline,
    ratio: baseline ? value / baseline : null,
    conditions,
    baselines,
    noisy: baseline !== null && Math.max(...baselines) - Math.min(...baselines) > QUIET * baseline,
    digits: metric.digits,
    ...(metric.least && { least: verdict(metric.least) }),
    ...(metric.aim && { aim: verdict(metric.aim) }),
  };
}

export interface Run {
  readonly benchmarks: readonly Benchmark[];
  readonly rows: readonly Row[];
  readonly command: string;
  /** Load averages at the start. */
  readonly load: number;
  readonly seconds: number;
}

/** What results.md takes as it is. */
export function markdown({ benchmarks, rows, command, load, seconds }: Run): string {
  const conditions = benchmarks.map(({ name, conditions }) => `- ${name}: ${conditions}`);
  return [
    `## ${new Date().toISOString().slice(0, 10)}, commit ${commit()}`,
    '',
    `\`${command}\` on ${machine()}; load average ${load.toFixed(1)} at the start, ${seconds.toFixed(0)} s. B is the baseline of the row, measured before and after in the same run; a ratio is against their mean.`,
    '“noisy”: the two differ by more than 10 %.',
    '',
    '| benchmark | what | at least | aim | reached | B before, after | ratio | |',
    '|---|---|---|---|---|---|---|---|',
    ...rows.map(line),
    '',
    'Conditions:',
    '',
    ...conditions,
  ].join('\n');
}

function line(row: Row): string {
  const number = (value: number) => value.toFixed(row.digits);
  const said = (verdict: Verdict | undefined) => verdict?.goal ?? '';
  const cells = [
    row.name,
    row.metric,
    said(row.least),
    said(row.aim),
    `${number(row.value)} ${row.unit}`,
    row.baselines.map(number).join(', '),
    row.ratio === null ? '' : row.ratio.toFixed(2),
    [judged(row), row.noisy ? 'noisy' : ''].filter(Boolean).join(', '),
  ];
  return `| ${cells.join(' | ')} |`;
}

function judged({ least, aim }: Row): string {
  if (aim?.met) return 'aim';
  if (least) return least.met ? 'reached' : 'missed';
  return '';
}

function machine(): string {
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} cores of ${cpus()[0]?.model.trim()}, ${memory} GiB, Node ${process.version}`;
}

function commit(): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    const changed = git('status', '--porcelain', '--', 'server', 'protocol', 'bench') === '' ? '' : ' with changes';
    return git('rev-parse', '--short', 'HEAD') + changed;
  } catch {
    return 'unknown';
  }
}
