/** How a body that is ready goes out: unchanged ones not at all, others compressed. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Asset } from './assets.ts';
import type { Compression } from './compression.ts';
import type { Headers } from './headers.ts';

export async function sendAsset(
  request: FastifyRequest,
  reply: FastifyReply,
  compression: Compression,
  asset: Asset,
  headers: Headers,
): Promise<FastifyReply> {
  const vary = [headers.vary, 'Accept-Encoding'].filter(Boolean).join(', ');
  reply.headers({ ...headers, etag: `W/${asset.etag}`, vary });
  if (reply.statusCode === 200 && isUnchanged(request.headers['if-none-match'], asset.etag))
    return reply.code(304).send();
  const { body, encoding } = await compression.encode(asset, request.headers['accept-encoding']);
  if (encoding !== 'identity') reply.header('content-encoding', encoding);
  return reply.type(asset.mediaType).send(body);
}

function isUnchanged(ifNoneMatch: string | undefined, etag: string): boolean {
  return ifNoneMatch?.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag) === true;
}
