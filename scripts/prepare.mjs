/**
 * Brings a checkout to the state that the sources describe, and does nothing where it is there already: installs the
 * dependencies when package-lock.json changed, and builds each target whose sources changed. Plain JavaScript without
 * dependencies, since it runs before there are any.
 *
 * What "changed" means: a hash over the contents of the files that go into a target, kept beside its output. Times of
 * files are not looked at: a checkout sets them anew.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

const shared = ['vite.config.ts', 'package-lock.json'];
/** What is built → what its output is made of. */
const targets = {
  loader: ['loader', 'protocol'],
  'loader-push': ['loader', 'protocol'],
  'service-worker': ['service-worker', 'protocol'],
  'push-worker': ['service-worker', 'protocol'],
  widget: ['widget', 'ui', 'client', 'protocol'],
  console: ['console', 'ui', 'client', 'protocol'],
  client: ['client', 'protocol', 'tsconfig.json', 'tsconfig.client.json'],
  server: ['server', 'demo', 'protocol'],
};
export const targetNames = Object.keys(targets);
/** Modes of vite.config.ts, in order, where it is not the one of the same name. */
const modes = { widget: ['widget', 'popup'] };
/** Where types go along, the configuration that makes them. */
const types = { client: 'tsconfig.client.json' };

function filesBelow(path) {
  const full = join(root, path);
  if (!existsSync(full)) return [];
  return readdirSync(full, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

function hashOf(paths) {
  const hash = createHash('sha256');
  for (const path of paths
    .flatMap((p) => (existsSync(join(root, p)) && !/\./.test(p) ? filesBelow(p) : [join(root, p)]))
    .sort()) {
    if (existsSync(path)) hash.update(path.slice(root.length)).update('\0').update(readFileSync(path)).update('\0');
  }
  return hash.digest('hex');
}

function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], ...options });
  if (result.error) throw result.error;
  if (result.status !== 0) {
    console.error(`${command} ${args.join(' ')} failed with ${result.status ?? result.signal}`);
    process.exit(result.status ?? 1);
  }
}

function unlessStamped(stamp, hash, work) {
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return false;
  rmSync(stamp, { force: true });
  work();
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, hash);
  return true;
}

/** Installs what package-lock.json names, if it is not what node_modules holds. */
export function install() {
  unlessStamped(join(root, 'node_modules/.inlay-installed'), hashOf(['package-lock.json']), () => {
    console.log('Installing the dependencies (a minute or two, once) …');
    run('npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error'], { shell: process.platform === 'win32' });
  });
}

/** Builds the given targets, each only if its sources changed. */
export function build(names = targetNames) {
  for (const name of names) {
    unlessStamped(join(root, 'dist', `.${name}`), hashOf([...shared, ...targets[name]]), () => {
      console.log(`Building ${name} …`);
      for (const mode of modes[name] ?? [name])
        run(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), 'build', '--mode', mode], {
          env: { ...process.env, NODE_ENV: 'production' },
        });
      if (types[name]) run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', types[name]]);
    });
  }
}
