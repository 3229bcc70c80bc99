/**
 * Folds SQLite's log back into the file, in a thread of its own: in the writer's thread a checkpoint would stand between commits for
 * tens of milliseconds every few megabytes. A server that has little to write never starts the thread.
 *
 * A checkpoint runs beside readers and writers. But the log of a writer that never pauses is never folded in to its end and only
 * grows, so past RESTART_PAGES the writer waits (`turn`) while the thread folds in the little that came meanwhile; the log then
 * begins anew, in a file whose pages are in memory already. The thread begins that only when it is told that the writer waits:
 * it locks the database, and a writer that runs into the lock would pause for much longer than it is held.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

const INTERVAL_MS = 250;
/** So many pages (of 4 KiB) that are not folded in yet are. */
const PASSIVE_PAGES = 1_000;
/** A log as long as this begins anew. */
const RESTART_PAGES = 4_000;

/** In numbers of 32 bits, of the machine's own byte order. */
const MX_FRAME = 16 / 4;
const BACKFILLED = 96 / 4;
const HEADER_BYTES = 136;

type Task = 'passive' | 'restart' | 'stop';

export class Checkpointer {
  readonly #timer: NodeJS.Timeout;
  #worker: Worker | undefined;
  /** The descriptor of the log's index. */
  #index: number | undefined;
  readonly #header = new Uint32Array(HEADER_BYTES / 4);
  #busy = false;
  #turn: Promise<void> | undefined;
  #endTurn = () => {};

  constructor(
    private readonly file: string,
    private readonly onError: (error: unknown) => void,
  ) {
    this.#timer = setInterval(() => this.#look(), INTERVAL_MS).unref();
  }

  /** The writer begins when it resolves; nothing to wait for: undefined. */
  get turn(): Promise<void> | undefined {
    return this.#turn;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    const worker = this.#worker;
    this.#worker = undefined;
    if (!worker) return;
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    // Whoever stops waits for it, maybe as the last thing that the process does.
    worker.ref();
    worker.postMessage('stop' satisfies Task);
    await ended;
  }

  /** After the last connection was closed, and not before. */
  release(): void {
    if (this.#index !== undefined) closeSync(this.#index);
  }

  #look(): void {
    if (this.#busy) return;
    const { pages, folded } = this.#length();
    if (pages - folded < PASSIVE_PAGES) return;
    this.#busy = true;
    this.#worker ??= this.#start();
    // A writer may come to wait for its answer.
    this.#worker.ref();
    this.#worker.postMessage('passive' satisfies Task);
  }

  /**
   * As SQLite keeps it for its connections: https://sqlite.org/walformat.html, "WAL-Index File Format".
   *
   * The file is opened once and closed when no connection is left: closing any descriptor of a file takes away the locks that
   * SQLite holds on it in this process (https://sqlite.org/howtocorrupt.html, "POSIX advisory locks").
   */
  #length(): { readonly pages: number; readonly folded: number } {
    try {
      this.#index ??= openSync(`${this.file}-shm`, 'r');
    } catch {
      // Not there before the first write.
      return { pages: 0, folded: 0 };
    }
    readSync(this.#index, this.#header, 0, HEADER_BYTES, 0);
    return { pages: this.#header[MX_FRAME] ?? 0, folded: this.#header[BACKFILLED] ?? 0 };
  }

  #onDone(task: Task): void {
    const worker = this.#worker;
    if (worker && task === 'passive' && this.#length().pages >= RESTART_PAGES) {
      this.#turn = new Promise((resolve) => {
        this.#endTurn = resolve;
      });
      worker.postMessage('restart' satisfies Task);
      return;
    }
    worker?.unref();
    this.#busy = false;
    this.#turn = undefined;
    this.#endTurn();
  }

  #start(): Worker {
    // A thread made from text has no place of its own from where it would find the driver.
    const driver = createRequire(import.meta.url).resolve('better-sqlite3');
    // From its text: a second file would have to be built, found, and run as TypeScript in tests.
    const worker = new Worker(`(${checkpoints})()`, { eval: true, workerData: { file: this.file, driver } });
    worker.on('message', (task: Task) => this.#onDone(task));
    worker.on('error', this.onError);
    // The log keeps what is committed, and the next look begins anew.
    worker.on('exit', () => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      this.#onDone('stop');
    });
    return worker;
  }
}

/** Runs in the thread, and can use nothing that stands outside of it, nor what a bundler would put there (`require`). */
function checkpoints(): void {
  const { parentPort, workerData } = process.getBuiltinModule('node:worker_threads');
  const { file, driver } = workerData as { file: string; driver: string };
  const SQLite = process.getBuiltinModule('node:module').createRequire(driver)(
    driver,
  ) as typeof import('better-sqlite3');
  const database = new SQLite(file, { timeout: 1_000 });
  parentPort?.on('message', (task: Task) => {
    if (task === 'stop') {
      database.close();
      parentPort?.close();
      return;
    }
    try {
      database.pragma(`wal_checkpoint(${task})`);
    } catch {
      // A full or failing disk: the log keeps what is committed, and a later look tries again.
    }
    parentPort?.postMessage(task);
  });
}
