/**
 * Keeps the shape that ARCHITECTURE.md draws: imports point one way, there are no cycles, files stay small, and names say
 * what is inside. It reads the import statements as text; that is exact enough for a code base with explicit extensions.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const areas = [
  'protocol',
  'client',
  'ui',
  'widget',
  'loader',
  'service-worker',
  'console',
  'server',
  'demo',
  'test',
  'bench',
];
const MAX_LINES = 600;

interface Import {
  readonly path: string;
  readonly typeOnly: boolean;
}

const files = areas.flatMap((area) => below(join(root, area))).map((path) => relative(root, path));
const code = files.filter((path) => /\.tsx?$/.test(path));
const product = code.filter(
  (path) => !path.startsWith('test/') && !path.startsWith('bench/') && !/\.test\.tsx?$/.test(path),
);
const imports = new Map(code.map((path) => [path, importsOf(path)]));

function below(folder: string): string[] {
  if (!statSync(folder, { throwIfNoEntry: false })) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? below(join(folder, entry.name)) : [join(folder, entry.name)],
  );
}

function importsOf(path: string): Import[] {
  const text = readFileSync(join(root, path), 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const found = [...text.matchAll(/(?:^|\n)\s*(import|export)\s+(type\s)?[^;'"]*?\bfrom\s+['"](\.[^'"]+)['"]/g)].map(
    (match) => ({
      target: match[3] ?? '',
      typeOnly: match[2] !== undefined,
    }),
  );
  const bare = [...text.matchAll(/\bimport\s*\(?\s*['"](\.[^'"]+)['"]/g)].map((match) => ({
    target: match[1] ?? '',
    typeOnly: false,
  }));
  return [...found, ...bare].map(({ target, typeOnly }) => ({
    path: relative(root, resolve(root, dirname(path), target)),
    typeOnly,
  }));
}

const areaOf = (path: string) => path.split('/')[0] ?? '';

/** Which areas an area may import, beside itself. */
const allowed: Record<string, readonly string[]> = {
  protocol: [],
  client: ['protocol'],
  ui: ['client', 'protocol'],
  widget: ['ui', 'client', 'protocol'],
  console: ['ui', 'client', 'protocol'],
  loader: ['protocol'],
  'service-worker': ['protocol'],
  server: ['protocol'],
  demo: ['server'],
};

test('imports point one way', () => {
  const wrong = product.flatMap((path) =>
    (imports.get(path) ?? [])
      .filter(
        (target) =>
          areaOf(target.path) !== areaOf(path) && !(allowed[areaOf(path)] ?? []).includes(areaOf(target.path)),
      )
      .map((target) => `${path} → ${target.path}`),
  );
  expect(wrong).toEqual([]);
});

test('loader and service worker take one file of the protocol each', () => {
  const taken = (area: string) => [
    ...new Set(
      product
        .filter((path) => areaOf(path) === area)
        .flatMap((path) => imports.get(path) ?? [])
        .filter((target) => areaOf(target.path) === 'protocol')
        .map((target) => target.path),
    ),
  ];
  expect(taken('loader')).toEqual(['protocol/embed.ts']);
  expect(taken('service-worker')).toEqual(['protocol/push.ts']);
});

test('in the server, doors call the domain, the domain calls interfaces, and only app.ts names backends', () => {
  const doors = /^server\/(gateway|http|workers)\//;
  const interfaces = [
    'server/store/store.ts',
    'server/bus/bus.ts',
    'server/blobs/blobs.ts',
    'server/push/push.ts',
    'server/settings.ts',
    'server/log.ts',
  ];
  const backends = /^server\/(store|bus|blobs|push)\//;
  const wrong: string[] = [];
  for (const path of product.filter((file) => file.startsWith('server/'))) {
    for (const target of imports.get(path) ?? []) {
      const inward = path.startsWith('server/domain/') && doors.test(target.path);
      const concrete =
        backends.test(target.path) &&
        !interfaces.includes(target.path) &&
        !backends.test(path) &&
        path !== 'server/app.ts' &&
        !target.typeOnly;
      if (inward || concrete) wrong.push(`${path} → ${target.path}`);
    }
  }
  expect(wrong).toEqual([]);
});

test('TypeBox reaches no browser', () => {
  const browserAreas = ['client', 'ui', 'widget', 'console', 'loader', 'service-worker'];
  const free = [
    'protocol/errors.ts',
    'protocol/version.ts',
    'protocol/limits.ts',
    'protocol/embed.ts',
    'protocol/ids.ts',
  ];
  const wrong = product
    .filter((path) => browserAreas.includes(areaOf(path)))
    .flatMap((path) =>
      (imports.get(path) ?? [])
        .filter((target) => areaOf(target.path) === 'protocol' && !target.typeOnly && !free.includes(target.path))
        .map((target) => `${path} → ${target.path}`),
    );
  expect(wrong).toEqual([]);
});

test('there are no cycles', () => {
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) cycles.push([...trail.slice(at), path].join(' → '));
    if (at >= 0 || done.has(path)) return;
    for (const target of imports.get(path) ?? []) if (!target.typeOnly) visit(target.path, [...trail, path]);
    done.add(path);
  };
  for (const path of code) visit(path, []);
  expect(cycles).toEqual([]);
});

test('each import leads to a file', () => {
  const missing = code.flatMap((path) =>
    (imports.get(path) ?? [])
      .filter((target) => !statSync(join(root, target.path), { throwIfNoEntry: false })?.isFile())
      .map((target) => `${path} → ${target.path}`),
  );
  expect(missing.filter((line) => !line.includes('dist/'))).toEqual([]);
});

test(`no file has more than ${MAX_LINES} lines`, () => {
  const long = files
    .filter((path) => /\.(tsx?|css|mjs)$/.test(path))
    .filter((path) => readFileSync(join(root, path), 'utf8').split('\n').length > MAX_LINES + 1);
  expect(long).toEqual([]);
});

test('files are named after what is inside, in kebab-case', () => {
  const names = code.map((path) => path.split('/').at(-1) ?? '');
  expect(names.filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.test)?\.tsx?$/.test(name) && name !== 'zh-CN.ts')).toEqual(
    [],
  );
  expect(names.filter((name) => /^(utils?|helpers?|common|misc|index)\./.test(name))).toEqual([]);
});

test('colours and durations are named in ui/theme.css and nowhere else in the style sheets of widget and console', () => {
  const styles = files.filter((path) => /^(ui|widget|console)\/.*\.css$/.test(path) && path !== 'ui/theme.css');
  const wrong = styles.flatMap((path) =>
    [
      ...readFileSync(join(root, path), 'utf8').matchAll(
        /^.*(#[0-9a-f]{3,8}\b|\brgba?\(|\bhsl\(|\boklch\(|\b\d+m?s\b).*$/gim,
      ),
    ].map((match) => `${path}: ${match[0].trim()}`),
  );
  expect(wrong).toEqual([]);
});
