/**
 * Clients that do not read while messages flow. What waits for them has a bound: beyond it they are closed with the code that says
 * come back, the server's memory stays what it was, and their neighbours hardly notice. When they read again they come back and
 * have everything.
 */
import { expect } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { fault, isLong, percentile } from '../support/faults.ts';

const SLOW = isLong ? 16 : 4;
/** The kernel keeps some megabytes for each socket before the server's own bound counts. */
const BULKY_CHARACTERS = 9_000;
const BULKY = isLong ? 2_500 : 1_100;
/** One bound each (1 MiB of events), and what a server may have gained through use. */
const MEMORY_MAX_BYTES = (SLOW + 48) * 1024 * 1024;
const SLOW_CONSUMER = 4001;

fault('slow consumers', { short: { messages: 2_500 }, long: { messages: 20_000, rounds: 4 } }, async (run) => {
  const world = await run.world({ tenants: 2, env: { LOG_LEVEL: 'debug', HEARTBEAT_TIMEOUT_MS: '120000' } });
  await world.populate(4, { window: 4 });
  const [noisy, quiet] = world.tenants as [(typeof world.tenants)[number], (typeof world.tenants)[number]];
  const slow = Array.from({ length: SLOW }, () => world.agent(noisy));
  await world.everybodyResumed();
  const neighbours = world.clients.filter(({ tenantId }) => tenantId === quiet.tenantId);
  const noise = world.visitors.filter(({ tenantId }) => tenantId === noisy.tenantId);
  const p99 = async (): Promise<number> => {
    for (const { latencies } of neighbours) latencies.length = 0;
    world.converse(Math.round(run.messages / 4), neighbours);
    await eventually('the neighbours are served', () => neighbours.every(({ isIdle }) => isIdle), 120_000);
    return percentile(
      neighbours.flatMap(({ latencies }) => latencies),
      99,
    );
  };

  const before = await p99();
  for (const client of slow) client.line?.socket.pause();
  world.converse(BULKY, noise, BULKY_CHARACTERS);
  const closed = () => world.child.output().split('"closed":"slow-consumer"').length - 1;
  const during = await p99();
  await eventually('all slow ones are closed', () => closed() >= SLOW);
  await world.hasGivenBack(MEMORY_MAX_BYTES);
  // Whoever begins to read in time still finds the code behind what waited.
  for (const client of slow) client.line?.socket.resume();
  await eventually('they know', () => slow.every(({ closes }) => closes.length > 0));
  expect(slow.flatMap(({ closes }) => closes).every((code) => [SLOW_CONSUMER, 1006].includes(code))).toBe(true);
  run.note('closed slow ones', closed());
  run.note('of them told by code', slow.filter(({ closes }) => closes[0] === SLOW_CONSUMER).length);
  run.note('ms p99 of neighbours before', Math.round(before));
  run.note('ms p99 of neighbours beside', Math.round(during));

  world.converse(Math.round(run.messages / 2));
  await run.finish(world);
  expect(neighbours.every(({ closes }) => closes.length <= 1)).toBe(true);
  // Generous, since this machine may be busy with anything; a server that waits for its slow readers is beyond any of it.
  expect(during).toBeLessThan(before * 8 + 400);
});
