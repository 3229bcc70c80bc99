/** What every backend of server/bus/bus.ts must do; a new backend adds one line to `backends`. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ConversationId, TenantId, UserId } from '../../protocol/ids.ts';
import type { Bus, BusEvent, Presence } from '../../server/bus/bus.ts';
import { MemoryBus, MemoryPresence } from '../../server/bus/memory.ts';

const demo = 'demo' as TenantId;
const other = 'other' as TenantId;
const ann = 'ann' as UserId;
const lin = 'lin' as UserId;

interface Backend {
  readonly bus: Bus;
  readonly presence: Presence;
  readonly errors: unknown[];
}

const backends: Record<string, () => Backend> = {
  memory: () => {
    const errors: unknown[] = [];
    return { bus: new MemoryBus((error) => errors.push(error)), presence: new MemoryPresence(), errors };
  },
};

const typing = (text: string): BusEvent => ({
  tenantId: demo,
  userIds: [ann],
  frame: { type: 'typing.changed', conversationId: text as ConversationId, userId: lin, typing: true },
});

/** Resolves when `count` events were heard, with all of them in order. */
function hear(bus: Bus, count: number): Promise<BusEvent[]> {
  const heard: BusEvent[] = [];
  return new Promise((resolve) => {
    const unsubscribe = bus.subscribe((events) => {
      heard.push(...events);
      if (heard.length < count) return;
      unsubscribe();
      resolve(heard);
    });
  });
}

for (const [name, create] of Object.entries(backends)) {
  describe(name, () => {
    let backend: Backend;
    beforeEach(() => {
      backend = create();
    });
    afterEach(() => backend.bus.close());

    test('everybody who subscribed hears every event, in the order of publishing', async () => {
      const { bus } = backend;
      const [first, second] = [hear(bus, 4), hear(bus, 4)];
      const events = ['1', '2', '3', '4'].map(typing);
      bus.publish(events.slice(0, 1));
      bus.publish(events.slice(1, 3));
      bus.publish([]);
      bus.publish(events.slice(3));
      expect(await first).toEqual(events);
      expect(await second).toEqual(events);
    });

    test('publishing returns before anybody hears of it', async () => {
      const { bus } = backend;
      let isPublished = false;
      const heard = new Promise<boolean>((resolve) => void bus.subscribe(() => resolve(isPublished)));
      bus.publish([typing('1')]);
      isPublished = true;
      expect(await heard).toBe(true);
    });

    test('what a listener publishes comes after what it heard', async () => {
      const { bus } = backend;
      const all = hear(bus, 3);
      const unsubscribe = bus.subscribe(() => {
        unsubscribe();
        bus.publish([typing('answer')]);
      });
      bus.publish([typing('1'), typing('2')]);
      expect(await all).toEqual(['1', '2', 'answer'].map(typing));
    });

    test('a listener that throws is reported and hides nothing from the others', async () => {
      const { bus, errors } = backend;
      bus.subscribe(() => {
        throw new Error('broken');
      });
      const heard = hear(bus, 1);
      bus.publish([typing('1')]);
      expect(await heard).toHaveLength(1);
      expect(errors).toMatchObject([{ message: 'broken' }]);
    });

    test('who has left hears nothing more, and neither does anybody once it is closed', async () => {
      const { bus } = backend;
      const gone: BusEvent[] = [];
      const here: BusEvent[] = [];
      const leave = bus.subscribe((events) => void gone.push(...events));
      bus.subscribe((events) => void here.push(...events));
      leave();
      const heard = hear(bus, 1);
      bus.publish([typing('1')]);
      await heard;
      await bus.close();
      bus.publish([typing('2')]);
      expect(gone).toEqual([]);
      expect(here).toEqual([typing('1')]);
    });

    test('what was published before it is closed is delivered', async () => {
      const { bus } = backend;
      const heard = hear(bus, 1);
      bus.publish([typing('1')]);
      await bus.close();
      expect(await heard).toHaveLength(1);
    });

    test('a person is connected until the last of their devices has left, and in their tenant only', async () => {
      const { presence } = backend;
      expect(await presence.isConnected(demo, ann)).toBe(false);
      presence.enter(demo, ann, 'visitor', 'phone');
      presence.enter(demo, ann, 'visitor', 'desktop');
      presence.leave(demo, ann, 'visitor', 'phone');
      expect(await presence.isConnected(demo, ann)).toBe(true);
      expect(await presence.isConnected(other, ann)).toBe(false);
      presence.leave(demo, ann, 'visitor', 'desktop');
      presence.leave(demo, ann, 'visitor', 'desktop');
      expect(await presence.isConnected(demo, ann)).toBe(false);
    });

    test('the desk opens with the first agent and closes with the last; visitors do not count', async () => {
      const { presence } = backend;
      const heard: [TenantId, boolean][] = [];
      const stop = presence.onDesk((tenantId, online) => void heard.push([tenantId, online]));
      presence.enter(demo, ann, 'visitor', 'a');
      expect(await presence.areAgentsConnected(demo)).toBe(false);
      presence.enter(demo, lin, 'agent', 'b');
      presence.enter(demo, lin, 'agent', 'c');
      expect(await presence.areAgentsConnected(demo)).toBe(true);
      expect(await presence.areAgentsConnected(other)).toBe(false);
      presence.leave(demo, lin, 'agent', 'b');
      presence.leave(demo, ann, 'visitor', 'a');
      presence.leave(demo, lin, 'agent', 'c');
      expect(await presence.areAgentsConnected(demo)).toBe(false);
      stop();
      presence.enter(demo, lin, 'agent', 'd');
      expect(heard).toEqual([
        [demo, true],
        [demo, false],
      ]);
    });
  });
}
