import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startHeartbeat } from './heartbeat.ts';

class FakeSocket {
  pings = 0;
  pong = () => {};
  ping(): void {
    this.pings += 1;
  }
  onPong(listener: () => void): void {
    this.pong = listener;
  }
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const options = { intervalMs: 15_000, timeoutMs: 12_000 };

test('a socket that answers lives, one that stops answering is dead within 30 s', () => {
  const socket = new FakeSocket();
  const onDead = vi.fn();
  startHeartbeat(socket, options, onDead);
  for (let count = 1; count <= 5; count += 1) {
    vi.advanceTimersByTime(15_000);
    expect(socket.pings).toBe(count);
    socket.pong();
  }
  vi.advanceTimersByTime(26_999);
  expect(onDead).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(onDead).toHaveBeenCalledTimes(1);
});

test('after its end nothing happens any more, not even by a late pong', () => {
  const socket = new FakeSocket();
  const onDead = vi.fn();
  const end = startHeartbeat(socket, options, onDead);
  vi.advanceTimersByTime(15_000);
  end();
  socket.pong();
  vi.advanceTimersByTime(100_000);
  expect(socket.pings).toBe(1);
  expect(onDead).not.toHaveBeenCalled();
});
