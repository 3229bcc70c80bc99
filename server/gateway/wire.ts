/**
 * What a socket (socket.ts) needs of the road its messages take. A websocket is one; where a proxy lets none through, a
 * stream over HTTP is another, and nothing above this interface knows which.
 */
import type { Duplex } from 'node:stream';
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
  /** Reads no further; what it has read already may still come. */
  pause(): void;
  resume(): void;
  onMessage(listener: (data: Buffer, isBinary: boolean) => void): void;
  onPong(listener: () => void): void;
  /** The road has ended, whoever ended it. Each listener is called once, with the close code. */
  onClose(listener: (code: number) => void): void;
}

/**
 * Writes frames straight into the connection: ws asks for each what compression, masking and queueing there is, and here there is
 * none. What ws writes itself (pings, close) goes the same way whole, so frames never mix. A frame that goes to many sockets
 * in a row is made once.
 */
export class WebSocketWire implements Wire {
  constructor(
    private readonly websocket: WebSocket,
    private readonly stream: Duplex,
  ) {}

  get bufferedAmount(): number {
    return this.stream.writableLength;
  }

  send(data: Buffer, sent: () => void): void {
    if (this.websocket.readyState === this.websocket.OPEN) this.stream.write(framed(data), sent);
    else process.nextTick(sent);
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

  pause(): void {
    this.websocket.pause();
  }

  resume(): void {
    this.websocket.resume();
  }

  onMessage(listener: (data: Buffer, isBinary: boolean) => void): void {
    // As ws is set up, a message comes in one Buffer.
    this.websocket.on('message', (data, isBinary) => listener(data as Buffer, isBinary));
  }

  onPong(listener: () => void): void {
    this.websocket.on('pong', listener);
  }

  onClose(listener: (code: number) => void): void {
    this.websocket.once('close', listener);
  }
}

let last: { readonly data: Buffer; readonly frame: Buffer } | undefined;

/** A text message in one frame of a server: RFC 6455, section 5.2. */
function framed(data: Buffer): Buffer {
  if (last?.data === data) return last.frame;
  const { length } = data;
  const head = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(head + length);
  frame[0] = 0x81;
  if (head === 2) {
    frame[1] = length;
  } else if (head === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeUInt32BE(0, 2);
    frame.writeUInt32BE(length, 6);
  }
  data.copy(frame, head);
  last = { data, frame };
  return frame;
}
