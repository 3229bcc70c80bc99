/**
 * A client written from protocol/README.md alone, sharing no code with client/: what the server promises is checked by
 * somebody who knows nothing of how our own client copes with it.
 */
import { WebSocket } from 'ws';

export interface Frame {
  readonly type: string;
  readonly ref?: number;
  readonly [field: string]: unknown;
}

export class RawError extends Error {
  constructor(readonly error: { code: string; message: string; retry: string; retryAfterMs?: number }) {
    super(`${error.code}: ${error.message}`);
  }
}

interface Waiter {
  readonly matches: (frame: Frame) => boolean;
  readonly resolve: (frame: Frame) => void;
}

const DEADLINE_MS = 10_000;

export class RawClient {
  /** Every frame that came, in order. */
  readonly frames: Frame[] = [];
  readonly opened: Promise<void>;
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #socket: WebSocket;
  readonly #waiters = new Set<Waiter>();
  #ref = 0;

  /** `url` is the server's http origin. */
  constructor(url: string, tenantId: string, headers: Record<string, string> = {}) {
    this.#socket = new WebSocket(`${url.replace(/^http/, 'ws')}/v1/tenants/${tenantId}/socket`, { headers });
    this.opened = new Promise((resolve, reject) => {
      this.#socket.once('open', resolve);
      this.#socket.once('error', reject);
    });
    this.opened.catch(() => 'reported by whoever waits for it');
    this.closed = new Promise((resolve) => {
      this.#socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    this.#socket.on('message', (data) => this.#receive(JSON.parse(data.toString())));
  }

  #receive(message: Frame | Frame[]): void {
    for (const frame of Array.isArray(message) ? message : [message]) {
      this.frames.push(frame);
      for (const waiter of this.#waiters) {
        if (!waiter.matches(frame)) continue;
        this.#waiters.delete(waiter);
        waiter.resolve(frame);
      }
    }
  }

  /** Sends bytes as they are. */
  sendRaw(data: string | Buffer, binary = false): void {
    this.#socket.send(data, { binary });
  }

  sendFrame(type: string, fields: object = {}): number {
    this.#ref += 1;
    this.sendRaw(JSON.stringify({ type, ref: this.#ref, ...fields }));
    return this.#ref;
  }

  /** The result of a request, or RawError. */
  async request<T = Record<string, never>>(type: string, fields: object = {}): Promise<T> {
    const ref = this.sendFrame(type, fields);
    const frame = await this.next((candidate) => candidate.ref === ref && ['ok', 'error'].includes(candidate.type));
    if (frame.type === 'error') throw new RawError(frame.error as RawError['error']);
    return frame.result as T;
  }

  /** The code with which a request is refused; fails if it is not. */
  async refusal(type: string, fields: object = {}): Promise<string> {
    return this.request(type, fields).then(
      () => {
        throw new Error(`${type} was accepted`);
      },
      (error: unknown) => {
        if (error instanceof RawError) return error.error.code;
        throw error;
      },
    );
  }

  /** The first frame that fits, among those that came and those to come. */
  next(matches: (frame: Frame) => boolean): Promise<Frame> {
    const here = this.frames.find(matches);
    if (here) return Promise.resolve(here);
    return new Promise((resolve, reject) => {
      const waiter = {
        matches,
        resolve: (frame: Frame) => {
          clearTimeout(timer);
          resolve(frame);
        },
      };
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        reject(
          new Error(`no such frame in ${DEADLINE_MS} ms, the last ones: ${JSON.stringify(this.frames.slice(-3))}`),
        );
      }, DEADLINE_MS);
      this.#waiters.add(waiter);
    });
  }

  event(type: string): Promise<Frame> {
    return this.next((frame) => frame.type === type);
  }

  /** The error that came without a ref: it is about the socket. */
  async socketError(): Promise<RawError['error']> {
    const frame = await this.next((candidate) => candidate.type === 'error' && candidate.ref === undefined);
    return frame.error as RawError['error'];
  }

  async hello<T = Record<string, unknown>>(auth?: object, fields: object = {}): Promise<T> {
    return this.request<T>('hello', { protocol: { major: 1, minor: 0 }, ...(auth ? { auth } : {}), ...fields });
  }

  close(): Promise<unknown> {
    this.#socket.close(1000);
    return this.closed;
  }

  /** Cuts the line without a word. */
  cut(): void {
    this.#socket.terminate();
  }
}

let counter = 0;
/** Time first, then what makes it unique: as the README advises. */
export const newClientMessageId = () =>
  `${Date.now().toString(36)}-${process.pid}-${(counter++).toString(36).padStart(6, '0')}`;

export const newVisitorKey = () => Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('base64url');

export interface Session {
  readonly user: { userId: string; kind: string; name?: string };
  readonly token: string;
  readonly conversation: { conversationId: string; lastSeq: number };
}

export interface Visitor {
  readonly client: RawClient;
  readonly session: Session;
  readonly welcome: { readonly pushPublicKey: string; readonly revision: number };
}

/** A connected visitor with a session of their own. */
export async function newVisitor(url: string, tenantId: string, context: object = {}): Promise<Visitor> {
  const client = new RawClient(url, tenantId);
  await client.opened;
  const welcome = await client.hello<Visitor['welcome']>();
  const session = await client.request<Session>('session.create', { visitorKey: newVisitorKey(), context });
  return { client, session, welcome };
}

/** A connected agent, signed in over HTTP. */
export async function newAgent(
  url: string,
  tenantId: string,
  credentials: { account: string; password: string },
): Promise<{ client: RawClient; cookie: string; userId: string }> {
  const answer = await fetch(`${url}/v1/console/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify(credentials),
  });
  if (!answer.ok) throw new Error(`sign-in failed: ${answer.status} ${await answer.text()}`);
  const cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  const { user } = (await answer.json()) as { user: { userId: string } };
  const client = new RawClient(url, tenantId, { cookie });
  await client.opened;
  await client.hello({ kind: 'agent' });
  return { client, cookie, userId: user.userId };
}
