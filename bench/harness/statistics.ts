export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** The value below which `share` of them lie; sorts what it is given. */
export function percentile(values: number[] | Float64Array, share: number): number {
  if (values instanceof Float64Array) values.sort();
  else values.sort((one, other) => one - other);
  return values[Math.min(values.length - 1, Math.ceil(share * values.length) - 1)] ?? Number.NaN;
}

/** 1 in normal runs; `--scale 0.1` makes a small one, for those who change a benchmark. */
const scale = Number(process.env.BENCH_SCALE ?? 1);
export const scaled = (count: number): number => Math.max(1, Math.round(count * scale));
