/**
 * Folds SQLite's log back into the file, in a thread of its own: in the writer's thread a checkpoint would stand between commits for
 * tens of milliseconds every few megabytes. A server that has little to write never starts the thread.
 *
 * Passive checkpoints run beside readers and writers, but a log that is written all the time never gets to its end and
 * only grows; past RESTART_BYTES it is cut, for which the writer waits a moment (it tries `begin` again, sqlite.ts).
 */
import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

const INTERVAL_MS = 250;
/** A log that has grown by so much is folded in. */
const PASSIVE_BYTES = 4 * 1024 * 1024;
const RESTART_BYTES = 64 * 1024 * 1024;

type Task = 'passive' | 'restart' | 'stop';

export class Checkpointer {
  readonly #timer: NodeJS.Timeout;
  #worker: Worker | undefined;
  #busy = false;
  #doneBytes = 0;

  constructor(private readonly file: string) {
    this.#timer = setInterval(() => this.#look(), INTERVAL_MS).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    const worker = this.#worker;
    if (!worker) return;
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    worker.postMessage('stop' satisfies Task);
    await ended;
  }

  #look(): void {
    if (this.#busy) return;
    const size = statSync(`${this.file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
    if (size < this.#doneBytes) this.#doneBytes = 0;
    if (size - this.#doneBytes < PASSIVE_BYTES) return;
    this.#busy = true;
    this.#doneBytes = size;
    this.#worker ??= this.#start();
    this.#worker.postMessage((size >= RESTART_BYTES ? 'restart' : 'passive') satisfies Task);
  }

  #start(): Worker {
    // A thread made from text has no place of its own from where it would find the driver.
    const driver = createRequire(import.meta.url).resolve('better-sqlite3');
    // From its text: a second file would have to be built, found, and run as TypeScript in tests.
    const worker = new Worker(`(${checkpoints})()`, { eval: true, workerData: { file: this.file, driver } });
    worker.on('message', () => {
      this.#busy = false;
    });
    // It ended by an error: the log keeps what is committed, and the next look begins anew.
    worker.on('error', () => {
      this.#busy = false;
      this.#worker = undefined;
    });
    worker.unref();
    return worker;
  }
}

/** Runs in the thread, and can use nothing that stands outside of it. */
function checkpoints(): void {
  const { parentPort, workerData } = require('node:worker_threads') as typeof import('node:worker_threads');
  const { file, driver } = workerData as { file: string; driver: string };
  const SQLite = require(driver) as typeof import('better-sqlite3');
  const database = new SQLite(file, { timeout: 1_000 });
  parentPort?.on('message', (task: Task) => {
    if (task === 'stop') {
      database.close();
      parentPort.close();
      return;
    }
    try {
      database.pragma('wal_checkpoint(PASSIVE)');
      if (task === 'restart') database.pragma('wal_checkpoint(TRUNCATE)');
    } catch {
      // A full or failing disk: the log keeps what is committed, and a later look tries again.
    }
    parentPort.postMessage('done');
  });
}
