/**
 * A proxy as companies have them, between a client and the real server: it may refuse websockets, let them open and nothing
 * through, hold an answer back until it has ended, lose answers, or break everything off.
 *
 *   const proxy = await startHttpProxy(server.url);
 *   proxy.websockets = 'refuse';
 *   … createClient({ url: proxy.url })
 */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly isUpgrade: boolean;
}

export class HttpProxy {
  websockets: 'pass' | 'refuse' | 'swallow' = 'pass';
  /** Answers come only when they are complete. */
  holdsBack = false;
  /** The server gets these, and the client never hears what it answered. */
  losesAnswer: (seen: Seen) => boolean = () => false;
  readonly seen: Seen[] = [];
  readonly #target: URL;
  readonly #server = createServer((incoming, outgoing) => this.#forward(incoming, outgoing));
  readonly #open = new Set<Duplex>();
  #isUp = true;

  constructor(target: string) {
    this.#target = new URL(target);
    this.#server.on('upgrade', (incoming, socket: Duplex, head: Buffer) => this.#upgrade(incoming, socket, head));
    this.#server.on('connection', (socket) => {
      this.#track(socket);
      if (!this.#isUp) socket.destroy();
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Everything breaks off, and nothing can be reached. */
  cut(): void {
    this.#isUp = false;
    this.breakOff();
  }

  restore(): void {
    this.#isUp = true;
  }

  /** Every connection of this moment ends without a word; new ones are welcome. */
  breakOff(): void {
    for (const socket of this.#open) socket.destroy();
  }

  count(fits: (seen: Seen) => boolean): number {
    return this.seen.filter(fits).length;
  }

  async stop(): Promise<void> {
    this.breakOff();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #track(socket: Duplex): void {
    this.#open.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#open.delete(socket));
  }

  #note(incoming: IncomingMessage, isUpgrade: boolean): Seen {
    const seen = { method: incoming.method ?? '', path: incoming.url ?? '', headers: incoming.headers, isUpgrade };
    this.seen.push(seen);
    return seen;
  }

  #forward(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const seen = this.#note(incoming, false);
    const { method, url, headers } = incoming;
    const { hostname, port } = this.#target;
    const onward = request({ hostname, port, method, path: url, headers, agent: false }, (answer) => {
      if (this.losesAnswer(seen)) {
        answer.resume();
        outgoing.destroy();
        return;
      }
      if (!this.holdsBack) {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        outgoing.flushHeaders();
        answer.pipe(outgoing);
        answer.once('error', () => outgoing.destroy());
        return;
      }
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.once('end', () => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        outgoing.end(Buffer.concat(parts));
      });
    });
    onward.on('error', () => outgoing.destroy());
    outgoing.once('close', () => onward.destroy());
    incoming.pipe(onward);
  }

  #upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#note(incoming, true);
    if (this.websockets === 'refuse') {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 9\r\n\r\nForbidden');
      return;
    }
    const { hostname, port } = this.#target;
    const onward = connect(Number(port), hostname, () => {
      const lines = [`${incoming.method} ${incoming.url} HTTP/1.1`];
      for (let at = 0; at < incoming.rawHeaders.length; at += 2)
        lines.push(`${incoming.rawHeaders[at]}: ${incoming.rawHeaders[at + 1]}`);
      onward.write(`${lines.join('\r\n')}\r\n\r\n`);
      onward.write(head);
      if (this.websockets === 'pass') socket.pipe(onward);
    });
    this.#track(onward);
    onward.pipe(socket);
    socket.once('close', () => onward.destroy());
    onward.once('close', () => socket.destroy());
  }
}

export async function startHttpProxy(target: string): Promise<HttpProxy> {
  const proxy = new HttpProxy(target);
  await proxy.start();
  return proxy;
}
