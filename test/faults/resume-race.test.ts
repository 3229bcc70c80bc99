/**
 * Messages flow without a pause while clients come back, catch up in small pages, and are cut in each of these steps. What falls
 * between a list and the first live event is the classic loss; here every client must end with everything.
 */
import { expect } from 'vitest';
import { fault, isLong } from '../support/faults.ts';
import type { SimulatedClient, Step } from '../support/simulation-client.ts';
import { LibraryClient } from '../support/simulation-library.ts';

const RESUMERS = isLong ? 24 : 8;
const LIBRARY_CLIENTS = isLong ? 8 : 3;

fault('resume window race', { short: { messages: 4_000 }, long: { messages: 30_000, rounds: 3 } }, async (run) => {
  const world = await run.world({ tenants: 2 });
  await world.populate(3);
  const writers = [...world.clients];
  const cuts = new Map<Step, number>();
  let isCutting = true;
  const onStep = (step: Step, client: SimulatedClient) => {
    if (!isCutting || !run.random.chance(0.3)) return;
    cuts.set(step, (cuts.get(step) ?? 0) + 1);
    client.cut();
  };
  const options = { onStep, pageLimit: 5, pauseMs: [5, 30] as const };
  const firsts = world.visitors.filter(({ log }) => !log.name.startsWith('device'));
  const resumers = Array.from({ length: RESUMERS }, (_, index) =>
    index % 4 === 0
      ? world.agent(world.tenants[(index / 4) % 2] as (typeof world.tenants)[number], options)
      : world.device(run.random.pick(firsts), options),
  );
  const library: LibraryClient[] = [];
  for (let index = 0; index < LIBRARY_CLIENTS; index++) {
    const client = await LibraryClient.start(world, run.random.pick(world.tenants), 'visitor');
    await client.begin();
    library.push(client);
  }
  const agents = writers.filter(({ log }) => log.sees === 'tenant');
  const steps = isLong ? 100 : 20;
  for (let step = 1; step <= steps; step++) {
    world.converse(Math.round((run.messages / steps) * 0.8), writers);
    for (const client of library) {
      const agent = agents.find(({ tenantId }) => tenantId === client.log.tenantId);
      const count = Math.round((run.messages / steps) * (0.2 / LIBRARY_CLIENTS));
      for (let index = 0; index < count; index++) agent?.send(client.conversationId, agent.body());
    }
    await world.reached(Math.round((run.messages / steps) * (step - 0.5)));
    for (const resumer of resumers) if (resumer.isResumed && run.random.chance(0.5)) resumer.cut();
    for (const { device } of library) {
      if (run.random.chance(0.5)) {
        device.network.cut();
        device.network.restore();
      }
      device.client.wake();
    }
  }
  isCutting = false;
  for (const { device } of library) device.client.wake();
  const verdict = await run.finish(world);
  expect(verdict.acked).toBe(verdict.sent);
  for (const step of ['opened', 'welcomed', 'listed', 'paged', 'resumed'] as const)
    expect(cuts.get(step), step).toBeGreaterThan(0);
  run.note(
    'connections of resumers',
    resumers.reduce((sum, { closes }) => sum + closes.length, 0),
  );
});
