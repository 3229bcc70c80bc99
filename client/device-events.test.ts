import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { isHidden, isOffline, listenToDevice } from './device-events.ts';

class Page extends EventTarget {
  visibilityState = 'visible';
}
class Connection extends EventTarget {
  type = 'wifi';
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function setUp({ browser = true } = {}) {
  const page = new Page();
  const connection = new Connection();
  const global = new EventTarget();
  if (browser) {
    vi.stubGlobal('document', page);
    vi.stubGlobal('navigator', { onLine: true, connection });
    for (const method of ['addEventListener', 'removeEventListener', 'dispatchEvent'] as const)
      vi.stubGlobal(method, global[method].bind(global));
  }
  const heard: string[] = [];
  const stop = listenToDevice({
    onWake: () => heard.push('wake'),
    onNetwork: () => heard.push('network'),
    onDoubt: () => heard.push('doubt'),
    onHide: () => heard.push('hide'),
  });
  const look = (visibilityState: string) => {
    page.visibilityState = visibilityState;
    page.dispatchEvent(new Event('visibilitychange'));
  };
  return { page, connection, global, heard, stop, look };
}

test('page and network are told apart', () => {
  const { heard, look, global } = setUp();
  look('hidden');
  expect(isHidden()).toBe(true);
  look('visible');
  for (const type of ['offline', 'online', 'pagehide', 'pageshow']) global.dispatchEvent(new Event(type));
  expect(heard).toEqual(['hide', 'wake', 'doubt', 'network', 'hide', 'wake']);
});

test('another kind of network is another network, another speed is not', () => {
  const { heard, connection } = setUp();
  connection.dispatchEvent(new Event('change'));
  expect(heard).toEqual([]);
  connection.type = 'cellular';
  connection.dispatchEvent(new Event('change'));
  expect(heard).toEqual(['network']);
});

test.each([true, false])('a clock that jumped tells of sleep, in a browser (%s) and without', async (browser) => {
  const { heard, stop } = setUp({ browser });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(heard).toEqual([]);
  vi.setSystemTime(Date.now() + 600_000);
  await vi.advanceTimersByTimeAsync(2_500);
  expect(heard).toEqual(['wake']);
  stop();
  vi.setSystemTime(Date.now() + 600_000);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(heard).toEqual(['wake']);
});

test('the late timers of a hidden page are no sleep', async () => {
  const { heard, look } = setUp();
  look('hidden');
  vi.setSystemTime(Date.now() + 60_000);
  await vi.advanceTimersByTimeAsync(2_500);
  expect(heard).toEqual(['hide']);
});

test('once ended, nothing is heard', () => {
  const { heard, stop, look, global, connection } = setUp();
  stop();
  look('hidden');
  global.dispatchEvent(new Event('online'));
  connection.type = 'cellular';
  connection.dispatchEvent(new Event('change'));
  expect([heard, isOffline()]).toEqual([[], false]);
});
