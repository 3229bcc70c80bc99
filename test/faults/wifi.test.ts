/**
 * A network like a bad Wi-Fi: every connection is cut again and again, and for a while nobody gets through. Visitors with the
 * product's own library go on writing into their outbox, an agent goes on answering. Everything arrives, once, in order.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'vitest';
import { fault, isLong, percentile } from '../support/faults.ts';
import { LibraryClient } from '../support/simulation-library.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';

const CUTS = isLong ? 10 : 3;
/** Milliseconds, at least and at most. */
const UP_MS = isLong ? [8_000, 15_000] : [1_200, 2_000];
const DOWN_MS = isLong ? [1_000, 2_000] : [200, 600];
const VISITORS = isLong ? 60 : 12;

fault('drops like Wi-Fi', { short: { messages: 2_000 }, long: { messages: 30_000, rounds: 2 } }, async (run) => {
  const world = await run.world({ tenants: 2 });
  const proxy = await TcpProxy.start(world.url);
  run.after(() => proxy.stop());
  // Agents have a cable: they keep on writing while everybody else is cut off.
  const agents = world.tenants.map((tenant) => world.agent(tenant));
  world.dialUrl = proxy.url;
  const visitors: LibraryClient[] = [];
  for (let index = 0; index < VISITORS; index++) {
    const tenant = run.random.pick(world.tenants);
    const visitor = await LibraryClient.start(world, tenant, 'visitor');
    await visitor.begin();
    visitors.push(visitor);
  }
  const returns: number[] = [];
  const write = (count: number, share = 0.5) => {
    for (let index = 0; index < count; index++) {
      const visitor = run.random.pick(visitors);
      const agent = agents.find(({ tenantId }) => tenantId === visitor.log.tenantId);
      if (agent && run.random.chance(share)) agent.send(visitor.conversationId, agent.body());
      else visitor.write();
    }
  };
  for (let cut = 0; cut < CUTS; cut++) {
    write(Math.round(run.messages / (2 * CUTS)));
    await wait(run.random.int(UP_MS[0] as number, UP_MS[1] as number));
    proxy.down();
    // At the last cut visitors are silent: nothing of their own tells them that something is missing.
    write(Math.round(run.messages / (2 * CUTS)), cut === CUTS - 1 ? 1 : 0.5);
    await wait(run.random.int(DOWN_MS[0] as number, DOWN_MS[1] as number));
    proxy.up();
    const begun = performance.now();
    for (const { device } of visitors) {
      const stop = device.client.connection.subscribe(({ name }) => {
        if (name !== 'open') return;
        stop();
        returns.push(performance.now() - begun);
      });
      run.after(stop);
    }
  }
  // Devices say that they are online again; the long form waits for the libraries' own patience.
  if (!isLong) for (const { device } of visitors) device.client.wake();
  const verdict = await run.finish(world);
  expect(verdict.acked).toBe(verdict.sent);
  run.note('cuts of all', CUTS);
  run.note('ms p99 to be back', Math.round(percentile(returns, 99)));
});
