import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createFallbackTransport } from './fallback-transport.ts';
import type { Socket, SocketListener, Transport } from './transport.ts';

const url = 'wss://chat.example/v1/tenants/demo/socket';
const address = 'https://chat.example/v1/tenants/demo/stream';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A websocket whose fate a test decides, and a server that does or does not answer over HTTP. */
function world(answer: () => Promise<Response>) {
  const opened: { listener: SocketListener; isClosed: boolean }[] = [];
  const asked: string[] = [];
  const websocket: Transport = {
    open(_url, listener): Socket {
      const entry = { listener, isClosed: false };
      opened.push(entry);
      return {
        send() {},
        close() {
          if (entry.isClosed) return;
          entry.isClosed = true;
          queueMicrotask(() => listener.onClose(1006));
        },
      };
    },
  };
  const transport = createFallbackTransport({
    websocket,
    fetch: (input, init) => {
      asked.push(`${init?.method ?? 'GET'} ${String(input)}`);
      return answer();
    },
  });
  const closes: number[] = [];
  const open = () => transport.open(url, { onOpen() {}, onText() {}, onClose: (code) => closes.push(code) });
  return { opened, asked, closes, open };
}

const yes = async () => new Response(null, { status: 204 });
const no = () => Promise.reject(new TypeError('Failed to fetch'));
const settle = () => vi.advanceTimersByTimeAsync(0);

test('two websockets that fail while HTTP works are enough, one is not', async () => {
  const { opened, asked, open } = world(yes);
  for (const count of [1, 2]) {
    open();
    opened[count - 1]?.listener.onClose(1006);
    await settle();
    expect(asked.length).toBe(count);
  }
  open();
  await vi.waitFor(() => expect(asked.at(-1)).toBe(`POST ${address}`));
  expect(opened.length).toBe(2);
});

test('a websocket that brought a frame begins the count anew', async () => {
  const { opened, asked, open } = world(yes);
  for (let count = 0; count < 4; count += 1) {
    open();
    opened.at(-1)?.listener.onOpen();
    if (count % 2 === 1) opened.at(-1)?.listener.onText('{"type":"ok","ref":1,"result":{}}');
    opened.at(-1)?.listener.onClose(1006);
    await settle();
  }
  expect(opened.length).toBe(4);
  expect(asked.every((request) => request === `GET ${address}`)).toBe(true);
});

test('without a network, or with a server that is down, it stays with the websocket', async () => {
  for (const answer of [no, async () => new Response('{}', { status: 503 }), async () => new Response('<html>')]) {
    const { opened, closes, open } = world(answer);
    for (let count = 0; count < 5; count += 1) {
      open();
      opened.at(-1)?.listener.onClose(1006);
      await settle();
    }
    expect(opened.length).toBe(5);
    expect(closes).toEqual([1006, 1006, 1006, 1006, 1006]);
  }
});

test('one that does not open in 8 s, and one on which only the server is heard, have failed', async () => {
  const { opened, asked, closes, open } = world(yes);
  open();
  await vi.advanceTimersByTimeAsync(7_999);
  expect(closes).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(closes).toEqual([1006]);
  open();
  opened[1]?.listener.onOpen();
  await vi.advanceTimersByTimeAsync(10_000);
  opened[1]?.listener.onText('{"type":"error","error":{"code":"hello-timeout","message":"","retry":"now"}}');
  opened[1]?.listener.onClose(4003);
  await settle();
  open();
  await vi.waitFor(() => expect(asked.at(-1)).toBe(`POST ${address}`));
});
