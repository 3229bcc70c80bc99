import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Heartbeat, PONG_TIMEOUT_MS, SILENCE_MS } from './heartbeat.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** `pong: false`: the ping fails by its time. */
function setUp(pong: boolean) {
  const ping = vi.fn(
    (timeoutMs: number) =>
      new Promise<void>((resolve, reject) => {
        if (pong) resolve();
        else setTimeout(() => reject(new Error('no pong')), timeoutMs);
      }),
  );
  const onDead = vi.fn();
  const heartbeat = new Heartbeat(ping, onDead);
  heartbeat.start();
  return { heartbeat, ping, onDead };
}

test('silence is broken by a ping, and a pong is enough to go on', async () => {
  const { ping, onDead } = setUp(true);
  await vi.advanceTimersByTimeAsync(SILENCE_MS - 1);
  expect(ping).toHaveBeenCalledTimes(0);
  await vi.advanceTimersByTimeAsync(1);
  expect(ping).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(10 * SILENCE_MS);
  expect(onDead).not.toHaveBeenCalled();
});

test('who hears something does not ask', async () => {
  const { heartbeat, ping } = setUp(true);
  for (let count = 0; count < 10; count++) {
    await vi.advanceTimersByTimeAsync(SILENCE_MS - 1_000);
    heartbeat.heard();
  }
  expect(ping).not.toHaveBeenCalled();
});

test('no answer means dead, once', async () => {
  const { onDead } = setUp(false);
  await vi.advanceTimersByTimeAsync(SILENCE_MS + PONG_TIMEOUT_MS);
  expect(onDead).toHaveBeenCalledTimes(1);
});

test('anything heard while waiting for the pong is a sign of life', async () => {
  const { heartbeat, onDead } = setUp(false);
  await vi.advanceTimersByTimeAsync(SILENCE_MS + 100);
  heartbeat.heard();
  await vi.advanceTimersByTimeAsync(PONG_TIMEOUT_MS);
  expect(onDead).not.toHaveBeenCalled();
});

test('a doubt asks at once; a heartbeat that was stopped asks nothing', async () => {
  const { heartbeat, ping, onDead } = setUp(false);
  heartbeat.probe();
  expect(ping).toHaveBeenCalledTimes(1);
  heartbeat.stop();
  await vi.advanceTimersByTimeAsync(10 * SILENCE_MS);
  heartbeat.probe();
  expect([ping.mock.calls.length, onDead.mock.calls.length]).toEqual([1, 0]);
});
