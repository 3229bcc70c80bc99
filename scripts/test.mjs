/**
 * `npm test`: everything, from an empty checkout to one summary. `npm run check` (--quick) leaves out what needs a browser or
 * minutes. A step that fails fails the run, and the others run all the same; a missing browser is a failure, nothing is skipped.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { build, install, root } from './prepare.mjs';

const quick = process.argv.includes('--quick');
const started = Date.now();
const results = [];
/** What each failed test said, said again under the summary: of a long output the end is what is read. */
const failures = [];
const reports = mkdtempSync(join(tmpdir(), 'inlay-test-'));
process.on('exit', () => rmSync(reports, { recursive: true, force: true }));

function step(name, command, args) {
  const begun = Date.now();
  console.log(`\n── ${name}`);
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  const ok = !error && status === 0;
  results.push({ name, ok, seconds: (Date.now() - begun) / 1000 });
  return ok;
}

function tests(name, project) {
  const report = join(reports, `${project}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  if (step(name, bin('vitest'), ['run', '--project', project, ...reporters]) || !existsSync(report)) return;
  for (const file of JSON.parse(readFileSync(report, 'utf8')).testResults) {
    const failed = file.assertionResults.filter(({ status }) => status === 'failed');
    const path = relative(root, file.name);
    if (file.status === 'failed' && failed.length === 0) failures.push(`${path}\n${file.message}`);
    for (const { fullName, failureMessages } of failed)
      failures.push(`${path} › ${fullName}\n${failureMessages.join('\n')}`);
  }
}

function finish() {
  const failed = results.filter((result) => !result.ok).length;
  console.log('\n── summary');
  for (const { name, ok, seconds } of results)
    console.log(`${ok ? 'passed' : 'FAILED'}  ${name}  ${seconds.toFixed(1)} s`);
  console.log(`in ${Math.round((Date.now() - started) / 1000)} s`);
  for (const failure of failures) console.log(`\nFAILED  ${failure}`);
  console.log(`${results.length - failed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
}

const bin = (name) => join(root, 'node_modules/.bin', name);
const onPath = (name) => spawnSync('sh', ['-c', `command -v ${name}`]).status === 0;
const needed = [
  ['chromium', 'chromium', () => onPath(process.env.CHROMIUM ?? 'chromium')],
  ['firefox-esr', 'firefox-esr', () => onPath(process.env.FIREFOX ?? 'firefox-esr')],
  [
    'fonts-noto-cjk',
    'a font for Chinese (Noto Sans CJK)',
    () =>
      existsSync('/usr/share/fonts/opentype/noto') ||
      spawnSync('sh', ['-c', 'fc-list :lang=zh | grep -q .']).status === 0,
  ],
  ['openssl', 'openssl', () => onPath('openssl')],
  ['python3', 'python3', () => onPath('python3')],
];

/** Debian's packages, through apt when that may be done here; else one line that says what to do. */
function installBrowsers() {
  const missing = needed.filter(([, , there]) => !there());
  if (missing.length === 0) return;
  const packages = missing.map(([name]) => name);
  if (process.getuid?.() === 0 && onPath('apt-get')) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    spawnSync('apt-get', ['update', '-qq'], { stdio: 'inherit', env });
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env,
    });
  }
  const still = needed.filter(([, , there]) => !there());
  if (still.length) {
    console.error(
      `The browser tests need ${still.map(([, words]) => words).join(', ')}: apt-get install ${still.map(([name]) => name).join(' ')}`,
    );
    results.push({ name: 'browsers', ok: false, seconds: 0 });
    finish();
  }
}

install();
step('types', bin('tsc'), ['-p', '.']);
step('lint', bin('biome'), ['check', '--error-on-warnings', '.']);
tests('unit and layout', 'unit');
tests('contract', 'contract');
if (quick) {
  tests('flows', 'flows');
  finish();
}
installBrowsers();
const begun = Date.now();
build();
results.push({ name: 'build', ok: true, seconds: (Date.now() - begun) / 1000 });
step('byte budgets', bin('size-limit'), []);
tests('flows', 'flows');
tests('drills', 'drills');
tests('faults', 'faults');
tests('browser', 'browser');
finish();
