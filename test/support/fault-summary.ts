/** Runs once around all fault tests: collects their rows, and prints them when all are through. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import type { FaultRow } from './faults.ts';

export default function summarise(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'inlay-faults-'));
  const path = join(folder, 'rows');
  writeFileSync(path, '');
  project.provide('faultRows', path);
  return () => {
    const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
    const rows = lines.map((line) => JSON.parse(line) as FaultRow);
    rmSync(folder, { recursive: true, force: true });
    if (rows.length === 0) return;
    process.stdout.write(`\n${tableOf(rows)}\n`);
    if (process.env.FAULTS_JSON) writeFileSync(process.env.FAULTS_JSON, `${JSON.stringify(rows, null, 2)}\n`);
  };
}

function tableOf(rows: readonly FaultRow[]): string {
  const total = (figure: 'acked' | 'received' | 'lost' | 'doubled' | 'outOfOrder' | 'seconds') =>
    rows.reduce((sum, row) => sum + row[figure], 0);
  const cells = (...values: (string | number)[]) => `| ${values.join(' | ')} |`;
  const count = (value: number) => value.toLocaleString('en');
  const figures = [
    ...rows.map(({ fault, seed, acked, received, lost, doubled, outOfOrder, seconds, passed, notes }) =>
      cells(
        ...[passed ? fault : `${fault} (FAILED)`, seed, count(acked), count(received)],
        ...[lost, doubled, outOfOrder, seconds.toFixed(1), notes],
      ),
    ),
    cells(
      ...['**all**', '', count(total('acked')), count(total('received'))],
      ...[total('lost'), total('doubled'), total('outOfOrder'), total('seconds').toFixed(1), ''],
    ),
  ];
  return [
    cells('fault', 'seed', 'acked', 'deliveries checked', 'lost', 'doubled', 'out of order', 'seconds', 'seen'),
    cells(...Array.from({ length: 9 }, () => '---')),
    ...figures,
  ].join('\n');
}
