/** What every backend of server/blobs/blobs.ts must do; a new backend adds one line to `backends`. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Blobs } from '../../server/blobs/blobs.ts';
import { createDiskBlobs } from '../../server/blobs/disk.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inlay-blobs-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const backends: Record<string, () => Promise<Blobs>> = { disk: () => createDiskBlobs(folder) };

async function read(blobs: Blobs, key: string): Promise<Buffer | undefined> {
  const found = await blobs.get(key);
  if (!found) return undefined;
  const bytes = await buffer(found.stream);
  expect(found.size).toBe(bytes.length);
  return bytes;
}

async function* cutAfter(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
  throw new Error('the connection was cut');
}

for (const [name, create] of Object.entries(backends)) {
  describe(name, () => {
    test('what was put is what is got, with its size', async () => {
      const blobs = await create();
      const bytes = Buffer.alloc(300_000, 'picture');
      expect(await blobs.put('key_1-A', Readable.from([bytes]))).toEqual({ size: bytes.length });
      expect(await read(blobs, 'key_1-A')).toEqual(bytes);
    });

    test('it is there for the next process', async () => {
      await (await create()).put('kept', Readable.from([Buffer.from('x')]));
      expect(await read(await create(), 'kept')).toEqual(Buffer.from('x'));
    });

    test('there is nothing under a key that was never put', async () => {
      expect(await (await create()).get('nothing')).toBeUndefined();
    });

    test('a stream that fails leaves nothing', async () => {
      const blobs = await create();
      await expect(blobs.put('cut', Readable.from(cutAfter(Buffer.from('half'))))).rejects.toThrow('cut');
      expect(await blobs.get('cut')).toBeUndefined();
    });

    test('what is deleted is gone, and deleting it again is no error', async () => {
      const blobs = await create();
      await blobs.put('gone', Readable.from([Buffer.from('x')]));
      await blobs.delete('gone');
      await blobs.delete('gone');
      expect(await blobs.get('gone')).toBeUndefined();
    });

    test('a key that leads elsewhere is refused', async () => {
      const blobs = await create();
      await expect(blobs.put('../evil', Readable.from([]))).rejects.toThrow('key');
      await expect(blobs.get('a/b')).rejects.toThrow('key');
    });
  });
}

test('disk: what a killed process left half written is cleared at the next start', async () => {
  await createDiskBlobs(folder);
  await writeFile(join(folder, 'incoming', 'half'), 'half');
  await createDiskBlobs(folder);
  expect(await readdir(join(folder, 'incoming'))).toEqual([]);
});
