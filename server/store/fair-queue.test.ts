import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { FairQueue } from './fair-queue.ts';

const MAX = 10_000;

/** Queues `names`, each of the tenant of its first letter. */
function queueOf(...names: string[]): FairQueue<string> {
  const queue = new FairQueue<string>(MAX);
  for (const name of names) queue.push(name, name[0]);
  return queue;
}

/** Pushes until it is refused; how many went in. */
function flood(queue: FairQueue<number>, tenantId: string, lane: 'interactive' | 'bulk' = 'interactive'): number {
  let count = 0;
  while (count <= MAX && queue.push(count, tenantId, lane)) count++;
  return count;
}

test('tenants take turns, one entry each, and each has its own order', () => {
  const queue = queueOf('a1', 'a2', 'a3', 'a4', 'b1', 'c1', 'c2');
  expect(queue.take(MAX)).toEqual(['a1', 'b1', 'c1', 'a2', 'c2', 'a3', 'a4']);
  expect(queue.length).toBe(0);
  expect(queue.take(MAX)).toEqual([]);
});

test('who was not reached when the group was full is first the next time', () => {
  const queue = queueOf('a1', 'a2', 'a3', 'b1', 'b2', 'c1', 'c2');
  expect(queue.take(2)).toEqual(['a1', 'b1']);
  expect(queue.take(2)).toEqual(['c1', 'a2']);
  expect(queue.take(2)).toEqual(['b2', 'c2']);
  expect(queue.take(2)).toEqual(['a3']);
});

test('who comes while others have thousands waiting is in the next group', () => {
  const queue = new FairQueue<string>(MAX);
  for (let number = 1; number <= 5_000; number++) queue.push(`flood ${number}`, 'flood');
  queue.take(256);
  queue.push('one', 'small');
  queue.push('two', 'small');
  const group = queue.take(256);
  expect(group.indexOf('one')).toBeLessThan(2);
  expect(group.indexOf('two')).toBeLessThan(4);
});

test('what belongs to no tenant takes turns like one', () => {
  const queue = new FairQueue<string>(MAX);
  for (const name of ['a1', 'a2', 'a3']) queue.push(name, 'a');
  queue.push('of the server');
  expect(queue.take(2)).toEqual(['a1', 'of the server']);
});

test('the bulk lane gets an eighth beside a busy interactive one, and all that is left of an idle one', () => {
  const queue = new FairQueue<string>(MAX);
  for (let number = 0; number < 100; number++) {
    queue.push('interactive', 'a');
    queue.push('bulk', 'a', 'bulk');
  }
  const share = (group: readonly string[]) => group.filter((entry) => entry === 'bulk').length;
  expect(share(queue.take(80))).toBe(10);
  // 30 of the interactive lane are left.
  const next = queue.take(80);
  expect([next.length, share(next)]).toEqual([80, 50]);
  expect(next.slice(0, 30)).not.toContain('bulk');
  expect(queue.take(80)).toEqual(Array(40).fill('bulk'));
});

test('the interactive lane has the whole group when nothing else waits', () => {
  const queue = queueOf(...Array(20).fill('a'));
  expect(queue.take(16)).toHaveLength(16);
});

test('one flood takes three quarters, two three sevenths each; the sum never passes the limit', () => {
  const one = new FairQueue<number>(MAX);
  expect(flood(one, 'a')).toBe((MAX * 3) / 4);
  const two = new FairQueue<number>(MAX);
  const accepted = { a: 0, b: 0 };
  for (let tries = 0; tries < MAX; tries++)
    for (const tenantId of ['a', 'b'] as const) if (two.push(tries, tenantId)) accepted[tenantId]++;
  expect(accepted.a).toBeCloseTo((MAX * 3) / 7, -1);
  expect(accepted.b).toBeCloseTo((MAX * 3) / 7, -1);

  const many = new FairQueue<number>(100);
  for (let tenant = 0; tenant < 500; tenant++) flood(many, `${tenant}`, tenant % 2 ? 'bulk' : 'interactive');
  expect(many.length).toBeLessThanOrEqual(100);
});

test('beside floods there is room for who has little waiting, and a flood is let in again when it has been served', () => {
  const queue = new FairQueue<number>(MAX);
  for (const tenantId of ['a', 'b', 'c']) flood(queue, tenantId);
  for (let number = 0; number < 100; number++) expect(queue.push(number, 'small')).toBe(true);
  expect(queue.push(0, 'a')).toBe(false);
  queue.take(5_000);
  expect(queue.push(0, 'a')).toBe(true);
});

test('a long line that never ends keeps its order and its length', () => {
  const queue = new FairQueue<number>(MAX);
  let pushed = 0;
  let taken = 0;
  for (; pushed < 3_000; pushed++) queue.push(pushed, 'a');
  for (let round = 0; round < 4_000; round++) {
    expect(queue.take(3)).toEqual([taken, taken + 1, taken + 2]);
    taken += 3;
    for (let times = 0; times < 3; times++) queue.push(pushed++, 'a');
    expect(queue.length).toBe(3_000);
  }
  expect(queue.take(MAX)).toEqual(Array.from({ length: 3_000 }, (_, index) => taken + index));
});

test('a line that never ends does not hold on to what was taken', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const queue = new FairQueue<object>(MAX);
  const taken: WeakRef<object>[] = [];
  const push = () => queue.push({}, 'a');
  for (let count = 0; count < 10; count++) push();
  for (let count = 0; count < 5_000; count++) {
    push();
    for (const entry of queue.take(1)) taken.push(new WeakRef(entry));
  }
  // A WeakRef keeps its target to the end of the turn in which it was made.
  await turn();
  collect();
  // The last ones may stand before the line's head.
  expect(taken.slice(0, -1_100).filter((entry) => entry.deref())).toEqual([]);
  expect(queue.length).toBe(10);
});
