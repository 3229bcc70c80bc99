/**
 * The same message sent more than once: at once, after its acknowledgement was lost, after a reconnect, side by side on two
 * sockets, after a restart of the server. It is stored once, and each answer names the same number. Another content under the
 * same id is refused.
 */
import { expect } from 'vitest';
import { fault } from '../support/faults.ts';
import { RawError } from '../support/raw-client.ts';
import type { SimulatedClient } from '../support/simulation-client.ts';

interface Sent {
  readonly client: SimulatedClient;
  readonly conversationId: string;
  readonly text: string;
  readonly id: string;
}

fault('duplicate sends', { short: { messages: 6_000 }, long: { messages: 30_000, rounds: 3 } }, async (run) => {
  const world = await run.world();
  await world.populate(5);
  const agents = world.agents;
  const devices = world.visitors.filter(({ name }) => name.startsWith('device'));
  const originals = world.visitors.filter(({ name }) => !name.startsWith('device'));
  const twin = (client: SimulatedClient) =>
    [...devices, ...originals].find((other) => other !== client && other.conversationId === client.conversationId);
  const sent: Sent[] = [];
  const again = ({ client, id, conversationId, text }: Sent, by = client.line) =>
    client.sendAgain(id, conversationId, text, by);
  const pending: Promise<unknown>[] = [];

  const steps = 20;
  for (let step = 1; step <= steps; step++) {
    for (let index = 0; index < run.messages / steps; index++) {
      const visitor = run.random.pick(originals);
      const agent = agents.find(({ tenantId }) => tenantId === visitor.tenantId) as SimulatedClient;
      const client = run.random.chance(0.3) ? agent : visitor;
      const { conversationId } = visitor;
      const text = client.body();
      const one = { client, conversationId, text, id: client.newId() };
      sent.push(one);
      // The first of both may be this one: it is the same message.
      const other = twin(client)?.line;
      if (run.random.chance(0.05) && other && client !== agent) {
        pending.push(again(one, other));
        run.note('side by side');
      }
      client.send(conversationId, text, one.id);
      if (run.random.chance(0.05)) {
        pending.push(again(one));
        run.note('at once');
      }
    }
    await world.reached(Math.round((run.messages / steps) * (step - 0.5)));
    for (let index = 0; index < run.messages / steps / 10; index++) {
      pending.push(again(run.random.pick(sent)));
      run.note('much later');
    }
    // Acknowledgements on their way are lost; what has none is sent again after the reconnect.
    for (const client of world.clients) if (run.random.chance(0.1)) client.cut();
    if (step === Math.round(steps / 2)) {
      await world.child.kill9();
      await world.child.restart();
      await world.everybodyResumed();
    }
  }
  await world.everythingAcked();
  await Promise.all(pending);

  for (let index = 0; index < 50; index++) {
    const { client, id, conversationId, text } = run.random.pick(sent);
    const content = { kind: 'text', text: `${text} But different.` };
    const asked = { conversationId, clientMessageId: id, content };
    const refusal = await client.line?.request('message.send', asked).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(RawError);
    expect((refusal as RawError).error.code).toBe('client-message-id-reused');
  }
  run.note('with other content', 50);
  const verdict = await run.finish(world, { resources: false });
  expect(verdict.acked).toBe(verdict.sent);
  expect(verdict.sent).toBe(sent.length);
});
