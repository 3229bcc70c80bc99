/** The built pages and scripts, read once at the start: they are small, and a file that changes under a running server helps nobody. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';

export interface Asset {
  readonly body: Buffer;
  readonly mediaType: string;
  readonly etag: string;
}

export type Assets = ReadonlyMap<string, Asset>;

const folders = ['loader', 'service-worker', 'widget', 'console'];
const mediaTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};

/** Keys are paths below `root` with `/`, e.g. `widget/index.html`. A folder that is not built is left out. */
export async function loadAssets(root: string): Promise<Assets> {
  const assets = new Map<string, Asset>();
  for (const folder of folders) {
    for (const path of await filesBelow(join(root, folder))) {
      const mediaType = mediaTypes[extname(path)];
      if (mediaType) assets.set(relative(root, path).split(sep).join('/'), asset(await readFile(path), mediaType));
    }
  }
  return assets;
}

export function asset(body: Buffer, mediaType: string): Asset {
  return { body, mediaType, etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"` };
}

async function filesBelow(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true, recursive: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
