import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { TenantId } from '../../protocol/ids.ts';
import { SHARE, type Turn, Turns } from './turns.ts';

const loud = 'loud' as TenantId;
const quiet = 'quiet' as TenantId;

/** A clock by hand, and sockets that take what came when they may. */
function world() {
  let now = 1_000;
  const turns = new Turns(() => now);
  const taken: string[] = [];
  const underWay: Turn[] = [];

  function enter(tenantId: TenantId, name = '') {
    const unread: string[] = [];
    const turn = turns.enter(tenantId, () => {
      take(unread.shift() as string);
      return unread.length > 0;
    });
    function take(message: string): void {
      taken.push(message);
      turns.begun(turn, now);
      underWay.push(turn);
    }
    return {
      bring(count: number) {
        for (let at = 0; at < count; at++) {
          const message = `${name}${at}`;
          if (unread.length === 0 && turns.mayTake(turn)) take(message);
          else if (unread.push(message) === 1) turns.wait(turn);
        }
      },
      leave: () => turns.leave(turn),
    };
  }

  return {
    enter,
    taken,
    pass: (ms: number) => {
      now += ms;
    },
    /** The oldest `count` requests end, and a turn of the event loop passes. */
    async finish(count: number) {
      for (const turn of underWay.splice(0, count)) turns.finished(turn);
      await nextTurn();
    },
  };
}

test('a tenant that is alone is not held back', () => {
  const { enter, taken } = world();
  enter(loud).bring(10 * SHARE);
  expect(taken).toHaveLength(10 * SHARE);
});

test('beside another tenant it has its share under way, and goes on as answers leave, in order', async () => {
  const { enter, taken, finish } = world();
  enter(quiet).bring(1);
  await finish(1);
  taken.length = 0;
  enter(loud).bring(3 * SHARE);
  expect(taken).toHaveLength(SHARE);
  await finish(5);
  expect(taken).toHaveLength(SHARE + 5);
  while (taken.length < 3 * SHARE) await finish(SHARE);
  expect(taken).toEqual(Array.from({ length: 3 * SHARE }, (_, at) => String(at)));
});

test('who asks for little beside a flood does not wait', () => {
  const { enter, taken } = world();
  const other = enter(quiet, 'quiet ');
  other.bring(1);
  enter(loud).bring(3 * SHARE);
  other.bring(2);
  expect(taken.slice(-2)).toEqual(['quiet 0', 'quiet 1']);
});

test('the sockets of a tenant take turns', async () => {
  const { enter, taken, finish } = world();
  enter(quiet).bring(1);
  await finish(1);
  enter(loud, 'a').bring(SHARE + 3);
  enter(loud, 'b').bring(3);
  taken.length = 0;
  await finish(5);
  expect(taken).toEqual([`a${SHARE}`, 'b0', `a${SHARE + 1}`, 'b1', `a${SHARE + 2}`]);
});

test('what waits is taken also when the others have gone', async () => {
  const { enter, taken, finish, pass } = world();
  enter(quiet).bring(1);
  const flood = enter(loud);
  flood.bring(5 * SHARE);
  pass(2_000);
  await finish(2);
  for (let round = 0; round < 5; round++) await nextTurn();
  expect(taken).toHaveLength(1 + 5 * SHARE);
  flood.bring(1);
  expect(taken).toHaveLength(2 + 5 * SHARE);
});

test('a socket that left takes nothing more, and the next one of its tenant goes on', async () => {
  const { enter, taken, finish } = world();
  enter(quiet).bring(1);
  await finish(1);
  const first = enter(loud, 'a');
  first.bring(SHARE + 5);
  enter(loud, 'b').bring(2);
  first.leave();
  taken.length = 0;
  await finish(5);
  expect(taken).toEqual(['b0', 'b1']);
});
