import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  ANSWER_FIRST_MS,
  ANSWER_MAX_MS,
  ANSWER_MIN_MS,
  CHECK_MS,
  GRACE_MS,
  Heartbeat,
  SILENCE_FIRST_MS,
  SILENCE_MAX_MS,
  SILENCE_SHORT_MS,
} from './heartbeat.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

interface Network {
  /** Milliseconds from a ping to its pong; undefined: there is none. */
  roundTrip: number | undefined;
  hidden: boolean;
}

function setUp(network: Partial<Network> = {}) {
  const state: Network = { roundTrip: 0, hidden: false, ...network };
  const begun = performance.now();
  const pings: { at: number; deadline: number }[] = [];
  const ping = (deadline: number) =>
    new Promise<void>((resolve, reject) => {
      pings.push({ at: performance.now() - begun, deadline });
      const { roundTrip } = state;
      if (roundTrip === undefined || roundTrip > deadline) setTimeout(() => reject(new Error('no pong')), deadline);
      else if (roundTrip === 0) resolve();
      else setTimeout(resolve, roundTrip);
    });
  const dead: number[] = [];
  const heartbeat = new Heartbeat(
    ping,
    () => {
      heartbeat.stop();
      dead.push(performance.now() - begun);
    },
    () => state.hidden,
  );
  heartbeat.start();
  /** Silences before each ping since the last call. */
  const pauses = () => pings.splice(0).map(({ at }, index, all) => at - (all[index - 1]?.at ?? 0));
  return { heartbeat, state, pings, dead, pauses };
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

test('silence is broken by a ping, and what goes well goes slower', async () => {
  const { pauses, dead } = setUp();
  await pass(SILENCE_FIRST_MS - 1);
  expect(pauses()).toEqual([]);
  await pass(300_000);
  expect(pauses()).toEqual([20_000, 30_000, 45_000, SILENCE_MAX_MS, SILENCE_MAX_MS, SILENCE_MAX_MS]);
  expect(dead).toEqual([]);
});

test('a change of the network makes it short, and it grows again', async () => {
  const { heartbeat, pauses } = setUp();
  await pass(200_000);
  heartbeat.shorten();
  heartbeat.probe();
  await pass(0);
  pauses();
  await pass(50_000);
  const [first = 0, ...rest] = pauses();
  expect([first - 200_000, ...rest]).toEqual([SILENCE_SHORT_MS, 15_000, 22_500]);
});

test('after a loss the next connection begins short', async () => {
  const { heartbeat, state, pings, dead } = setUp({ roundTrip: undefined });
  await pass(SILENCE_FIRST_MS + ANSWER_FIRST_MS + GRACE_MS);
  expect(dead).toEqual([SILENCE_FIRST_MS + ANSWER_FIRST_MS + GRACE_MS]);
  state.roundTrip = 0;
  heartbeat.start();
  pings.length = 0;
  await pass(SILENCE_SHORT_MS);
  expect(pings).toHaveLength(1);
});

test('who hears something does not ask, but for the newest revision once a minute', async () => {
  const { heartbeat, pauses } = setUp();
  for (let count = 0; count < 200; count++) {
    await pass(1_000);
    heartbeat.heard();
  }
  expect(pauses()).toEqual([CHECK_MS, CHECK_MS, CHECK_MS]);
});

test('the time for an answer follows the round trips, within bounds', async () => {
  const deadlines = async (roundTrip: number) => {
    const { pings, heartbeat } = setUp({ roundTrip });
    await pass(400_000);
    heartbeat.stop();
    return [pings[0]?.deadline, pings.at(-1)?.deadline];
  };
  expect(await deadlines(50)).toEqual([ANSWER_FIRST_MS, ANSWER_MIN_MS]);
  expect(await deadlines(1_000)).toEqual([ANSWER_FIRST_MS, expect.closeTo(6_000, -3)]);
  expect(await deadlines(5_000)).toEqual([ANSWER_FIRST_MS, ANSWER_MAX_MS]);
});

test('a pong that did not come gives the next connection more time, until pongs are quick again', async () => {
  const { heartbeat, state, pings } = setUp({ roundTrip: 50 });
  await pass(300_000);
  state.roundTrip = undefined;
  await pass(90_000);
  state.roundTrip = 50;
  heartbeat.start();
  pings.length = 0;
  await pass(300_000);
  const deadlines = pings.map(({ deadline }) => deadline);
  expect(deadlines[0]).toBe(2 * ANSWER_MIN_MS);
  expect(deadlines.at(-1)).toBe(ANSWER_MIN_MS);
});

test('anything heard while waiting for the pong is a sign of life', async () => {
  const { heartbeat, dead } = setUp({ roundTrip: undefined });
  await pass(SILENCE_FIRST_MS + 100);
  heartbeat.heard();
  await pass(ANSWER_FIRST_MS + GRACE_MS);
  expect(dead).toEqual([]);
});

test('what arrived while nothing could run is heard before a socket is taken for dead', async () => {
  const { heartbeat, dead, pings } = setUp({ roundTrip: undefined });
  await pass(SILENCE_FIRST_MS + ANSWER_FIRST_MS);
  heartbeat.heard();
  await pass(SILENCE_FIRST_MS - 1);
  expect([dead, pings.length]).toEqual([[], 1]);
});

test('a doubt asks at once and finds a dead socket within three seconds', async () => {
  const { heartbeat, state, pings, dead } = setUp({ roundTrip: 50 });
  await pass(1_000);
  state.roundTrip = undefined;
  heartbeat.probe();
  expect(pings).toEqual([{ at: 1_000, deadline: ANSWER_MIN_MS }]);
  await pass(ANSWER_MIN_MS + GRACE_MS);
  expect(dead).toEqual([1_000 + ANSWER_MIN_MS + GRACE_MS]);
});

test('a doubt does not wait for a patient ping that is under way, and many doubts are one', async () => {
  const { heartbeat, pings, dead } = setUp({ roundTrip: undefined });
  await pass(SILENCE_FIRST_MS + 1_000);
  for (let count = 0; count < 5; count++) heartbeat.probe();
  expect(pings).toHaveLength(2);
  await pass(ANSWER_MIN_MS + GRACE_MS);
  expect(dead).toHaveLength(1);
});

test('a request without an answer is a doubt, soon', async () => {
  const { heartbeat, state, dead, pings } = setUp({ roundTrip: 50 });
  await pass(SILENCE_FIRST_MS + 100);
  state.roundTrip = undefined;
  pings.length = 0;
  const begun = performance.now();
  heartbeat.expect(100);
  await pass(10_000);
  expect(pings).toHaveLength(1);
  expect(dead).toHaveLength(1);
  expect(dead[0]).toBeLessThanOrEqual(begun + 10_000);
});

test('a request that is answered costs no ping, and a long one has more time', async () => {
  const { heartbeat, pings } = setUp();
  for (let count = 0; count < 18; count++) {
    heartbeat.expect(100);
    await pass(500);
    heartbeat.heard();
    await pass(500);
  }
  expect(pings).toEqual([]);
  heartbeat.expect(40_000);
  await pass(15_000);
  expect(pings).toEqual([]);
});

test('while nobody looks it is slow', async () => {
  const { pauses } = setUp({ hidden: true });
  await pass(130_000);
  expect(pauses()).toEqual([SILENCE_MAX_MS, SILENCE_MAX_MS]);
});

test('a heartbeat that was stopped asks nothing and says nothing', async () => {
  const { heartbeat, pings, dead } = setUp({ roundTrip: undefined });
  heartbeat.probe();
  heartbeat.stop();
  await pass(10 * SILENCE_MAX_MS);
  heartbeat.probe();
  heartbeat.expect(1);
  await pass(10 * SILENCE_MAX_MS);
  expect([pings.length, dead.length]).toEqual([1, 0]);
});
