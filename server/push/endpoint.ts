/**
 * Where a push may be sent to. An endpoint is text of a client, and the server posts to it: without a guard anybody could
 * make the server knock at addresses of its own network (SSRF). So:
 * - https, no credentials, the default port, and a host of a known push service (or of the setting PUSH_ENDPOINT_ALLOW,
 *   which may name a port);
 * - no address literals, unless that setting names one;
 * - when connecting, the name must not resolve to a private address, unless that setting names the host. The address that
 *   was checked is the one connected to, so a name that changes in between gains nothing.
 */
import { createPublicKey } from 'node:crypto';
import { lookup as resolve } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import type { PushSubscription } from '../../protocol/push.ts';

/** A host stands for all below it. Chromium and Android, Firefox, Safari, Edge on Windows. */
const knownServices = ['fcm.googleapis.com', 'push.services.mozilla.com', 'push.apple.com', 'notify.windows.com'];

export interface EndpointRules {
  /** `host` or `host:port`, beside the known services; private addresses are allowed for these. */
  readonly allow: readonly string[];
}

export type EndpointVerdict = 'forbidden' | 'public' | 'private-allowed';

export function judgeEndpoint(endpoint: string, { allow }: EndpointRules): EndpointVerdict {
  if (!URL.canParse(endpoint)) return 'forbidden';
  const url = new URL(endpoint);
  if (url.protocol !== 'https:' || url.username || url.password) return 'forbidden';
  if (allow.some((entry) => matches(url, entry))) return 'private-allowed';
  return !isLiteral(url) && knownServices.some((host) => matches(url, host)) ? 'public' : 'forbidden';
}

/** The keys of a subscription: a point of the curve P-256 and 16 bytes. */
export function areKeysValid({ keys }: PushSubscription): boolean {
  const point = decode(keys.p256dh);
  if (point?.length !== 65 || point[0] !== 4 || decode(keys.auth)?.length !== 16) return false;
  const coordinate = (from: number) => point.subarray(from, from + 32).toString('base64url');
  try {
    createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x: coordinate(1), y: coordinate(33) } });
    return true;
  } catch {
    // Not a point of the curve.
    return false;
  }
}

/** For a connection to a public service: like dns.lookup, with an error when a name leads into a private network. */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  resolve(hostname, { ...options, all: true }, (error, addresses) => {
    const [first] = addresses ?? [];
    if (error || !first) return callback(error ?? new Error(`${hostname} has no address`), '', 0);
    if (addresses.some(({ address }) => isPrivateAddress(address)))
      return callback(new Error(`${hostname} resolves to a private address`), '', 0);
    return options.all ? callback(null, addresses) : callback(null, first.address, first.family);
  });
};

export function isPrivateAddress(address: string): boolean {
  const version = isIP(address);
  if (version === 0) return true;
  return version === 6 ? privateIpv6.check(address, 'ipv6') : privateIpv4.check(address, 'ipv4');
}

function matches(url: URL, entry: string): boolean {
  const [host = '', port = ''] = entry.split(':');
  const atPort = url.port === (port === '443' ? '' : port);
  return atPort && (url.hostname === host || (!isLiteral(url) && url.hostname.endsWith(`.${host}`)));
}

const isLiteral = (url: URL) => url.hostname.startsWith('[') || isIP(url.hostname) !== 0;

function decode(text: string): Buffer | undefined {
  return /^[A-Za-z0-9_-]+={0,2}$/.test(text) ? Buffer.from(text, 'base64url') : undefined;
}

/** The special-purpose registries of IANA (RFC 6890), and multicast. */
const private4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];
/** With the forms that carry an IPv4 address inside: mapped, NAT64, 6to4, Teredo. */
const private6 = [
  '::/127',
  '::ffff:0:0/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/32',
  '2001:db8::/32',
  '2002::/16',
  'fc00::/7',
  'fe80::/10',
  'ff00::/8',
];
// Two lists: in a common one every IPv4 address would match the mapped form of IPv6.
const privateIpv4 = blockList(private4, 'ipv4');
const privateIpv6 = blockList(private6, 'ipv6');

function blockList(subnets: readonly string[], type: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [address = '', prefix] = subnet.split('/');
    list.addSubnet(address, Number(prefix), type);
  }
  return list;
}
