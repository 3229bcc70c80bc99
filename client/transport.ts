/** The one thing that the client needs of a websocket; the browser's own fits behind it, and so does `ws` in Node. */
export interface Transport {
  /** Never throws: what cannot be opened closes. */
  open(url: string, listener: SocketListener): Socket;
}

export interface Socket {
  /** Dropped in silence when the socket is not open (a close follows then). */
  send(text: string): void;
  close(): void;
}

export interface SocketListener {
  onOpen(): void;
  onText(text: string): void;
  /** Once, whether it was ever open or not. `code` as in RFC 6455; 1006 when there was no close frame. */
  onClose(code: number): void;
}

/** Over any class of the WebSocket interface (WHATWG): the browser's global one by default. */
export function createWebSocketTransport(create = (url: string) => new WebSocket(url)): Transport {
  return {
    open(url, listener) {
      let socket: WebSocket;
      try {
        socket = create(url);
      } catch {
        // A blocked address (CSP, mixed content) throws instead of closing in some browsers.
        setTimeout(() => listener.onClose(1006));
        return { send() {}, close() {} };
      }
      socket.onopen = () => listener.onOpen();
      socket.onmessage = (event) => {
        if (typeof event.data === 'string') listener.onText(event.data);
      };
      socket.onclose = (event) => listener.onClose(event.code);
      return {
        send(text) {
          if (socket.readyState === 1) socket.send(text);
        },
        close: () => socket.close(),
      };
    },
  };
}
