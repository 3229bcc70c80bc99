/**
 * A bad network on one's own machine: what connects to its port is carried to the server, until a test cuts all, keeps everybody
 * out, or lets one direction fall silent while all sockets stay open.
 */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export type Direction = 'up' | 'down';

interface Pair {
  /** The client's end, and the server's. */
  readonly near: Socket;
  readonly far: Socket;
}

export class TcpProxy {
  readonly #pairs = new Set<Pair>();
  readonly #silent = new Set<Direction>();
  readonly #server: Server;
  #isDown = false;

  private constructor(private readonly targetPort: number) {
    // Half open stays half open: only the ends decide when they end.
    this.#server = createServer({ noDelay: true }, (near) => this.#accept(near));
  }

  /** `target` is the server's http origin. */
  static async start(target: string): Promise<TcpProxy> {
    const proxy = new TcpProxy(Number(new URL(target).port));
    await new Promise<void>((resolve) => proxy.#server.listen(0, 'localhost', resolve));
    return proxy;
  }

  /** http origin. */
  get url(): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  get connections(): number {
    return this.#pairs.size;
  }

  /** Everything breaks off, and nobody gets through. */
  down(): void {
    this.#isDown = true;
    this.cut();
  }

  up(): void {
    this.#isDown = false;
  }

  cut(): void {
    for (const { near, far } of this.#pairs) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
  }

  /** What is sent that way arrives nowhere, and nobody is told. */
  silence(...directions: Direction[]): void {
    for (const direction of directions) this.#silent.add(direction);
    for (const pair of this.#pairs) this.#apply(pair);
  }

  speak(): void {
    this.#silent.clear();
    for (const pair of this.#pairs) this.#apply(pair);
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #accept(near: Socket): void {
    near.on('error', () => 'a close follows');
    if (this.#isDown) {
      near.resetAndDestroy();
      return;
    }
    const far = connect({ port: this.targetPort, host: 'localhost', noDelay: true });
    far.on('error', () => 'a close follows');
    const pair = { near, far };
    this.#pairs.add(pair);
    carry(near, far);
    carry(far, near);
    for (const end of [near, far])
      end.once('close', () => {
        this.#pairs.delete(pair);
        near.destroy();
        far.destroy();
      });
    this.#apply(pair);
  }

  #apply({ near, far }: Pair): void {
    if (this.#silent.has('up')) near.pause();
    else near.resume();
    if (this.#silent.has('down')) far.pause();
    else far.resume();
  }
}

/** Without a limit: a test's network has room. */
function carry(from: Socket, to: Socket): void {
  from.on('data', (chunk) => to.write(chunk));
  from.on('end', () => to.end());
}
