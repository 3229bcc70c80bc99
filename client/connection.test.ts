import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { BACKOFF_MAX_MS } from './backoff.ts';
import {
  CONNECT_TIMEOUT_MAX_MS,
  CONNECT_TIMEOUT_MS,
  Connection,
  HIDDEN_BACKOFF_MAX_MS,
  HURRY_GAP_MS,
} from './connection.ts';
import type { SocketListener } from './transport.ts';

interface Dialled {
  readonly listener: SocketListener;
  closed: boolean;
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** The waiting state's time, with the longest jitter. */
function longestWait({ state }: Connection): number {
  const { value } = state;
  return value.name === 'waiting' ? value.until - NOW : Number.NaN;
}

const NOW = 1_000;

function setUp({ hidden = false } = {}) {
  const dialled: Dialled[] = [];
  const heard: string[] = [];
  const closes: number[] = [];
  const connection = new Connection({
    transport: {
      open(_url, listener) {
        const socket: Dialled = { listener, closed: false };
        dialled.push(socket);
        return {
          send() {},
          close() {
            socket.closed = true;
          },
        };
      },
    },
    url: 'wss://chat.example.com',
    now: () => NOW,
    isOffline: () => false,
    isHidden: () => hidden,
    onSocketOpen() {},
    onText: (text) => heard.push(text),
    onClose: (code) => closes.push(code),
    onDown() {},
  });
  const socket = (index: number) => {
    const found = dialled[index];
    if (!found) throw new Error(`No socket ${index} was dialled.`);
    return found;
  };
  return { connection, dialled, heard, closes, socket };
}

test('it goes from idle over connecting to open, and to idle again', () => {
  const { connection } = setUp();
  expect(connection.state.value).toEqual({ name: 'idle' });
  expect(connection.connect()).toBe(true);
  expect(connection.state.value).toEqual({ name: 'connecting', attempt: 1 });
  expect(connection.welcomed()).toBe(true);
  expect(connection.state.value).toEqual({ name: 'open' });
  connection.stop();
  expect(connection.state.value).toEqual({ name: 'idle' });
});

test('a transition from a wrong state is refused and changes nothing', () => {
  const { connection } = setUp();
  expect([connection.welcomed(), connection.lose(), connection.refuse('tenant-unknown'), connection.restart()]).toEqual(
    [false, false, false, false],
  );
  expect(connection.state.value).toEqual({ name: 'idle' });
  connection.connect();
  expect(connection.connect()).toBe(false);
  connection.welcomed();
  expect([connection.connect(), connection.welcomed(), connection.hurry()]).toEqual([false, false, false]);
  expect(connection.state.value).toEqual({ name: 'open' });
});

test('what is lost is dialled again, without end', async () => {
  const { connection, dialled } = setUp();
  connection.connect();
  for (let attempt = 1; attempt <= 12; attempt++) {
    expect(connection.lose()).toBe(true);
    expect(connection.state.value).toMatchObject({ name: 'waiting', attempt });
    await vi.advanceTimersToNextTimerAsync();
    expect(connection.state.value).toEqual({ name: 'connecting', attempt: attempt + 1 });
  }
  expect(dialled).toHaveLength(13);
});

test('a time that the server gave is waited for, also when the page is woken', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0);
  const { connection, dialled } = setUp();
  connection.connect();
  connection.lose(7_000);
  expect(connection.state.value).toMatchObject({ name: 'waiting', until: NOW + 7_000 });
  expect(connection.hurry()).toBe(false);
  await vi.advanceTimersByTimeAsync(6_999);
  expect([connection.hurry(), dialled.length]).toEqual([false, 1]);
  await vi.advanceTimersByTimeAsync(1);
  expect(connection.state.value.name).toBe('connecting');
});

test('after the time that the server gave has passed, the next wait is our own again', () => {
  const { connection } = setUp();
  connection.connect();
  connection.lose(7_000);
  connection.connect();
  connection.lose();
  expect(connection.hurry()).toBe(true);
});

test('the try after a told time may be begun anew by waking, like any other', async () => {
  const { connection, dialled } = setUp();
  connection.connect();
  connection.lose(1_000);
  await vi.advanceTimersToNextTimerAsync();
  await vi.advanceTimersByTimeAsync(HURRY_GAP_MS);
  expect(connection.hurry()).toBe(true);
  expect(dialled).toHaveLength(3);
});

test('those who were told the same time, or lost the same server, do not come together', () => {
  const waits = (...wait: [retryAfterMs?: number, spreadMs?: number]) =>
    [0, 0.25, 0.5, 1].map((random) => {
      vi.spyOn(Math, 'random').mockReturnValue(random);
      const { connection } = setUp();
      connection.connect();
      connection.lose(...wait);
      return longestWait(connection);
    });
  expect(waits(8_000)).toEqual([8_000, 9_000, 10_000, 12_000]);
  expect(waits(100)).toEqual([100, 350, 600, 1_100]);
  expect(waits(undefined, 3_000)).toEqual([0, 775, 1_550, 3_100]);
});

test('while nobody looks it is slower, but not at first', () => {
  vi.spyOn(Math, 'random').mockReturnValue(1);
  const { connection: seen } = setUp();
  const { connection: hidden } = setUp({ hidden: true });
  const waits = [seen, hidden].map((connection) =>
    Array.from({ length: 14 }, () => {
      connection.connect();
      connection.lose();
      return longestWait(connection);
    }),
  );
  expect(waits[1]?.slice(0, 6)).toEqual(waits[0]?.slice(0, 6));
  expect(waits.map((list) => list.at(-1))).toEqual([BACKOFF_MAX_MS, HIDDEN_BACKOFF_MAX_MS]);
});

test('a device that says again and again that it is back is believed once, until it was', async () => {
  const { connection, dialled } = setUp();
  connection.connect();
  connection.lose();
  expect(connection.hurry()).toBe(true);
  connection.lose();
  expect([connection.hurry(), connection.hurry(), dialled.length]).toEqual([false, false, 2]);
  connection.connect();
  connection.welcomed();
  connection.lose();
  expect(connection.hurry()).toBe(true);
});

test('waking begins the backoff anew', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(1);
  const { connection } = setUp();
  for (let count = 0; count < 12; count++) {
    connection.connect();
    connection.lose();
  }
  expect(longestWait(connection)).toBe(BACKOFF_MAX_MS);
  connection.hurry();
  connection.lose();
  expect(longestWait(connection)).toBeLessThanOrEqual(1_000);
});

test('a try that has been on its way for long is begun anew by waking, a fresh one is not', async () => {
  const { connection, dialled, socket } = setUp();
  connection.connect();
  expect(connection.hurry()).toBe(false);
  await vi.advanceTimersByTimeAsync(HURRY_GAP_MS);
  expect(connection.hurry()).toBe(true);
  expect([dialled.length, socket(0).closed, connection.state.value.name]).toEqual([2, true, 'connecting']);
});

test('a time of our own is cut short by waking', () => {
  const { connection } = setUp();
  connection.connect();
  connection.lose();
  expect(connection.hurry()).toBe(true);
  expect(connection.state.value.name).toBe('connecting');
});

test('a refusal lasts until somebody connects anew', async () => {
  const { connection, dialled } = setUp();
  connection.connect();
  expect(connection.refuse('tenant-unknown')).toBe(true);
  await vi.advanceTimersByTimeAsync(120_000);
  expect(connection.state.value).toEqual({ name: 'refused', code: 'tenant-unknown' });
  expect(dialled).toHaveLength(1);
  expect(connection.connect()).toBe(true);
});

test('a socket that was given up is closed and not listened to any more', () => {
  const { connection, socket, heard, closes } = setUp();
  connection.connect();
  connection.restart();
  socket(0).listener.onText('old');
  socket(0).listener.onClose(1006);
  socket(1).listener.onText('new');
  expect(socket(0).closed).toBe(true);
  expect([heard, closes]).toEqual([['new'], []]);
});

test('a dial that comes to nothing is given up after its time', async () => {
  const { connection } = setUp();
  connection.connect();
  await vi.advanceTimersByTimeAsync(CONNECT_TIMEOUT_MS);
  expect(connection.state.value).toMatchObject({ name: 'waiting', attempt: 1 });
});

test('each failure makes the next try more patient, up to a bound', async () => {
  const { connection } = setUp();
  const patience: number[] = [];
  for (let count = 0; count < 10; count++) {
    connection.connect();
    const begun = performance.now();
    await vi.advanceTimersToNextTimerAsync();
    patience.push(performance.now() - begun);
  }
  expect(patience.slice(0, 3)).toEqual([15_000, 20_000, 25_000]);
  expect(patience.at(-1)).toBe(CONNECT_TIMEOUT_MAX_MS);
});

test('an open connection is in doubt from when the device lost its network until something is heard', () => {
  const { connection, socket } = setUp();
  connection.connect();
  socket(0).listener.onOpen();
  connection.welcomed();
  expect(connection.isTrusted).toBe(true);
  expect(connection.trust()).toBe(false);
  connection.noticeOffline();
  expect(connection.state.value).toEqual({ name: 'open', offline: true });
  expect([connection.isOpen, connection.isTrusted]).toEqual([true, false]);
  expect(connection.trust()).toBe(true);
  expect(connection.state.value).toEqual({ name: 'open' });
});
