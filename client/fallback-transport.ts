/**
 * Chooses the road by itself: the websocket, and HTTP where a proxy lets no websocket through.
 *
 * A websocket that ends before it brought a word is no proof of that: the network may be gone. So the server is asked over HTTP,
 * and only websockets that fail while HTTP works count, two in a row. Only then is the rest of the code loaded, which
 * also looks for the way back (websocket-return.ts). The choice is forgotten with the page.
 */
import { isOffline } from './device-events.ts';
import { createWebSocketTransport, type Socket, type SocketListener, type Transport } from './transport.ts';

/** Websockets that must fail in a row while HTTP works. */
const FAILURES = 2;
/** Milliseconds: a websocket that opens takes far less, also on a bad network. */
const OPEN_TIMEOUT_MS = 8_000;

export interface FallbackOptions {
  /** Default: the global WebSocket. */
  readonly websocket?: Transport;
  readonly fetch?: typeof fetch | undefined;
  /** Milliseconds, for tests. */
  readonly times?: {
    readonly open?: number;
    readonly firstWord?: number;
    readonly back?: readonly number[];
  };
}

export function createFallbackTransport({
  websocket = createWebSocketTransport(),
  fetch = (...all) => globalThis.fetch(...all),
  times = {},
}: FallbackOptions = {}): Transport {
  let failures = 0;
  let http: Promise<Transport> | undefined;

  async function judge(url: string): Promise<void> {
    if (isOffline()) return;
    const address = url.replace(/^ws(.*)socket$/, 'http$1stream');
    const answer = await fetch(address, { cache: 'no-store' }).catch(() => undefined);
    if (answer?.status === 204) failures++;
  }

  function openWebSocket(url: string, listener: SocketListener): Socket {
    let isNew = true;
    const fail = () => {
      clearTimeout(timer);
      if (isNew) void judge(url);
      isNew = false;
    };
    const socket = websocket.open(url, {
      onOpen() {
        clearTimeout(timer);
        listener.onOpen();
      },
      onText(text) {
        // A road on which only the server is heard is none.
        if (!text.includes('"hello-timeout"')) {
          failures = 0;
          isNew = false;
        }
        listener.onText(text);
      },
      onClose(code) {
        fail();
        listener.onClose(code);
      },
    });
    const close = () => {
      fail();
      socket.close();
    };
    const timer = setTimeout(close, times.open ?? OPEN_TIMEOUT_MS);
    return { send: (text) => socket.send(text), close };
  }

  function openHttp(url: string, listener: SocketListener): Socket {
    let socket: Socket | undefined;
    let isClosed = false;
    http ??= import('./websocket-return.ts').then(({ createReturningTransport }) =>
      createReturningTransport({
        websocket,
        fetch,
        times,
        onReturn() {
          failures = 0;
          http = undefined;
        },
      }),
    );
    http.then(
      (transport) => {
        if (isClosed) listener.onClose(1000);
        else socket = transport.open(url, listener);
      },
      () => {
        http = undefined;
        listener.onClose(1006);
      },
    );
    return {
      send: (text) => socket?.send(text),
      close() {
        isClosed = true;
        socket?.close();
      },
    };
  }

  return { open: (url, listener) => (failures < FAILURES ? openWebSocket : openHttp)(url, listener) };
}
