/**
 * The real client in Node, against the real server: a websocket of `ws`, a cache in memory that outlives a client (a reload is
 * a new client on the same cache), and a network that a test can take away or make lossy.
 */
import { SignJWT } from 'jose';
import { WebSocket } from 'ws';
import { type Cache, createMemoryCache } from '../../client/cache.ts';
import { type Client, type ClientOptions, createClient } from '../../client/client.ts';
import { createWebSocketTransport, type Transport } from '../../client/transport.ts';
import type { DownFrame } from '../../protocol/down.ts';
import type { TenantId } from '../../protocol/ids.ts';
import type { Credentials } from './server.ts';
import { waitFor } from './wait.ts';

/** What lies between one device and the server. */
export class Network {
  /** Frames of the server for which it says true never arrive. */
  loses: (frame: DownFrame) => boolean = () => false;
  /** Types of the requests that left, in their order. */
  readonly asked: string[] = [];
  #up = true;
  readonly #sockets = new Set<WebSocket>();

  /** Everything breaks off without a word, and nothing can be reached. */
  cut(): void {
    this.#up = false;
    for (const socket of this.#sockets) socket.terminate();
  }

  restore(): void {
    this.#up = true;
  }

  transport(headers: Record<string, string>): Transport {
    const over = createWebSocketTransport((url) => this.#dial(url, headers));
    return {
      open: (url, listener) => {
        const onText = (text: string) => {
          const kept = framesOf(text).filter((frame) => !this.loses(frame));
          if (kept.length > 0) listener.onText(JSON.stringify(kept));
        };
        const socket = over.open(url, {
          ...listener,
          onText,
          onOpen: () => listener.onOpen(),
          onClose: (code) => listener.onClose(code),
        });
        const send = (text: string) => {
          this.asked.push((JSON.parse(text) as { type: string }).type);
          socket.send(text);
        };
        return { send, close: () => socket.close() };
      },
    };
  }

  #dial(url: string, headers: Record<string, string>): globalThis.WebSocket {
    if (!this.#up) throw new Error('There is no network.');
    const socket = new WebSocket(url, { headers });
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    // A close follows each error, and that is what the client hears.
    socket.on('error', () => undefined);
    return socket as unknown as globalThis.WebSocket;
  }
}

const framesOf = (text: string): DownFrame[] => [JSON.parse(text) as DownFrame | DownFrame[]].flat();

export interface Server {
  readonly url: string;
  readonly tenantId: string;
  readonly agent: Credentials;
}

export interface Device {
  readonly client: Client;
  readonly network: Network;
  readonly cache: Cache;
}

export interface DeviceOptions extends Partial<ClientOptions> {
  readonly network?: Network;
  /** Default: those of the server. */
  readonly credentials?: Credentials;
}

/** Devices of one test; `stop` ends them all. */
export class Devices {
  readonly #server: Server;
  readonly #started: Client[] = [];

  constructor(server: Server) {
    this.#server = server;
  }

  visitor(options: DeviceOptions = {}): Promise<Device> {
    return this.#start('visitor', {}, options);
  }

  /** Signed in over HTTP; its socket carries the cookie. */
  async agent(options: DeviceOptions = {}): Promise<Device> {
    const cookie = await signIn(this.#server.url, options.credentials ?? this.#server.agent);
    return this.#start('agent', { cookie }, options);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#started.splice(0).map((client) => client.stop()));
  }

  async #start(
    actor: 'visitor' | 'agent',
    headers: Record<string, string>,
    { network = new Network(), credentials: _, cache = createMemoryCache(), ...rest }: DeviceOptions,
  ): Promise<Device> {
    const { url, tenantId } = this.#server;
    const client = createClient({
      url,
      tenantId: tenantId as TenantId,
      actor,
      cache,
      transport: network.transport(headers),
      fetch: (input, init) => fetch(input, { ...init, headers: { ...init?.headers, ...headers } }),
      ...rest,
    });
    this.#started.push(client);
    await client.start();
    return { client, network, cache };
  }
}

export async function signIn(url: string, credentials: Credentials): Promise<string> {
  const answer = await fetch(`${url}/v1/console/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'origin': url },
    body: JSON.stringify(credentials),
  });
  if (!answer.ok) throw new Error(`The sign-in failed: ${answer.status} ${await answer.text()}`);
  return (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
}

/** What a host's back end signs; good for an hour unless `claims` say something else. */
export function signIdentity(secret: string, claims: Record<string, unknown>): Promise<string> {
  const expiresAt = Math.floor(Date.now() / 1_000) + 3_600;
  return new SignJWT({ exp: expiresAt, ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode(secret));
}

export const isOpen = ({ client }: Device) =>
  waitFor('an open connection', () => client.connection.value.name === 'open');

/** Own conversation of a visitor, on the screen. */
export const timelineOf = ({ client }: Device) => client.timeline(client.ownConversationId()).value;

/** Texts of the own conversation, stored or not. */
export const textsOf = (device: Device) =>
  timelineOf(device).entries.map(({ content }) => (content.kind === 'text' ? content.text : content.kind));

export const write = ({ client }: Device, text: string) =>
  client.send(client.ownConversationId(), { kind: 'text', text });

/** The own conversation has so many stored messages and nothing pending. */
export const hasStored = (device: Device, count: number) =>
  waitFor(`${count} stored messages`, () => {
    const { entries } = timelineOf(device);
    return entries.length === count && entries.every(({ seq }) => seq !== undefined);
  });
