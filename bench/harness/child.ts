/** A process of its own that answers commands: the server under test and the load generator must not share a CPU second. */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';

interface Call {
  readonly id: number;
  readonly command: string;
  readonly input: unknown;
}
interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

export class Child {
  readonly #process: ChildProcess;
  readonly #open = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  readonly exited: Promise<void>;
  #id = 0;

  /** `module`: a file of the built benchmarks, without its ending. */
  constructor(module: string, execArgv: readonly string[] = []) {
    this.#process = fork(join(import.meta.dirname, `${module}.js`), [], {
      execArgv: [...process.execArgv, '--expose-gc', ...execArgv],
      serialization: 'advanced',
    });
    this.#process.on('message', ({ id, result, error }: Answer) => {
      const call = this.#open.get(id);
      this.#open.delete(id);
      if (error === undefined) call?.resolve(result);
      else call?.reject(new Error(`${module}: ${error}`));
    });
    this.exited = new Promise((resolve) => this.#process.once('exit', () => resolve()));
    void this.exited.then(() => {
      for (const { reject } of this.#open.values()) reject(new Error(`${module} ended`));
    });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  call<Result>(command: string, input?: unknown): Promise<Result> {
    this.#id += 1;
    const id = this.#id;
    return new Promise<Result>((resolve, reject) => {
      this.#open.set(id, { resolve: resolve as (result: unknown) => void, reject });
      this.#process.send({ id, command, input } satisfies Call);
    });
  }

  /** Lets it end by itself: a profile is written then. */
  async end(): Promise<void> {
    this.#process.disconnect();
    await this.exited;
  }

  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.exited;
  }
}

export type Commands = Readonly<Record<string, (input: never) => unknown>>;

/** In the child: answers commands until the parent goes. */
export function answer(commands: Commands): void {
  process.on('message', async ({ id, command, input }: Call) => {
    try {
      const run = commands[command];
      if (!run) throw new Error(`no command ${command}`);
      process.send?.({ id, result: await run(input as never) } satisfies Answer);
    } catch (error) {
      const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
      process.send?.({ id, error: told } satisfies Answer);
    }
  });
  process.on('disconnect', () => process.exit());
}
