/**
 * `kill -9` at arbitrary moments while visitors write and agents answer, and a start on the same data, again and again. What was
 * acknowledged must be there; what was not is sent again by the clients and must be there once. A few clients are gone for good
 * with messages of unknown fate: those are there once or not at all.
 */
import { expect } from 'vitest';
import { fault } from '../support/faults.ts';

const MESSAGES_BETWEEN_KILLS = 1_500;

fault('kill -9', { short: { messages: 6_000 }, long: { messages: 100_000, rounds: 3 } }, async (run) => {
  const world = await run.world();
  await world.populate(8);
  const kills = Math.max(4, Math.round(run.messages / MESSAGES_BETWEEN_KILLS));
  world.converse(run.messages);
  for (let kill = 1; kill <= kills; kill++) {
    const share = (run.messages / (kills + 1)) * (kill - run.random.next() * 0.8);
    await world.reached(Math.round(share));
    await world.child.kill9();
    run.note('kills');
    await world.child.restart();
  }
  // In the middle of writing and for ever: their last words have no answer.
  const leaving = world.visitors.filter(() => run.random.chance(0.2));
  await world.everythingAcked();
  world.converse(leaving.length * 20, leaving);
  await world.reached(world.acked + leaving.length);
  await world.child.kill9();
  const abandoned = leaving.reduce((sum, { waiting }) => sum + waiting, 0);
  for (const client of leaving) client.abandon();
  await world.child.restart();
  run.note('messages of unknown fate', abandoned);
  const verdict = await run.finish(world);
  expect(verdict.acked).toBeGreaterThanOrEqual(run.messages);
});
