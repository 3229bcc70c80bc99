/** Which page asks: the Origin header of a request or of a websocket's upgrade, compared with what is allowed. */

/**
 * The page comes from this server. Either it has the configured origin, or its origin is the very host that the request was
 * sent to: then it is the same server under another name (127.0.0.1 beside localhost, an address in the local network), and
 * any cookie that came along was set for that name.
 */
export function isOwnOrigin(origin: string, publicUrl: string, host: string | undefined): boolean {
  if (origin === publicUrl) return true;
  return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`);
}

/** `allowed` holds origins, `https://*.example.com` for all hosts below one, or `*` for any. */
export function isAllowedOrigin(origin: string, allowed: readonly string[]): boolean {
  return allowed.some((entry) => entry === '*' || entry === origin || isBelow(origin, entry));
}

function isBelow(origin: string, entry: string): boolean {
  const [scheme, host] = entry.split('://*');
  return host?.startsWith('.') === true && origin.startsWith(`${scheme}://`) && origin.endsWith(host);
}

/**
 * The value of `frame-ancestors`: the tenant's origins, and `'self'` where our own pages frame it. An entry of another form could
 * end the directive and begin one of its own, so it is left out, whoever wrote it.
 */
export function frameAncestors(allowed: readonly string[], self: boolean): string {
  const sources = allowed.filter((entry) => entry === '*' || /^https?:\/\/(\*\.)?[a-z0-9.-]+(:\d+)?$/i.test(entry));
  return [...(self ? ["'self'"] : []), ...sources].join(' ') || "'none'";
}
