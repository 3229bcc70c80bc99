/**
 * The real server for tests, in two flavours:
 * - `startServer()` in this very process: quick, and a test can look into the domain and move the clock;
 * - `startChildServer()` as `npm start` runs it, in a process of its own that can be killed: for drills and browsers.
 *
 * Both have a directory of their own, free ports, and one tenant `demo` with an agent.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TenantId } from '../../protocol/ids.ts';
import { createApp } from '../../server/app.ts';
import { createAgent } from '../../server/domain/agents.ts';
import type { Domain } from '../../server/domain/domain.ts';
import { createTenant } from '../../server/domain/tenants.ts';
import { createLog } from '../../server/log.ts';
import { readSettings } from '../../server/settings.ts';
import { writeAssets } from './assets.ts';
import { newAgent } from './raw-client.ts';

const root = resolve(import.meta.dirname, '../..');
const READY_DEADLINE_MS = 60_000;

export interface Credentials {
  readonly account: string;
  readonly password: string;
}

export interface ServerOptions {
  /** Settings by their names in the environment; the test's own environment does not count. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default: a new directory, removed by stop(). */
  readonly dataDir?: string;
}

interface TestTenant {
  readonly tenantId: TenantId;
  readonly tenantSecret: string;
}

export interface TestServer extends TestTenant {
  /** The public origin. */
  readonly url: string;
  /** An origin from which the tenant's widget may be used. */
  readonly allowedOrigin: string;
  readonly agent: Credentials;
  readonly dataDir: string;
  readonly domain: Domain;
  /** Another tenant, with an agent `agent@<tenantId>.example`. */
  createTenant(tenantId: string): Promise<TestTenant & { readonly agent: Credentials }>;
  /** A connected agent of the first tenant. */
  newAgent(): ReturnType<typeof newAgent>;
  /** The server's clock is so many milliseconds ahead. */
  moveClock(ms: number): void;
  stop(): Promise<void>;
}

const ALLOWED_ORIGIN = 'https://host.example';
const PASSWORD = 'correct horse battery staple';

export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'inlay-server-')));
  const assetsDir = join(dataDir, 'assets');
  await writeAssets(assetsDir);
  let ahead = 0;
  const environment = { PORT: '0', DATA_DIR: dataDir, ASSETS_DIR: assetsDir, LOG_LEVEL: 'warn', ...options.env };
  const settings = readSettings(environment);
  const app = createApp(settings, { log: createLog(settings.logLevel), now: () => Date.now() + ahead });
  const { url, domain } = await app.start();
  const addTenant = (tenantId: string) => newTenant(domain, tenantId);
  const demo = await addTenant('demo');
  return {
    url,
    ...demo,
    allowedOrigin: ALLOWED_ORIGIN,
    dataDir,
    domain,
    createTenant: addTenant,
    newAgent: () => newAgent(url, demo.tenantId, demo.agent),
    moveClock(ms) {
      ahead = ms;
    },
    async stop() {
      await app.stop();
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function newTenant(domain: Domain, id: string): Promise<TestTenant & { agent: Credentials }> {
  const tenantId = id as TenantId;
  const { secret } = await createTenant(domain, {
    tenantId,
    name: `Shop ${id}`,
    accent: '#0a7d55',
    greeting: { 'en': 'Welcome!', 'zh-CN': '欢迎！' },
    allowedOrigins: [ALLOWED_ORIGIN],
  });
  const agent = { account: `agent@${id}.example`, password: PASSWORD };
  await createAgent(domain, { tenantId, name: 'Lin Yue', ...agent });
  return { tenantId, tenantSecret: secret, agent };
}

/** As `demo.json` has it. */
export interface Demo {
  readonly widgetUrl: string;
  readonly siteUrl: string;
  readonly formUrl: string;
  readonly miniProgramUrl: string;
  readonly entryUrl: string;
  readonly consoleUrl: string;
  readonly tenantId: string;
  readonly tenantSecret: string;
  readonly agent: Credentials;
}

export interface ChildServer {
  /** The widget's origin; the same after a restart. */
  readonly url: string;
  readonly tenantId: string;
  readonly tenantSecret: string;
  readonly agent: Credentials;
  readonly demo: Demo;
  readonly dataDir: string;
  /** Of the process that runs now. */
  pid(): number;
  /** All that it printed. */
  output(): string;
  /** SIGKILL; resolves when the process is gone. */
  kill9(): Promise<void>;
  /** Starts it again on the same data and ports. */
  restart(): Promise<void>;
  /** SIGTERM; resolves with the exit code, and removes the data. */
  stop(): Promise<number | null>;
}

/** Builds the server when it is stale; the pages must have been built (`npm run build`) where they are needed. */
export async function startChildServer(options: ServerOptions = {}): Promise<ChildServer> {
  execFileSync(process.execPath, [join(root, 'scripts/build.mjs'), 'server'], { stdio: 'pipe' });
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'inlay-child-')));
  const environment = { LOG_LEVEL: 'warn', ...options.env, DATA_DIR: dataDir };
  let running = await runChild({ PORT: '0', ...environment });
  const demo = JSON.parse(await readFile(join(dataDir, 'demo.json'), 'utf8')) as Demo;
  const ports = { PORT: portOf(demo.widgetUrl), DEMO_PORT: portOf(demo.siteUrl) };
  return {
    url: demo.widgetUrl,
    tenantId: demo.tenantId,
    tenantSecret: demo.tenantSecret,
    agent: demo.agent,
    demo,
    dataDir,
    pid: () => running.pid,
    output: () => running.output(),
    async kill9() {
      await running.end('SIGKILL');
    },
    async restart() {
      running = await runChild({ ...environment, ...ports });
    },
    async stop() {
      const code = await running.end('SIGTERM');
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
      return code;
    },
  };
}

interface RunningChild {
  readonly pid: number;
  output(): string;
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null>;
}

async function runChild(environment: Record<string, string>): Promise<RunningChild> {
  const child = spawn(process.execPath, [join(root, 'dist/server/start.js')], {
    cwd: root,
    env: { PATH: process.env.PATH ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const collect = (chunk: Buffer) => {
    output += chunk.toString();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  await untilReady(child, () => output);
  return {
    pid: child.pid ?? 0,
    output: () => output,
    async end(signal) {
      child.kill(signal);
      return ended;
    },
  };
}

/** start.js prints its addresses when all stands. */
function untilReady(child: ChildProcess, output: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      child.kill('SIGKILL');
      reject(new Error(`the server ${why}:\n${output()}`));
    };
    const timer = setTimeout(() => fail(`was not ready in ${READY_DEADLINE_MS} ms`), READY_DEADLINE_MS);
    const onExit = () => fail('ended');
    child.once('exit', onExit);
    child.stdout?.on('data', () => {
      if (!output().includes('Inlay is running')) return;
      clearTimeout(timer);
      child.off('exit', onExit);
      resolve();
    });
  });
}

function portOf(url: string): string {
  return new URL(url).port;
}
