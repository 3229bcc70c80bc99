/**
 * HTTP while it must be, and the way back to the websocket: now and then, and whenever the device says that its network changed, a
 * websocket is opened on the side. When the server answers a ping on it, websockets work again, and the connection over
 * HTTP is closed with a code that means: come back.
 */
import type { FallbackOptions } from './fallback-transport.ts';
import { createHttpTransport } from './http-transport.ts';
import type { Socket, Transport } from './transport.ts';

/** Milliseconds before each try; the last one goes on. */
const BACK_MS: readonly number[] = [30_000, 60_000, 120_000, 300_000];
/** Milliseconds to an answer. */
const PROBE_TIMEOUT_MS = 6_000;

interface Options extends Required<Pick<FallbackOptions, 'websocket' | 'times'>> {
  readonly fetch: typeof fetch;
  onReturn(): void;
}

export function createReturningTransport({ websocket, fetch, times, onReturn }: Options): Transport {
  const http = createHttpTransport({ fetch, firstWordMs: times.firstWord });
  const waits = times.back ?? BACK_MS;
  let tries = 0;
  /** The network took the last connection over HTTP: it may be another network by now. */
  let isInDoubt = false;
  return {
    open(url, listener) {
      let probe: { cancel(): void } | undefined;
      let timer: ReturnType<typeof setTimeout> | undefined;
      const socket = http.open(url, {
        onOpen: () => listener.onOpen(),
        onText: (text) => listener.onText(text),
        onClose(code) {
          stop();
          isInDoubt = code === 1006;
          listener.onClose(code);
        },
      });

      function watch(): void {
        timer = setTimeout(tryNow, waits[Math.min(tries, waits.length - 1)]);
        globalThis.addEventListener?.('online', tryNow);
      }
      function tryNow(): void {
        stop();
        tries += 1;
        probe = openProbe(websocket, url, (works) => {
          if (!works) return watch();
          onReturn();
          socket.close();
        });
      }
      function stop(): void {
        clearTimeout(timer);
        globalThis.removeEventListener?.('online', tryNow);
        probe?.cancel();
      }
      if (isInDoubt) tryNow();
      else watch();
      return {
        send: (text) => socket.send(text),
        close() {
          stop();
          socket.close();
        },
      };
    },
  };
}

/** Some proxies let a websocket open and then nothing through it: only an answer says that it works. */
function openProbe(websocket: Transport, url: string, onResult: (works: boolean) => void): { cancel(): void } {
  let isOver = false;
  const end = (works: boolean) => {
    if (isOver) return;
    cancel();
    onResult(works);
  };
  const socket: Socket = websocket.open(url, {
    onOpen: () => socket.send(JSON.stringify({ type: 'ping', ref: 1 })),
    onText: (text) => end(text.includes('"ok"')),
    onClose: () => end(false),
  });
  const timer = setTimeout(() => end(false), PROBE_TIMEOUT_MS);
  function cancel(): void {
    isOver = true;
    clearTimeout(timer);
    socket.close();
  }
  return { cancel };
}
