import { expect, test } from 'vitest';
import { HostWaits } from './host-waits.ts';

test('a pause is for all subscriptions of the service, and for no other', () => {
  let now = 1_000;
  const waits = new HostWaits(() => now);
  waits.set('https://push.example/a', 5_000);
  waits.set('https://push.example/b', 3_000);
  expect(waits.untilFor('https://push.example/c')).toBe(5_000);
  expect(waits.untilFor('https://other.example/c')).toBeUndefined();
  now = 5_000;
  expect(waits.untilFor('https://push.example/c')).toBeUndefined();
});
