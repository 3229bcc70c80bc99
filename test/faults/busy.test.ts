/**
 * Another process (a backup, somebody at a prompt) holds the write lock of the database, sometimes for less than the server waits for
 * it, sometimes for longer. Nothing is acknowledged while it does; what was refused may be tried again; and all goes on when it
 * lets go.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'vitest';
import { fault, isLong } from '../support/faults.ts';
import { databaseOf } from '../support/simulation-store.ts';

/** The server gives up after 5 seconds. */
const BELOW_MS = 1_000;
const BEYOND_MS = 6_000;

const HOLDER = `
  const database = new (require('better-sqlite3'))(process.argv[1], { timeout: 60000 });
  database.exec('begin immediate');
  console.log('held');
  process.stdin.once('data', () => { database.exec('rollback'); database.close(); process.exit(0); });
`;

/** Resolves when the lock is held. */
async function hold(dataDir: string): Promise<ChildProcess> {
  const holder = spawn(process.execPath, ['-e', HOLDER, databaseOf(dataDir)], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(holder.stdout, 'data');
  return holder;
}

fault('database busy', { short: { messages: 4_000 }, long: { messages: 10_000, rounds: 4 } }, async (run) => {
  const world = await run.world();
  await world.populate(5);
  const pauses = isLong ? [BELOW_MS, BEYOND_MS, BELOW_MS, BEYOND_MS] : [BELOW_MS, BEYOND_MS];
  for (const [index, pauseMs] of pauses.entries()) {
    const share = Math.round(run.messages / pauses.length);
    world.converse(share);
    await world.reached(Math.round(share * (index + run.random.next() * 0.7)));
    const holder = await hold(world.dataDir);
    run.after(() => holder.kill('SIGKILL'));
    await wait(pauseMs);
    expect(world.ackedButNotStored()).toEqual([]);
    holder.stdin?.write('enough');
    await once(holder, 'exit');
    run.note(`hold of ${pauseMs} ms`);
    await world.everythingAcked();
  }
  expect(world.clients.flatMap(({ rejected }) => rejected)).toEqual([]);
  run.note('refusals', world.refusals);
  await run.finish(world);
});
