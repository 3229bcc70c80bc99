/**
 * A push service on this machine. It exists because the real ones (Google, Mozilla, Apple) cannot be reached from a test, and
 * because only a service of our own can be told to fail. It speaks both sides of the real thing:
 *
 * - to the server under test: the endpoint of RFC 8030 over https, with the checks that real services make (TTL, size, the
 *   VAPID token of RFC 8292 by its own code);
 * - to Firefox: the websocket of Mozilla's autopush. Firefox decrypts, runs the service worker and shows the notification
 *   itself (test/support/firefox.ts sets `dom.push.serverURL` to `websocketUrl`);
 * - for everything else: subscriptions whose keys the service made up, so that it can decrypt what arrives. Chromium cannot
 *   subscribe without Google, so its tests answer `PushManager.subscribe()` with `subscribe(key)` and hand the
 *   `plaintext` of what it received to the worker over the debugging protocol.
 *
 * Use:
 *   const push = await startFakePush();
 *   // settings of the server: PUSH_ENDPOINT_ALLOW = push.host, PUSH_EXTRA_CA = push.caPath
 *   const subscription = push.subscribe(publicKey);
 *   push.fail(subscription.endpoint, 429, { 'retry-after': '1' });    // until push.fail(endpoint, undefined)
 *   const message = await push.next('push');                          // call it before what causes it
 *   await push.close();
 */
import { execFileSync } from 'node:child_process';
import { createECDH, createPublicKey, type ECDH, randomBytes, randomUUID, verify } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type WebSocket, WebSocketServer } from 'ws';
import type { PushPayload, PushSubscription } from '../../protocol/push.ts';

/** http_ece comes without types. */
const ece = createRequire(import.meta.url)('http_ece') as {
  decrypt(body: Buffer, params: { version: 'aes128gcm'; privateKey: ECDH; authSecret: string }): Buffer;
};

/** A message that the service accepted. */
export interface ReceivedPush {
  readonly endpoint: string;
  readonly ttl: number;
  readonly urgency: string | undefined;
  readonly topic: string | undefined;
  /** Bytes on the wire. */
  readonly bytes: number;
  /** The decrypted text, for subscriptions made by `subscribe`. */
  readonly plaintext?: string;
}

/** As a browser's: what is sent to the server, and its plain form. */
export interface FakeSubscription extends PushSubscription {
  toJson(): PushSubscription;
}

interface Subscriber {
  readonly id: string;
  readonly key?: Buffer;
  readonly browser?: { readonly ecdh: ECDH; readonly auth: string };
  readonly firefox?: { readonly agentId: string; readonly channelId: string };
  readonly queue: object[];
  failure?: { readonly status: number; readonly headers: Readonly<Record<string, string>> };
}

/**
 * `push`: accepted from the server. `refused`: answered with an error, the detail is the status. `ack`: what Firefox said of
 * a message, 100 shown, 101 not decrypted, 102 not delivered. `unregister`: Firefox unsubscribed.
 */
interface PushEvents {
  readonly push: ReceivedPush;
  readonly refused: number;
  readonly ack: number;
  readonly unregister: string;
}

const MAX_BYTES = 4_096;

export async function startFakePush(): Promise<FakePush> {
  const folder = mkdtempSync(join(tmpdir(), 'inlay-push-'));
  const path = (name: string) => join(folder, name);
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', path('key.pem')];
  execFileSync('openssl', ['req', '-x509', ...key, '-out', path('certificate.pem'), '-days', '2', ...subject], {
    stdio: 'ignore',
  });
  const service = new FakePush(folder);
  await service.listen();
  return service;
}

export class FakePush {
  readonly received: ReceivedPush[] = [];
  readonly caPath: string;
  readonly #folder: string;
  readonly #subscribers = new Map<string, Subscriber>();
  readonly #firefoxes = new Map<string, WebSocket>();
  readonly #events = new EventEmitter();
  readonly #endpoint;
  readonly #websocketHttp = createHttpServer((_, response) => response.writeHead(426).end());
  readonly #websockets: WebSocketServer;

  constructor(folder: string) {
    this.#folder = folder;
    this.caPath = join(folder, 'certificate.pem');
    const tls = { key: readFileSync(join(folder, 'key.pem')), cert: readFileSync(this.caPath) };
    this.#endpoint = createHttpsServer(tls, (request, response) => void this.#accept(request, response));
    this.#websockets = new WebSocketServer({
      server: this.#websocketHttp,
      handleProtocols: (offered) => (offered.has('push-notification') ? 'push-notification' : false),
    });
    this.#websockets.on('connection', (socket) => this.#speakAutopush(socket));
  }

  async listen(): Promise<void> {
    for (const server of [this.#endpoint, this.#websocketHttp]) {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    }
  }

  get port(): number {
    return (this.#endpoint.address() as AddressInfo).port;
  }

  /** `localhost:PORT`, for PUSH_ENDPOINT_ALLOW. */
  get host(): string {
    return `localhost:${this.port}`;
  }

  /** For Firefox's `dom.push.serverURL`. */
  get websocketUrl(): string {
    return `ws://127.0.0.1:${(this.#websocketHttp.address() as AddressInfo).port}/`;
  }

  /** A subscription as a browser would make it, with keys that the service knows. */
  subscribe(applicationServerKey?: string): FakeSubscription {
    const ecdh = createECDH('prime256v1');
    const p256dh = ecdh.generateKeys('base64url');
    const auth = randomBytes(16).toString('base64url');
    const { id } = this.#add({ browser: { ecdh, auth }, ...boundTo(applicationServerKey) });
    const subscription = { endpoint: this.#endpointOf(id), keys: { p256dh, auth } };
    return { ...subscription, toJson: () => subscription };
  }

  /** Answers the endpoint with `status` from now on; `undefined` ends it. */
  fail(endpoint: string, status: number | undefined, headers: Readonly<Record<string, string>> = {}): void {
    const subscriber = this.#subscribers.get(idOf(endpoint));
    if (!subscriber) throw new Error(`fake push: no subscription ${endpoint}`);
    if (status === undefined) delete subscriber.failure;
    else subscriber.failure = { status, headers };
  }

  /** As a browser that unsubscribed without telling: 404 from now on. */
  forget(endpoint: string): void {
    this.#subscribers.delete(idOf(endpoint));
  }

  next<Name extends keyof PushEvents>(name: Name, timeoutMs = 15_000): Promise<PushEvents[Name]> {
    const stack = new Error(`fake push: no "${name}" within ${timeoutMs} ms`);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(stack), timeoutMs);
      this.#events.once(name, (detail: PushEvents[Name]) => {
        clearTimeout(timer);
        resolve(detail);
      });
    });
  }

  async close(): Promise<void> {
    for (const socket of this.#websockets.clients) socket.terminate();
    for (const server of [this.#endpoint, this.#websocketHttp]) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
    rmSync(this.#folder, { recursive: true });
  }

  async #accept(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts);
    const subscriber = this.#subscribers.get(idOf(request.url ?? ''));
    const [status, why] = this.#judge(request, body, subscriber);
    if (status !== 201 || !subscriber) {
      response.writeHead(status, subscriber?.failure?.headers).end(why);
      this.#events.emit('refused', status);
      return;
    }
    response.writeHead(201, { location: `https://${this.host}/m/${randomUUID()}` }).end();
    const message = this.#messageOf(request, body, subscriber);
    this.received.push(message);
    if (subscriber.firefox) this.#forward(subscriber, request, body);
    this.#events.emit('push', message);
  }

  #judge(request: IncomingMessage, body: Buffer, subscriber: Subscriber | undefined): readonly [number, string] {
    if (request.method !== 'POST') return [405, 'POST only'];
    if (!subscriber) return [404, 'no such subscription'];
    if (subscriber.failure) return [subscriber.failure.status, 'failing as told'];
    if (!/^\d+$/.test(String(request.headers.ttl))) return [400, 'TTL is required'];
    if (body.length > MAX_BYTES) return [413, 'payload too large'];
    return judgeVapid(request.headers.authorization ?? '', `https://${this.host}`, subscriber.key);
  }

  #messageOf({ headers }: IncomingMessage, body: Buffer, { id, browser }: Subscriber): ReceivedPush {
    const params = browser && { version: 'aes128gcm' as const, privateKey: browser.ecdh, authSecret: browser.auth };
    return {
      endpoint: this.#endpointOf(id),
      ttl: Number(headers.ttl),
      urgency: headers.urgency as string | undefined,
      topic: headers.topic as string | undefined,
      bytes: body.length,
      ...(params && { plaintext: ece.decrypt(body, params).toString('utf8') }),
    };
  }

  #speakAutopush(socket: WebSocket): void {
    let agentId = '';
    const answer = (frame: object) => socket.send(JSON.stringify(frame));
    socket.on('message', (bytes) => {
      const frame = JSON.parse(String(bytes)) as Record<string, string> & { updates?: { code: number }[] };
      const messageType = frame.messageType;
      if (messageType === undefined) return answer({});
      if (messageType === 'hello') {
        agentId = frame.uaid || randomBytes(16).toString('hex');
        this.#firefoxes.set(agentId, socket);
        answer({ messageType, status: 200, uaid: agentId, use_webpush: true, broadcasts: {} });
        for (const subscriber of this.#subscribers.values()) this.#flush(subscriber);
      } else if (messageType === 'register') {
        const channelId = frame.channelID ?? '';
        const { id } = this.#add({ firefox: { agentId, channelId }, ...boundTo(frame.key) });
        answer({ messageType, status: 200, channelID: channelId, pushEndpoint: this.#endpointOf(id) });
      } else if (messageType === 'unregister') {
        for (const { id, firefox } of this.#subscribers.values())
          if (firefox?.channelId === frame.channelID) this.#subscribers.delete(id);
        answer({ messageType, status: 200, channelID: frame.channelID });
        this.#events.emit('unregister', frame.channelID);
      } else if (messageType === 'ack' || messageType === 'nack') {
        this.#events.emit('ack', frame.updates?.[0]?.code ?? Number(frame.code));
      }
      return undefined;
    });
  }

  /** The bytes go to Firefox unopened. */
  #forward(subscriber: Subscriber, { headers }: IncomingMessage, body: Buffer): void {
    subscriber.queue.push({
      messageType: 'notification',
      channelID: subscriber.firefox?.channelId,
      version: randomUUID(),
      data: body.toString('base64url'),
      headers: { encoding: headers['content-encoding'] },
    });
    this.#flush(subscriber);
  }

  #flush({ firefox, queue }: Subscriber): void {
    const socket = firefox && this.#firefoxes.get(firefox.agentId);
    if (socket?.readyState !== 1) return;
    for (const frame of queue.splice(0)) socket.send(JSON.stringify(frame));
  }

  #add(subscriber: Omit<Subscriber, 'id' | 'queue'>): Subscriber {
    const added = { id: randomBytes(16).toString('hex'), queue: [], ...subscriber };
    this.#subscribers.set(added.id, added);
    return added;
  }

  #endpointOf(id: string): string {
    return `https://${this.host}/p/${id}`;
  }
}

const idOf = (endpoint: string) => endpoint.split('/').pop() ?? '';
const boundTo = (key: string | undefined) => (key ? { key: Buffer.from(key, 'base64url') } : {});

/** RFC 8292: an ES256 token for this origin, not older than a day, by the key that the subscription is bound to. */
function judgeVapid(authorization: string, origin: string, bound: Buffer | undefined): readonly [number, string] {
  const token = /\bt=([^,\s]+)/.exec(authorization)?.[1] ?? '';
  const key = Buffer.from(/\bk=([^,\s]+)/.exec(authorization)?.[1] ?? '', 'base64url');
  const [header = '', claims = '', signature = ''] = token.split('.');
  if (key.length !== 65 || !signature) return [401, 'no VAPID authorization'];
  const coordinate = (from: number) => key.subarray(from, from + 32).toString('base64url');
  const jwk = { kty: 'EC', crv: 'P-256', x: coordinate(1), y: coordinate(33) };
  const verifier = { key: createPublicKey({ format: 'jwk', key: jwk }), dsaEncoding: 'ieee-p1363' as const };
  const signed = verify('sha256', Buffer.from(`${header}.${claims}`), verifier, Buffer.from(signature, 'base64url'));
  if (!signed) return [401, 'the signature is wrong'];
  const { aud, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { aud: string; exp: number };
  const now = Date.now() / 1_000;
  if (aud !== origin) return [401, `the audience is ${aud}`];
  if (!(exp > now && exp <= now + 86_400)) return [401, 'expired, or valid for more than a day'];
  if (bound && !bound.equals(key)) return [403, 'VAPID public key mismatch'];
  return [201, ''];
}

/** The decrypted text of a message as what the server meant. */
export function payloadOf({ plaintext }: ReceivedPush): PushPayload {
  if (plaintext === undefined) throw new Error('fake push: the message was for a browser, it cannot be read here');
  return JSON.parse(plaintext) as PushPayload;
}
