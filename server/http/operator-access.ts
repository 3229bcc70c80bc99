/**
 * Who is the operator: the answer to it opens what concerns all tenants.
 *
 * With METRICS_TOKEN, whoever sends it, and nobody else. Without, whoever asks from this very machine. That cannot be told from the
 * peer's address alone: a proxy on this machine brings the whole world under 127.0.0.1, and not each adds a header that gives it away.
 * So it must also be sure that a proxy would show itself: either the operator said that theirs do (TRUST_PROXY), or the
 * server is one on localhost, as PUBLIC_URL says, before which there is none. The Host header must name this machine too, so
 * that a page whose own name was pointed at 127.0.0.1 (DNS rebinding) learns nothing from its visitor's browser.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Settings } from '../settings.ts';

export type OperatorSettings = Pick<Settings, 'metricsToken' | 'publicUrl' | 'trustProxy'>;

const proxyHeader = /^(?:x-forwarded(?:-.*)?|forwarded|via|x-real-ip|x-client-ip|true-client-ip|cf-connecting-ip)$/;

export function isOperator(request: IncomingMessage, settings: OperatorSettings): boolean {
  if (settings.metricsToken !== '') return isBearer(request.headers.authorization, settings.metricsToken);
  const wouldShow = settings.trustProxy > 0 || isLoopbackName(settings.publicUrl);
  return wouldShow && isFromHere(request);
}

function isFromHere({ socket, headers }: IncomingMessage): boolean {
  if (Object.keys(headers).some((name) => proxyHeader.test(name))) return false;
  return isLoopback(socket.remoteAddress ?? '') && isLoopbackName(`http://${headers.host ?? ''}`);
}

/** Compared by hashes, which have one length, in a time that says nothing of how much was right. */
function isBearer(authorization: string | undefined, token: string): boolean {
  const sent = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
  return sent !== undefined && timingSafeEqual(hash(sent), hash(token));
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function isLoopback(address: string): boolean {
  return /^(?:::ffff:)?127\.\d+\.\d+\.\d+$/i.test(address) || address === '::1';
}

function isLoopbackName(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || isLoopback(hostname);
}
