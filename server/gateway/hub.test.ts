import { expect, test, vi } from 'vitest';
import type { DownEvent } from '../../protocol/down.ts';
import type { ConversationId, TenantId, UserId } from '../../protocol/ids.ts';
import type { Bus, BusEvent, Presence } from '../bus/bus.ts';
import type { Actor } from '../domain/actor.ts';
import { Hub, type Receiver } from './hub.ts';

const shop = 'shop' as TenantId;
const bank = 'bank' as TenantId;
const ann = 'ann' as UserId;
const lin = 'lin' as UserId;
const conversationId = 'c1' as ConversationId;
const frame: DownEvent = { type: 'typing.changed', conversationId, userId: ann, typing: true };

const visitor = (tenantId: TenantId, userId: UserId): Actor => ({ kind: 'visitor', tenantId, userId, conversationId });
const agent = (tenantId: TenantId, userId: UserId): Actor => ({ kind: 'agent', tenantId, userId });
const anonymous = (tenantId: TenantId): Actor => ({ kind: 'anonymous', tenantId });

/** A bus and a presence that do at once what the real ones do soon. */
function world() {
  const published: BusEvent[] = [];
  const present = new Set<string>();
  let heard: (events: readonly BusEvent[]) => void = () => {};
  let desk: (tenantId: TenantId, online: boolean) => void = () => {};
  const bus: Bus = {
    publish(events) {
      published.push(...events);
      heard(events);
    },
    subscribe(listener) {
      heard = listener;
      return () => {
        heard = () => {};
      };
    },
    close: async () => {},
  };
  const presence: Presence = {
    enter: (_tenantId, userId, _kind, id) => present.add(`${userId}/${id}`),
    leave: (_tenantId, userId, _kind, id) => present.delete(`${userId}/${id}`),
    isConnected: async () => present.size > 0,
    areAgentsConnected: async () => present.size > 0,
    onDesk(listener) {
      desk = listener;
      return () => {};
    },
  };
  const hub = new Hub(bus, presence, { delivered: () => {} }, (error) => {
    throw error;
  });
  return { hub, bus, published, present, desk: (online: boolean) => desk(shop, online) };
}

function receiver(id: string): Receiver & { readonly got: DownEvent[] } {
  const got: DownEvent[] = [];
  return { id, got, deliver: (event) => void got.push(event) };
}

test('an event reaches every device of its users, once, and nobody of another tenant', () => {
  const { hub, bus } = world();
  const phone = receiver('1');
  const laptop = receiver('2');
  const other = receiver('3');
  const foreign = receiver('4');
  hub.add(phone, visitor(shop, ann));
  hub.add(laptop, visitor(shop, ann));
  hub.add(other, visitor(shop, lin));
  hub.add(foreign, visitor(bank, ann));
  bus.publish([{ tenantId: shop, userIds: [ann, ann], frame }]);
  expect([phone, laptop, other, foreign].map((each) => each.got.length)).toEqual([1, 1, 0, 0]);
});

test('an event for all agents reaches an agent once, who is named in it as well', () => {
  const { hub, bus } = world();
  const console1 = receiver('1');
  const page = receiver('2');
  hub.add(console1, agent(shop, lin));
  hub.add(page, anonymous(shop));
  bus.publish([{ tenantId: shop, userIds: [lin], agents: true, frame }]);
  expect([console1.got.length, page.got.length]).toEqual([1, 0]);
});

test('who left gets nothing and is not present any more', () => {
  const { hub, bus, present } = world();
  const page = receiver('1');
  hub.add(page, visitor(shop, ann));
  expect([...present]).toEqual(['ann/1']);
  hub.remove(page, visitor(shop, ann));
  bus.publish([{ tenantId: shop, userIds: [ann], frame }]);
  expect(page.got).toEqual([]);
  expect([...present]).toEqual([]);
});

test('that the desk is there is told at once, to visitors without a session, too', async () => {
  const { hub, desk } = world();
  const page = receiver('1');
  hub.add(page, anonymous(shop));
  desk(true);
  await vi.waitFor(() => expect(page.got).toEqual([{ type: 'desk.changed', desk: { online: true } }]));
});
