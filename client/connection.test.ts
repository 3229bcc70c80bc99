import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CONNECT_TIMEOUT_MS, Connection } from './connection.ts';
import type { SocketListener } from './transport.ts';

interface Dialled {
  readonly listener: SocketListener;
  closed: boolean;
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function setUp() {
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
    now: () => 1_000,
    isOffline: () => false,
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
  const { connection } = setUp();
  connection.connect();
  connection.lose(7_000);
  expect(connection.state.value).toMatchObject({ name: 'waiting', until: 8_000 });
  expect(connection.hurry()).toBe(false);
  await vi.advanceTimersByTimeAsync(7_000);
  expect(connection.state.value.name).toBe('connecting');
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
