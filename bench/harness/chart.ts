/**
 * Every figure with a goal as a bar against that goal: it ends left of the line where the goal is reached, whether much or little is
 * good. On a scale of powers of two, since some are far from theirs. Readable on light and on dark ground.
 */
import type { Row } from './report.ts';

const WIDTH = 1_000;
const TOP = 64;
const ROW = 26;
const LABEL = 430;
const RIGHT = 150;
const PLOT = WIDTH - LABEL - RIGHT;
/** From an eighth of the goal's limit to four times it. */
const LOW = -3;
const HIGH = 2;

const style = `
text { font: 13px system-ui, sans-serif; fill: #24292f }
.title { font-size: 16px; font-weight: 600 }
.quiet { fill: #57606a; font-size: 12px }
.reached { fill: #1a7f5a } .missed { fill: #cf4a22 }
.line { stroke: #24292f; stroke-width: 1.5 } .aim { stroke: #57606a; stroke-width: 2 }
.grid { stroke: #d0d7de; stroke-width: 1 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .quiet { fill: #9198a1 }
  .reached { fill: #3fb68b } .missed { fill: #f0764f }
  .line { stroke: #e6edf3 } .aim { stroke: #9198a1 } .grid { stroke: #3d444d }
}`;

/** Below 1: better than the limit. */
const share = (limit: number, value: number, most: boolean): number => (most ? value / limit : limit / value);

function x(of: number): number {
  const at = Math.min(HIGH, Math.max(LOW, Math.log2(of)));
  return LABEL + ((at - LOW) / (HIGH - LOW)) * PLOT;
}

export function chart(rows: readonly Row[]): string {
  const shown = rows.filter(({ least }) => least !== undefined);
  const height = TOP + shown.length * ROW + 40;
  const bottom = height - 34;
  const steps = Array.from({ length: HIGH - LOW + 1 }, (_, at) => 2 ** (LOW + at));
  const grid = steps.map(
    (step) =>
      `<path class="${step === 1 ? 'line' : 'grid'}" d="M${x(step)} ${TOP - 8}V${bottom}"/>` +
      `<text class="quiet" x="${x(step)}" y="${height - 14}" text-anchor="middle">${step === 1 ? 'goal' : `${step} x`}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Benchmarks against their goals">`,
    `<style>${style}</style>`,
    '<text class="title" x="12" y="26">Benchmarks against their goals</text>',
    '<text class="quiet" x="12" y="44">Shorter is better; a bar left of the line has reached what is asked at least, the short mark is the aim.</text>',
    ...grid,
    ...shown.map((row, at) => bar(row, TOP + at * ROW)),
    '</svg>',
    '',
  ].join('\n');
}

function bar({ name, metric, value, unit, digits, least, aim, noisy }: Row, y: number): string {
  if (!least) return '';
  const end = x(share(least.limit, value, least.most));
  const mark = aim && x(share(least.limit, aim.limit, least.most));
  const told = `${value.toFixed(digits)} ${unit}${noisy ? ' (noisy)' : ''}`;
  return [
    `<text x="12" y="${y + 15}">${inXml(`${name}: ${metric}`)}</text>`,
    `<rect class="${least.met ? 'reached' : 'missed'}" x="${LABEL}" y="${y + 3}" width="${Math.max(2, end - LABEL).toFixed(1)}" height="${ROW - 10}" rx="3"/>`,
    mark === undefined ? '' : `<path class="aim" d="M${mark.toFixed(1)} ${y}v${ROW - 4}"/>`,
    `<text x="${WIDTH - RIGHT + 12}" y="${y + 15}">${inXml(told)}</text>`,
  ].join('');
}

const inXml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
