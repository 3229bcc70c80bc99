/**
 * The door of websockets, and of the streams over HTTP that stand in for them. Both are judged before the first frame is read:
 * address, tenant, origin, number of sockets. Whose upgrade is refused gets a completed handshake all the same, an error frame and a
 * close code: a browser's script sees nothing of an HTTP status, and the client must learn whether to come back.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { errorKinds, InlayError } from '../../protocol/errors.ts';
import { TENANT_ID_PATTERN, type TenantId } from '../../protocol/ids.ts';
import type { Domain } from '../domain/domain.ts';
import { getTenant } from '../domain/tenants.ts';
import { clientAddress } from '../http/address.ts';
import { type SessionCookie, sessionCookie } from '../http/cookies.ts';
import { isAllowedOrigin, isOwnOrigin } from '../http/origin.ts';
import { tellable } from '../log.ts';
import type { ConnectionKind } from '../metrics.ts';
import { encodeError } from './frame.ts';
import type { Upgrade } from './handshake.ts';
import { HttpStream } from './http-stream.ts';
import { Hub } from './hub.ts';
import { Socket } from './socket.ts';
import { SocketCounts } from './socket-counts.ts';
import { Turns } from './turns.ts';
import { WebSocketWire, type Wire } from './wire.ts';

const PATH = /^\/v1\/tenants\/([^/?#]{1,200})\/socket(?:\?|$)/;
/**
 * Beyond this the websocket library itself ends the connection (1009) without reading on. Messages between FRAME_MAX_BYTES and
 * this are read to their end, so that their sender is told `frame-too-large`.
 */
export const HARD_MAX_BYTES = 1024 * 1024;
const REFUSED_LINGER_MS = 2_000;
/** Refused clients come back spread over this long. */
const FULL_RETRY_MS = 15_000;
/** Who comes while thousands come back at once (a restart, a network that returns) is let in a moment later. */
const STORM_RETRY_MS = 2_000;
const GOING_DOWN = 'The server is going down or being replaced.';

export class Gateway {
  readonly #hub: Hub;
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: HARD_MAX_BYTES,
  });
  readonly #sockets = new Set<Socket>();
  readonly #streams = new Map<string, { readonly tenantId: TenantId; readonly stream: HttpStream }>();
  readonly #counts: SocketCounts;
  readonly #turns = new Turns();
  readonly #cookie: SessionCookie;
  /** Sockets that were not welcomed yet. */
  #greeting = 0;
  #closing = false;

  constructor(private readonly domain: Domain) {
    const { settings, log } = domain;
    this.#hub = new Hub(domain.bus, domain.presence, domain.metrics, (error) => log.error({ err: error }, 'desk'));
    this.#counts = new SocketCounts(settings.connectionsPerAddress, settings.connectionsPerTenant);
    this.#cookie = sessionCookie(settings.publicUrl);
    domain.metrics.gauge('inlay_send_queue_bytes', 'Bytes that wait for clients, of all connections.', () =>
      [...this.#sockets].reduce((sum, { bytesWaiting }) => sum + bytesWaiting, 0),
    );
  }

  /** For the `upgrade` event of the HTTP server. */
  readonly onUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    // Until ws has taken over, a reset by the peer would be an error without a listener.
    const ignore = () => stream.destroy();
    stream.on('error', ignore);
    const tenantId = PATH.exec(request.url ?? '')?.[1];
    if (tenantId === undefined) reject(stream, '404 Not Found');
    else if (this.#closing) reject(stream, '503 Service Unavailable');
    else void this.#judge(request, tenantId).then((verdict) => this.#upgrade(request, stream, head, verdict, ignore));
  };

  /** A connection of many requests; rejects with why there is none. */
  async openStream(request: IncomingMessage, tenantId: string): Promise<HttpStream> {
    const verdict = await this.#judge(request, tenantId);
    if (verdict.kind === 'refused') throw verdict.error;
    const { upgrade, slot } = verdict;
    if (this.#closing) {
      slot();
      this.domain.metrics.turnedAway('server-shutdown');
      throw new InlayError('server-shutdown', GOING_DOWN);
    }
    const foreignOrigin = upgrade.ownPage ? undefined : request.headers.origin;
    const stream = new HttpStream(foreignOrigin, this.domain.settings.heartbeatTimeoutMs);
    this.#streams.set(stream.id, { tenantId: upgrade.tenantId, stream });
    this.#begin(stream, 'http', upgrade);
    stream.onClose(() => {
      slot();
      this.#streams.delete(stream.id);
    });
    return stream;
  }

  /** A stream that was opened and goes on. */
  streamOf(tenantId: string, id: string): HttpStream | undefined {
    const found = this.#streams.get(id);
    return found?.tenantId === tenantId ? found.stream : undefined;
  }

  /** No page, or one of this server. */
  isOwnPage(request: IncomingMessage): boolean {
    const { origin, host } = request.headers;
    return origin === undefined || isOwnOrigin(origin, this.domain.settings.publicUrl, host);
  }

  /** What this page may be here, before it says a word; rejects when it may not come in. */
  async check(request: IncomingMessage, tenantId: string): Promise<Upgrade> {
    return this.#check(request, tenantId, clientAddress(request, this.domain.settings.trustProxy));
  }

  /** Lets what is under way finish, at most `timeoutMs`, and tells everybody to come back. */
  async close(timeoutMs: number): Promise<void> {
    this.#closing = true;
    const goingDown = new InlayError('server-shutdown', GOING_DOWN);
    const deadline = after(timeoutMs);
    await Promise.all([...this.#sockets].map((socket) => socket.drain(goingDown, deadline)));
    this.#hub.close();
  }

  #upgrade(request: IncomingMessage, stream: Duplex, head: Buffer, verdict: Verdict, ignore: () => void): void {
    if (verdict.kind === 'allowed') stream.once('close', verdict.slot);
    if (stream.destroyed) {
      if (verdict.kind === 'allowed') verdict.slot();
      return;
    }
    this.#server.handleUpgrade(request, stream, head, (websocket) => {
      stream.off('error', ignore);
      this.#accept(websocket, stream, verdict);
    });
  }

  /** Never rejects: each way to fail is a verdict. */
  async #judge(request: IncomingMessage, tenantId: string): Promise<Verdict> {
    const { settings, log } = this.domain;
    const address = clientAddress(request, settings.trustProxy);
    const slot = this.#counts.take(address, tenantId);
    try {
      if (!slot) throw new InlayError('too-many-connections', 'Too many sockets.', spread(FULL_RETRY_MS));
      if (this.#greeting >= settings.connectionsGreeting)
        throw new InlayError('too-many-connections', 'Too many come at the same time.', spread(STORM_RETRY_MS));
      return { kind: 'allowed', slot, upgrade: await this.#check(request, tenantId, address) };
    } catch (error) {
      slot?.();
      const told = tellable(error, log);
      this.domain.metrics.turnedAway(told.code);
      return { kind: 'refused', error: told };
    }
  }

  async #check(request: IncomingMessage, tenantId: string, address: string): Promise<Upgrade> {
    const known = isTenantId(tenantId) ? await getTenant(this.domain, tenantId) : undefined;
    if (!known) throw new InlayError('tenant-unknown', 'There is no such tenant.');
    const { origin, cookie } = request.headers;
    const ownPage = this.isOwnPage(request);
    if (!ownPage && !isAllowedOrigin(origin ?? '', known.allowedOrigins))
      throw new InlayError('origin-forbidden', 'The page’s origin is not allowed for this tenant.');
    const userAgent = request.headers['user-agent'];
    const { tenant } = known;
    return { tenantId: tenant.tenantId, tenant, address, userAgent, session: this.#cookie.read(cookie), ownPage };
  }

  #accept(websocket: WebSocket, stream: Duplex, verdict: Verdict): void {
    // A broken frame or a reset: ws closes the connection itself, and the `close` event that follows tells the rest.
    websocket.on('error', () => {});
    if (verdict.kind === 'refused') {
      refuse(websocket, verdict.error);
      return;
    }
    if (this.#closing) {
      this.domain.metrics.turnedAway('server-shutdown');
      refuse(websocket, new InlayError('server-shutdown', GOING_DOWN));
      return;
    }
    this.#begin(new WebSocketWire(websocket, stream), 'websocket', verdict.upgrade);
  }

  #begin(wire: Wire, kind: ConnectionKind, upgrade: Upgrade): void {
    const { metrics } = this.domain;
    metrics.socketOpened(kind);
    this.#greeting++;
    let isGreeting = true;
    const greeted = () => {
      if (isGreeting) this.#greeting--;
      isGreeting = false;
    };
    const socket = new Socket(wire, this.domain, this.#hub, upgrade, this.#turns, greeted);
    this.#sockets.add(socket);
    wire.onClose((code) => {
      this.#sockets.delete(socket);
      greeted();
      metrics.socketClosed(kind, code);
    });
  }
}

type Verdict =
  | { readonly kind: 'allowed'; readonly upgrade: Upgrade; readonly slot: () => void }
  | { readonly kind: 'refused'; readonly error: InlayError };

function isTenantId(text: string): text is TenantId {
  return new RegExp(TENANT_ID_PATTERN).test(text);
}

function reject(stream: Duplex, status: string): void {
  stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function refuse(websocket: WebSocket, error: InlayError): void {
  websocket.send(encodeError(error).text);
  websocket.close(errorKinds[error.code].close ?? 1011, error.code);
  const timer = setTimeout(() => websocket.terminate(), REFUSED_LINGER_MS);
  websocket.once('close', () => clearTimeout(timer));
}

function spread(ms: number): number {
  return Math.round(ms * (0.5 + Math.random()));
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
