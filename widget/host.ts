/**
 * The line to the loader on the host's page (protocol/embed.ts).
 *
 * Anybody can post a message to this window. The first one that comes from our own parent, from an origin of the tenant, and
 * carries a port is the loader's; all talk goes through that port, which nobody else has.
 */
import { type Connect, EMBED_VERSION, type ToApp, type ToLoader } from '../protocol/embed.ts';

export interface Host {
  /** Of the page that embeds us, as the browser says it. */
  readonly origin: string;
  readonly connect: Connect;
  post(message: ToLoader): void;
  /** Call it once; messages that came before are kept until then. */
  listen(listener: (message: ToApp) => void): void;
}

/** The part of MessageEvent that is looked at. */
export interface Knock {
  readonly origin: string;
  readonly source: unknown;
  readonly data: unknown;
  readonly ports: readonly MessagePort[];
}

export function acceptHost(knock: Knock, parent: unknown, allowedOrigins: readonly string[]): Host | undefined {
  const { origin, source, data, ports } = knock;
  const [port] = ports;
  const trusted = source === parent && (allowedOrigins.includes('*') || allowedOrigins.includes(origin));
  if (!trusted || !port || !isConnect(data)) return undefined;
  return {
    origin,
    connect: data,
    post: (message) => port.postMessage(message),
    listen: (listener) => {
      // Setting it also starts the port.
      port.onmessage = ({ data: message }: MessageEvent<ToApp>) => listener(message);
    },
  };
}

/** Listens from this very moment: the loader speaks as soon as the frame has loaded. */
export function awaitHost(allowedOrigins: readonly string[]): Promise<Host> {
  return new Promise((resolve) => {
    const onMessage = (event: MessageEvent) => {
      const host = window.parent !== window && acceptHost(event, window.parent, allowedOrigins);
      if (!host) return;
      removeEventListener('message', onMessage);
      resolve(host);
    };
    addEventListener('message', onMessage);
  });
}

function isConnect(data: unknown): data is Connect {
  const said = data as Partial<Connect> | null;
  return said?.inlay === 'connect' && said.version === EMBED_VERSION;
}
