/**
 * Blobs as files. A reader never sees half a file: bytes go to a temporary name, are flushed to the disk, and only then the
 * file gets its own name, which is one step for the file system; the folder is flushed as well, so that the name survives a
 * power cut. The first two characters of a hash of the key name a folder, so that no folder grows without end.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Blobs } from './blobs.ts';

const KEY = /^[A-Za-z0-9_-]{1,64}$/;

export async function createDiskBlobs(folder: string): Promise<Blobs> {
  const temporary = join(folder, 'incoming');
  await mkdir(temporary, { recursive: true });
  await clear(temporary);

  const pathOf = (key: string) => {
    if (!KEY.test(key)) throw new Error('blobs: the key is not one that the domain makes');
    const fan = createHash('sha256').update(key).digest('hex').slice(0, 2);
    return { parent: join(folder, fan), path: join(folder, fan, key) };
  };

  return {
    async put(key, source) {
      const { parent, path } = pathOf(key);
      const draft = join(temporary, randomUUID());
      try {
        const size = await writeDurably(draft, source);
        await mkdir(parent, { recursive: true });
        await rename(draft, path);
        await flushFolder(parent);
        return { size };
      } catch (error) {
        await rm(draft, { force: true });
        throw error;
      }
    },

    async get(key) {
      const handle = await openExisting(pathOf(key).path);
      if (!handle) return undefined;
      const { size } = await handle.stat();
      return { size, stream: createReadStream('', { fd: handle, autoClose: true }) };
    },

    async delete(key) {
      await rm(pathOf(key).path, { force: true });
    },
  };
}

/** What a killed process left half written belongs to nobody. */
async function clear(temporary: string): Promise<void> {
  for (const name of await readdir(temporary)) await rm(join(temporary, name), { force: true });
}

async function writeDurably(path: string, source: Readable): Promise<number> {
  const target = createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true });
  await pipeline(source, target);
  return target.bytesWritten;
}

async function flushFolder(path: string): Promise<void> {
  // Windows cannot open a folder; its file systems keep a rename without being asked.
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function openExisting(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
