/**
 * Benchmarks, each beside a baseline of the same shape in the same run.
 *
 *     npm run bench                                all of them, with a table for results.md and a chart (bench/results.svg)
 *     npm run bench -- throughput idle             some
 *     npm run bench -- latency --json FILE         and the figures as [{ name, metric, unit, value, baseline, ratio, conditions }]
 *
 * BENCH_SCALE=0.1 makes counts and times a tenth, for those who change a benchmark: such figures say nothing.
 * BENCH_PROFILE=FOLDER leaves a CPU profile of the product's process there.
 */
import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { packageRoot } from '../server/paths.ts';
import { benchmarks } from './all.ts';
import type { Benchmark, Figures } from './harness/benchmark.ts';
import { chart } from './harness/chart.ts';
import { markdown, type Row, rowsOf } from './harness/report.ts';

const { values, positionals } = parseArgs({ options: { json: { type: 'string' } }, allowPositionals: true });
const unknown = positionals.find((name) => !benchmarks.some((benchmark) => benchmark.name === name));
if (unknown !== undefined) {
  console.error(`no benchmark ${unknown}; there are: ${benchmarks.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}
const all = positionals.length === 0;
const wanted = all ? benchmarks : benchmarks.filter(({ name }) => positionals.includes(name));

async function run(benchmark: Benchmark): Promise<Row[]> {
  const begun = performance.now();
  const measured: Figures[] = [];
  for (const side of ['baseline', 'inlay', 'baseline'] as const) {
    const figures = await benchmark.measure(side);
    measured.push(figures);
    console.error(
      `  ${side}: ${JSON.stringify(figures, (_, value) => (typeof value === 'number' ? round(value) : value))}`,
    );
  }
  const [before = {}, value = {}, after = {}] = measured;
  console.error(`  ${((performance.now() - begun) / 1_000).toFixed(0)} s`);
  return rowsOf(benchmark, value, [before, after]);
}

const round = (value: number): number => Number(value.toPrecision(4));

const rows: Row[] = [];
const failed: string[] = [];
const begun = performance.now();
const load = loadavg()[0] ?? 0;
console.error(`load average ${load.toFixed(1)} at the start; it should be below 1`);
for (const benchmark of wanted) {
  console.error(benchmark.name);
  try {
    rows.push(...(await run(benchmark)));
  } catch (error) {
    failed.push(benchmark.name);
    console.error(`${benchmark.name} failed:`, error);
  }
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`);
const command = `npm run bench${positionals.length > 0 ? ' --' : ''}${positionals.map((name) => ` ${name}`).join('')}`;
console.log(markdown({ benchmarks: wanted, rows, command, load, seconds: (performance.now() - begun) / 1_000 }));
if (all) writeFileSync(join(packageRoot(), 'bench/results.svg'), chart(rows));
process.exit(failed.length > 0 ? 1 : 0);
