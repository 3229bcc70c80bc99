/**
 * SIGTERM under load, as at a deployment, and a start on the same data, several times. What is under way is acknowledged or
 * left to be sent again, everybody is told to come back (4000), the process ends with 0, and nobody is without service for long.
 */
import { expect } from 'vitest';
import { fault } from '../support/faults.ts';

const BACK_MS = 5_000;
const SERVER_SHUTDOWN = 4000;

fault('graceful restart', { short: { messages: 5_000 }, long: { messages: 30_000, rounds: 4 } }, async (run) => {
  const world = await run.world();
  await world.populate(6);
  const restarts = Math.max(3, Math.round(run.messages / 3_000));
  world.converse(run.messages);
  for (let restart = 1; restart <= restarts; restart++) {
    await world.reached(Math.round((run.messages / (restarts + 1)) * (restart - run.random.next() * 0.8)));
    const connected = world.clients.filter(({ isResumed }) => isResumed);
    const closes = connected.map((client) => client.closes.length);
    expect(await world.child.stop()).toBe(0);
    const codes = connected.map((client, index) => client.closes[closes[index] ?? 0]);
    expect(codes.filter((code) => code !== SERVER_SHUTDOWN)).toEqual([]);
    await world.child.restart();
    const begun = performance.now();
    await world.everybodyResumed();
    const back = performance.now() - begun;
    expect(back).toBeLessThan(BACK_MS);
    run.note('restarts');
  }
  const verdict = await run.finish(world, { resources: false });
  expect(verdict.acked).toBe(verdict.sent);
});
