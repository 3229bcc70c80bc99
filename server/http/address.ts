import type { IncomingMessage } from 'node:http';

/**
 * The address that a limit is counted for. `X-Forwarded-For` can be written by anybody, so only the part that the operator's
 * own proxies appended is believed: with two of them, the second from the end is the first address they saw themselves.
 */
export function clientAddress(request: IncomingMessage, trustedProxies: number): string {
  const peer = request.socket.remoteAddress ?? 'unknown';
  if (trustedProxies === 0) return grouped(peer);
  const forwarded = [request.headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
  const seen = forwarded.map((part) => part.trim()).filter(Boolean);
  return grouped(seen.at(-trustedProxies) ?? seen[0] ?? peer);
}

/** IPv4 in its own form; of IPv6 the first 64 bits, since one customer has all addresses below them. */
function grouped(address: string): string {
  const v4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (v4 !== undefined) return v4;
  if (!address.includes(':')) return address.slice(0, 64);
  const [head = '', tail] = address.split('::');
  const before = head.split(':').filter(Boolean);
  const after = tail === undefined ? [] : tail.split(':').filter(Boolean);
  const zeros = Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0');
  return `${[...before, ...(tail === undefined ? [] : zeros), ...after].slice(0, 4).join(':')}::`.slice(0, 64);
}
