/**
 * The disk is full while everybody writes. A message that cannot be stored is refused with an error that says to try again,
 * and none is acknowledged that is not on the disk; reading goes on. When there is room again, writing goes on as well, in the
 * same process, and the file is whole.
 */
import { expect } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { fault } from '../support/faults.ts';
import { smallDisk } from '../support/full-disk.ts';
import { integrityOf, readByDoor } from '../support/simulation-store.ts';

fault('disk full', { short: { messages: 3_000 }, long: { messages: 12_000, rounds: 5 } }, async (run) => {
  const disk = await smallDisk(48);
  run.after(() => disk.remove());
  const world = await run.world({ dataDir: disk.dir });
  await world.populate(5, { window: 8 });
  const pid = world.child.pid();
  world.converse(run.messages);
  await world.reached(Math.round(run.messages * (0.2 + 0.4 * run.random.next())));

  await disk.fill(pid);
  // What is still written may find room in pages that the log has already.
  world.converse(900);
  await eventually('refusals', () => world.refusals > 30);
  run.note(`${disk.kind} filled`);

  expect(world.ackedButNotStored()).toEqual([]);
  const [tenant] = world.tenants;
  const read = await readByDoor(world.url, tenant?.tenantId ?? '', tenant?.cookie ?? '');
  expect(read.length).toBeGreaterThan(0);
  // All were told to try again, so nobody gave up.
  expect(world.clients.flatMap(({ rejected }) => rejected)).toEqual([]);
  run.note('refusals', world.refusals);

  await disk.free(pid);
  await world.everythingAcked();
  expect(world.child.pid()).toBe(pid);
  await run.finish(world);
  expect(integrityOf(world.dataDir)).toBe('ok');
});
