/**
 * The client library in Node: the same as client.ts, with what Node lacks. The websocket is that of `ws` (Node 20 has none, and the
 * one of Node 22 can carry no cookie), nothing is kept unless a cache is given, and an agent can sign in.
 */
import { WebSocket } from 'ws';
import { createMemoryCache } from './cache.ts';
import type { Client, ClientOptions } from './client.ts';
import { createInlayClient } from './create-client.ts';
import { errorOf } from './failures.ts';
import { createFallbackTransport } from './fallback-transport.ts';
import { createWebSocketTransport, type Transport } from './transport.ts';

export * from './client.ts';

export interface NodeClientOptions extends ClientOptions {
  /** Sent with each request, e.g. the cookie of an agent; see `signIn`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Nothing happens before `start`. */
export function createClient({ headers = {}, ...options }: NodeClientOptions): Client {
  const withHeaders: typeof fetch = (input, init) =>
    fetch(input, { ...init, headers: { ...plain(init?.headers), ...headers } });
  return createInlayClient({
    cache: createMemoryCache(),
    transport: createFallbackTransport({ websocket: transportWith(headers), fetch: withHeaders }),
    fetch: withHeaders,
    ...options,
  });
}

export interface AgentSession {
  readonly tenantId: string;
  /** The cookie; good until the agent signs out everywhere or it has run out, then sign in again. */
  readonly headers: Readonly<Record<string, string>>;
}

/** An agent's own, to be spread into the options. Rejects with InlayError, e.g. `credentials-invalid`. */
export async function signIn(
  url: string,
  { account, password }: { readonly account: string; readonly password: string },
): Promise<AgentSession> {
  const answer = await fetch(`${url.replace(/\/+$/, '')}/v1/console/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ account, password }),
  });
  const body = (await answer.json().catch(() => ({}))) as { tenantId?: string; error?: Parameters<typeof errorOf>[0] };
  if (!answer.ok || body.tenantId === undefined) throw errorOf(body.error);
  const cookies = answer.headers.getSetCookie().map((cookie) => cookie.split(';')[0]);
  return { tenantId: body.tenantId, headers: { cookie: cookies.join('; ') } };
}

function transportWith(headers: Readonly<Record<string, string>>): Transport {
  return createWebSocketTransport((url) => {
    const socket = new WebSocket(url, { headers });
    // A close follows each error, and that is what the client hears.
    socket.on('error', () => undefined);
    return socket as unknown as globalThis.WebSocket;
  });
}

const plain = (headers: HeadersInit | undefined) => Object.fromEntries(new Headers(headers));
