/**
 * The server's clock jumps by hours, forth and back, while everybody writes; devices have clocks that are wrong by years. Order and
 * completeness hang on numbers only, so nothing is lost or out of place, tokens hold, and nobody has to sign in again.
 */
import { afterEach, expect, vi } from 'vitest';
import { fault } from '../support/faults.ts';
import { LibraryClient } from '../support/simulation-library.ts';

const HOUR_MS = 3_600_000;
const JUMPS = [HOUR_MS, -HOUR_MS, -600_000, 4 * HOUR_MS, 0, 30_000, -30_000];
/** What the devices' clocks are ahead. */
const DEVICES_AHEAD_MS = [-3 * 365 * 24 * HOUR_MS, 7 * 24 * HOUR_MS];

afterEach(() => vi.restoreAllMocks());

fault('clock skew', { short: { messages: 5_000 }, long: { messages: 25_000, rounds: 2 } }, async (run) => {
  // Of the round before.
  vi.restoreAllMocks();
  const world = await run.world({ tenants: 2, inside: true });
  // Date is the devices'; the server's is put right by as much.
  const ahead = run.random.pick(DEVICES_AHEAD_MS);
  const now = Date.now;
  vi.spyOn(Date, 'now').mockImplementation(() => now() + ahead);
  world.inside.moveClock(-ahead);
  await world.populate(4);
  for (const tenant of world.tenants) await (await LibraryClient.start(world, tenant, 'visitor')).begin();
  const library = world.participants as LibraryClient[];
  const steps = 20;
  for (let step = 1; step <= steps; step++) {
    world.converse(Math.round(run.messages / steps));
    for (const client of library) client.write();
    await world.reached(Math.round((run.messages / steps) * (step - 0.5)));
    world.inside.moveClock(run.random.pick(JUMPS) - ahead);
    run.note('jumps of the server’s clock');
    // Whoever comes back now has a token of another time.
    for (const client of world.clients) if (run.random.chance(0.2)) client.cut();
  }
  const verdict = await run.finish(world);
  expect(verdict.acked).toBe(verdict.sent);
});
