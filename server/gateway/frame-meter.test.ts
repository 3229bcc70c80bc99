import { expect, test } from 'vitest';
import { FrameMeter } from './frame-meter.ts';

function meter(perSecond: number) {
  let now = 0;
  const counted = new FrameMeter(perSecond, () => now);
  return {
    burst: (frames: number) => Array.from({ length: frames }, () => counted.count().kind),
    one: () => counted.count(),
    wait: (ms: number) => {
      now += ms;
    },
  };
}
const of = (kinds: string[], kind: string) => kinds.filter((each) => each === kind).length;

test('a burst of twice the rate passes, the next frame is told when to come', () => {
  const { burst, one, wait } = meter(60);
  expect(of(burst(120), 'ok')).toBe(120);
  expect(one()).toEqual({ kind: 'limited', retryAfterMs: 17 });
  wait(17);
  expect(one()).toEqual({ kind: 'ok' });
});

test('the allowed rate can go on for ever', () => {
  const { burst, wait } = meter(60);
  for (let second = 0; second < 100; second += 1) {
    expect(of(burst(60), 'ok')).toBe(60);
    wait(1000);
  }
});

test('a thousand frames in two seconds are limited, more are a flood, and a quiet window forgets it', () => {
  const { burst, wait } = meter(60);
  expect(of(burst(1000), 'flood')).toBe(0);
  expect(of(burst(1), 'flood')).toBe(1);
  wait(2000);
  expect(of(burst(1), 'flood')).toBe(0);
});

test('whoever waits as told is no flood, at any rate', () => {
  const { one, wait } = meter(400);
  let limited = 0;
  for (let asked = 0; asked < 10_000; asked += 1) {
    const verdict = one();
    expect(verdict.kind).not.toBe('flood');
    if (verdict.kind !== 'limited') continue;
    limited += 1;
    wait(verdict.retryAfterMs);
  }
  expect(limited).toBeGreaterThan(1_000);
});

test('0 sets no limit', () => {
  expect(of(meter(0).burst(5000), 'ok')).toBe(5000);
});
