/**
 * Bodies as few bytes as the browser can read. Brotli at its best is slow and its result never changes, so each body is
 * compressed once, when first asked for, outside the event loop, and kept.
 */
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Asset } from './assets.ts';

const toBrotli = promisify(brotliCompress);
const toGzip = promisify(gzip);

/** Results kept; the oldest goes. Assets of a build are some twenty; the rest are pages and loaders of tenants. */
const MAX_ENTRIES = 500;
/** Below this the header that names the encoding costs more than is saved. */
const MIN_BYTES = 400;

export type Encoding = 'br' | 'gzip' | 'identity';

export class Compression {
  readonly #results = new Map<string, Promise<Buffer>>();

  async encode(asset: Asset, acceptEncoding: string | undefined): Promise<{ body: Buffer; encoding: Encoding }> {
    const encoding = compressible(asset) ? chooseEncoding(acceptEncoding) : 'identity';
    if (encoding === 'identity') return { body: asset.body, encoding };
    return { body: await this.#result(asset, encoding), encoding };
  }

  #result(asset: Asset, encoding: 'br' | 'gzip'): Promise<Buffer> {
    const key = `${encoding}${asset.etag}`;
    const known = this.#results.get(key);
    if (known) return known;
    const result = encoding === 'br' ? brotli(asset.body) : toGzip(asset.body, { level: 9 });
    this.#results.set(key, result);
    result.catch(() => this.#results.delete(key));
    for (const oldest of this.#results.keys()) if (this.#results.size > MAX_ENTRIES) this.#results.delete(oldest);
    return result;
  }
}

function brotli(body: Buffer): Promise<Buffer> {
  return toBrotli(body, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
    },
  });
}

function compressible(asset: Asset): boolean {
  return asset.body.length >= MIN_BYTES && /^(text\/|application\/|image\/svg)/.test(asset.mediaType);
}

/** The smallest encoding that the browser did not refuse (`;q=0`). */
export function chooseEncoding(acceptEncoding: string | undefined): Encoding {
  const accepted = new Set(
    (acceptEncoding ?? '')
      .toLowerCase()
      .split(',')
      .filter((part) => !/;\s*q=0(\.0*)?\s*$/.test(part))
      .map((part) => part.split(';')[0]?.trim()),
  );
  if (accepted.has('br')) return 'br';
  return accepted.has('gzip') || accepted.has('*') ? 'gzip' : 'identity';
}
