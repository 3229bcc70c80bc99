/**
 * What a socket (socket.ts) needs of the road its messages take. A websocket is one; where a proxy lets none through, a
 * stream over HTTP is another, and nothing above this interface knows which.
 */
import type { WebSocket } from 'ws';

export interface Wire {
  /** Bytes handed over and not yet given to the operating system. */
  readonly bufferedAmount: number;
  /** One message, UTF-8 text. `sent` is called when it was given to the operating system, or never will be. */
  send(data: Buffer, sent: () => void): void;
  /** What was handed over still leaves; `code` and `reason` come after it. */
  close(code: number, reason: string): void;
  /** At once, without a word. */
  terminate(): void;
  /** Asks for a sign of life; `onPong` tells of one. */
  ping(): void;
  onMessage(listener: (data: Buffer, isBinary: boolean) => void): void;
  onPong(listener: () => void): void;
  /** The road has ended, whoever ended it. Each listener is called once. */
  onClose(listener: () => void): void;
}

export class WebSocketWire implements Wire {
  constructor(private readonly websocket: WebSocket) {}

  get bufferedAmount(): number {
    return this.websocket.bufferedAmount;
  }

  send(data: Buffer, sent: () => void): void {
    this.websocket.send(data, { binary: false }, sent);
  }

  close(code: number, reason: string): void {
    this.websocket.close(code, reason);
  }

  terminate(): void {
    this.websocket.terminate();
  }

  ping(): void {
    this.websocket.ping();
  }

  onMessage(listener: (data: Buffer, isBinary: boolean) => void): void {
    // As ws is set up, a message comes in one Buffer.
    this.websocket.on('message', (data, isBinary) => listener(data as Buffer, isBinary));
  }

  onPong(listener: () => void): void {
    this.websocket.on('pong', listener);
  }

  onClose(listener: () => void): void {
    this.websocket.once('close', listener);
  }
}
