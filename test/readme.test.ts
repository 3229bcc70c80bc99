/** What the README promises about settings and pictures is what there is. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { settingsTable } from '../server/settings.ts';

const root = resolve(import.meta.dirname, '..');
const read = (name: string) => readFileSync(join(root, name), 'utf8');

function shown(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (Array.isArray(value)) return value.join(',');
  return value === -1 ? '' : String(value);
}

test('the README lists each setting with its default, its unit and what it is for', () => {
  const table = [
    '| setting | default | unit | |',
    '|---|---|---|---|',
    ...Object.values(settingsTable).map(
      (row) => `| \`${row.env}\` | ${shown(row.default)} | ${row.unit} | ${row.doc} |`,
    ),
  ].join('\n');
  const between = /<!-- settings -->\n([\s\S]*?)\n<!-- \/settings -->/.exec(read('README.md'))?.[1];
  expect(between).toBe(table);
});

test('the Chinese README names only settings that exist, with their defaults', () => {
  const rows = [...read('README.zh-CN.md').matchAll(/^\| `([A-Z_]+)` \| ([^|]*) \|/gm)];
  expect(rows.length).toBeGreaterThan(0);
  for (const [, env, value] of rows) {
    const row = Object.values(settingsTable).find((candidate) => candidate.env === env);
    expect(row, env).toBeDefined();
    if (env !== 'PUBLIC_URL' && env !== 'TRUST_PROXY') expect(value?.replaceAll('`', '')).toBe(shown(row?.default));
  }
});

test.each(['README.md', 'README.zh-CN.md', 'ARCHITECTURE.md', 'protocol/README.md'])(
  '%s links to files that exist',
  (name) => {
    const folder = name.includes('/') ? join(root, 'protocol') : root;
    const links = [...read(name).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map((match) => match[1] ?? '');
    expect(links.filter((link) => !existsSync(join(folder, link)))).toEqual([]);
  },
);

test('ARCHITECTURE.md can be read in one sitting', () => {
  expect(read('ARCHITECTURE.md').split('\n').length).toBeLessThanOrEqual(200);
});
