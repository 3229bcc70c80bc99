/** The server under test, seen from the process that leads the benchmark. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Figures, Side } from './benchmark.ts';
import { Child } from './child.ts';
import type { Agent, People, Person, Visitor, Wanted } from './people.ts';

export interface ServerStart {
  readonly side: Side;
  readonly dataDir: string;
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
}

/** Between `begin` and `end`. */
export interface Window {
  readonly cpuSeconds: number;
  readonly loopDelayP99Ms: number;
  readonly loopDelayMaxMs: number;
  readonly gcPauseP99Ms: number;
}

export function windowFigures({ loopDelayP99Ms, loopDelayMaxMs, gcPauseP99Ms }: Window): Figures {
  return { loopDelayP99Ms, loopDelayMaxMs, gcPauseP99Ms };
}

export interface ServerOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly port?: number;
  readonly execArgv?: readonly string[];
}

export class Server {
  private constructor(
    private readonly child: Child,
    readonly url: string,
  ) {}

  static async start(side: Side, dataDir: string, options: ServerOptions = {}): Promise<Server> {
    const profile = process.env.BENCH_PROFILE;
    const execArgv = profile && side === 'inlay' ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : [];
    const child = new Child('server-under-test', [...execArgv, ...(options.execArgv ?? [])]);
    const start: ServerStart = { side, dataDir, port: options.port ?? 0, env: options.env ?? {} };
    return new Server(child, await child.call<string>('start', start));
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  people(wanted: Wanted): Promise<People> {
    return this.child.call('people', wanted);
  }

  /** Up to which each of them is level. */
  revisions(visitors: readonly Visitor[]): Promise<number[]> {
    return this.child.call('revisions', visitors);
  }

  /** As after a sign-in. */
  async signedIn(agent: Person): Promise<Agent> {
    return { ...agent, cookie: await this.child.call<string>('cookie', agent) };
  }

  append(visitors: readonly Visitor[], count: number, text: string): Promise<void> {
    return this.child.call('append', { visitors, count, text });
  }

  begin(): Promise<void> {
    return this.child.call('begin');
  }

  end(): Promise<Window> {
    return this.child.call('end');
  }

  /** RSS in bytes after garbage was collected. */
  memory(): Promise<number> {
    return this.child.call('memory');
  }

  /** As an operator stops it. */
  async stop(): Promise<void> {
    await this.child.call('stop');
    await this.child.end();
  }

  kill(): Promise<void> {
    return this.child.kill();
  }
}

/** A folder of its own that is gone afterwards; a copy of `from`. */
export async function withFolder<T>(work: (folder: string) => Promise<T>, from?: string): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'inlay-bench-'));
  try {
    if (from !== undefined) cpSync(from, folder, { recursive: true });
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The load generator. */
export async function withLoad<T>(work: (load: Child) => Promise<T>): Promise<T> {
  const load = new Child('load');
  try {
    return await work(load);
  } finally {
    await load.kill();
  }
}
