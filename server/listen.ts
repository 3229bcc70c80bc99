/** Binding a port, with an error that says which setting to change. */
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { SettingError } from './settings.ts';

/**
 * Connections that the system holds until they are accepted, if it is allowed to (net.core.somaxconn). It drops those beyond, and
 * their clients, who hear nothing of it, ask again after one, three and seven seconds: when all come back at once, that is long.
 */
const BACKLOG = 4_096;

export interface ListenOptions {
  /** 0: any free one. */
  readonly port: number;
  /** Empty: all addresses. */
  readonly host: string;
  /** The setting that named the port. */
  readonly setting: string;
}

export interface Listening {
  readonly server: Server;
  readonly port: number;
  /** Nothing new comes in; what is under way has `timeoutMs`. */
  close(timeoutMs: number): Promise<void>;
}

export async function listen(handler: RequestListener, { port, host, setting }: ListenOptions): Promise<Listening> {
  const server = createServer(handler);
  const unused = trackUnused(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(explained(error, setting, port)));
    server.listen({ port, backlog: BACKLOG, ...(host && { host }) }, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return { server, port: address.port, close: (timeoutMs) => closeServer(server, unused, timeoutMs) };
}

/**
 * Connections on which nothing was asked yet: browsers open some in advance. To Node they are neither idle nor under way, and
 * they would hold up the end until its time is over.
 */
function trackUnused(server: Server): ReadonlySet<Socket> {
  const unused = new Set<Socket>();
  server.on('connection', (socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  server.on('request', ({ socket }: IncomingMessage) => unused.delete(socket));
  server.on('upgrade', ({ socket }: IncomingMessage, stream: Duplex) => {
    unused.delete(socket);
    // With any listener at all Node leaves the answer to the listeners, and before the door for websockets stands this one is alone.
    if (server.listenerCount('upgrade') === 1) refuse(stream);
  });
  return unused;
}

function refuse(stream: Duplex): void {
  stream.on('error', () => stream.destroy());
  stream.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
}

async function closeServer(server: Server, unused: ReadonlySet<Socket>, timeoutMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  for (const socket of unused) socket.destroy();
  const timer = setTimeout(() => server.closeAllConnections(), timeoutMs);
  await closed;
  clearTimeout(timer);
}

function explained(error: NodeJS.ErrnoException, setting: string, port: number): Error {
  if (error.code === 'EADDRINUSE') return new SettingError(setting, `port ${port} is in use; choose another one`);
  if (error.code === 'EACCES') return new SettingError(setting, `port ${port} may not be used by this user`);
  return error;
}
