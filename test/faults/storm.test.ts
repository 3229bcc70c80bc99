/**
 * Everybody misses messages, then the server is killed while all are connected, and all come back at once. All are complete again,
 * soon, and nobody stays away.
 */
import { expect } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { fault, isLong } from '../support/faults.ts';
import { LibraryClient } from '../support/simulation-library.ts';

const CLIENTS = isLong ? 2_500 : 150;
const LIBRARY_CLIENTS = isLong ? 100 : 20;
/** Whoever failed several times before waits for some seconds. */
const COMPLETE_MS = isLong ? 40_000 : 20_000;

fault('reconnect storm', { short: { messages: 2_500 }, long: { messages: 50_000, rounds: 2 } }, async (run) => {
  const world = await run.world({ tenants: 2 });
  const agents = world.tenants.map((tenant) => world.agent(tenant));
  const visitors = Array.from({ length: CLIENTS }, (_, index) =>
    world.visitor(world.tenants[index % 2] as (typeof world.tenants)[number], { pauseMs: [50, 500] }),
  );
  for (let index = 0; index < LIBRARY_CLIENTS; index++) {
    const client = await LibraryClient.start(world, run.random.pick(world.tenants), 'visitor');
    await client.begin();
  }
  await world.everybodyResumed();
  const library = world.participants as LibraryClient[];

  for (const visitor of visitors) visitor.leave();
  for (const { device } of library) device.network.cut();
  const missed = Math.round(run.messages / (CLIENTS + LIBRARY_CLIENTS));
  for (const { conversationId, log } of [...visitors, ...library]) {
    const agent = agents.find(({ tenantId }) => tenantId === log.tenantId);
    for (let index = 0; index < missed; index++) agent?.send(conversationId, agent.body());
  }
  await world.everythingAcked();
  // They are on their way back when the server dies.
  for (const visitor of visitors) visitor.return();
  for (const { device } of library) device.network.restore();
  await eventually('the first are back', () => visitors.filter(({ isResumed }) => isResumed).length > CLIENTS / 10);
  await world.child.kill9();
  await world.child.restart();
  const begun = performance.now();
  for (const { device } of library) device.client.wake();
  const lacking = () => [...visitors, ...library].filter((client) => client.completeTo(client.conversationId) < missed);
  await eventually(
    () => `all are complete, but ${lacking().map(({ name }) => name)}`,
    () => lacking().length === 0,
    COMPLETE_MS,
  );
  run.note('clients', CLIENTS + LIBRARY_CLIENTS);
  run.note('ms until all were complete', Math.round(performance.now() - begun));
  const verdict = await run.finish(world, { resources: false });
  expect(verdict.acked).toBe(verdict.sent);
});
