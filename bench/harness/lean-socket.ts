/**
 * A websocket client that costs as little as one can: the load generator shares the machine with the server, and what it spends
 * on itself would be measured as the server's. All sockets of a process read into one buffer (nothing is allocated for what
 * is read), messages are handed over as Latin-1 text (the load is ASCII) and sent masked with zeros, so that masking
 * costs nothing. It answers pings, as it must; it knows no fragments and no extensions, which no server here sends.
 */
import { connect, type Socket } from 'node:net';

const READ_BYTES = 256 * 1024;
const shared = Buffer.allocUnsafeSlow(READ_BYTES);
const text = 0x1;
const close = 0x8;
const ping = 0x9;
const pong = 0xa;
const NO_CLOSE_FRAME = 1006;

export interface LeanHandlers {
  /** One websocket message. */
  onText(text: string): void;
  /** With the code of a close frame, else 1006. */
  onClose?(code: number): void;
}

export class LeanSocket {
  readonly opened: Promise<void>;
  #opened = false;
  #rest: Buffer | undefined;
  #code = NO_CLOSE_FRAME;
  readonly #socket: Socket;

  /** `url` is a ws: or http: address with a port. */
  constructor(
    url: string,
    private readonly handlers: LeanHandlers,
    headers: Readonly<Record<string, string>> = {},
  ) {
    const { hostname, port, pathname, search } = new URL(url);
    let settle: { resolve: () => void; reject: (error: Error) => void };
    this.opened = new Promise((resolve, reject) => {
      settle = { resolve, reject };
    });
    this.opened.catch(() => 'reported by whoever waits for it');
    this.#socket = connect({
      host: hostname === 'localhost' ? '127.0.0.1' : hostname,
      port: Number(port),
      noDelay: true,
      onread: {
        buffer: shared,
        callback: (length) => {
          this.#read(shared.subarray(0, length), settle.resolve);
          return true;
        },
      },
    });
    this.#socket.on('connect', () => this.#socket.write(handshake(`${hostname}:${port}`, pathname + search, headers)));
    this.#socket.on('error', (error) => settle.reject(error));
    this.#socket.on('close', () => {
      settle.reject(new Error('the server closed the connection'));
      this.handlers.onClose?.(this.#code);
    });
  }

  /** Several leave together, as several that a browser sends in one turn do. */
  send(...messages: string[]): void {
    this.#socket.write(Buffer.concat(messages.map(frameOf)));
  }

  /** Frames that are ready, see `frameOf`. */
  write(frames: Buffer): void {
    this.#socket.write(frames);
  }

  /** As when the network goes: no close frame. The reset leaves no port behind that has to wait. */
  cut(): void {
    this.#socket.resetAndDestroy();
  }

  #read(chunk: Buffer, opened: () => void): void {
    let data = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk;
    if (!this.#opened) {
      const end = data.indexOf('\r\n\r\n');
      if (end >= 0) {
        const status = data.toString('latin1', 0, 12);
        if (status !== 'HTTP/1.1 101')
          this.#socket.destroy(new Error(`upgrade refused: ${data.toString('latin1', 0, end)}`));
        data = data.subarray(end + 4);
        this.#opened = true;
        opened();
      }
    }
    const used = this.#opened ? this.#takeFrames(data) : 0;
    this.#rest = used === data.length ? undefined : Buffer.from(data.subarray(used));
  }

  /** How many bytes were whole frames. */
  #takeFrames(data: Buffer): number {
    let at = 0;
    while (data.length - at >= 2) {
      const opcode = (data[at] ?? 0) & 0x0f;
      let length = (data[at + 1] ?? 0) & 0x7f;
      let header = 2;
      if (length === 126) {
        if (data.length - at < 4) break;
        length = data.readUInt16BE(at + 2);
        header = 4;
      } else if (length === 127) {
        if (data.length - at < 10) break;
        length = Number(data.readBigUInt64BE(at + 2));
        header = 10;
      }
      const from = at + header;
      if (data.length < from + length) break;
      at = from + length;
      if (opcode === text) this.handlers.onText(data.toString('latin1', from, at));
      else this.#control(opcode, data.subarray(from, at));
    }
    return at;
  }

  #control(opcode: number, payload: Buffer): void {
    if (opcode === ping) this.#socket.write(frame(pong, payload));
    if (opcode !== close) return;
    this.#code = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
    this.#socket.end();
  }
}

function handshake(host: string, path: string, headers: Readonly<Record<string, string>>): string {
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** A text message as it goes over the wire from a client. */
export const frameOf = (message: string): Buffer => frame(text, Buffer.from(message, 'latin1'));

function frame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const extra = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const out = Buffer.alloc(2 + extra + 4 + length);
  out[0] = 0x80 | opcode;
  out[1] = 0x80 | (extra === 0 ? length : extra === 2 ? 126 : 127);
  if (extra === 2) out.writeUInt16BE(length, 2);
  if (extra === 8) out.writeBigUInt64BE(BigInt(length), 2);
  payload.copy(out, 2 + extra + 4);
  return out;
}
