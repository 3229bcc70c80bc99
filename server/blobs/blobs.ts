import type { Readable } from 'node:stream';

/** Bytes of uploaded files, by a key that the domain made (`[A-Za-z0-9_-]{1,64}`, never text of a client). */
export interface Blobs {
  /** Writes all of `source` or nothing: a failed or cut stream leaves no blob. Resolves after the bytes are on the disk. */
  put(key: string, source: Readable): Promise<{ size: number }>;
  /** `undefined`: there is none. */
  get(key: string): Promise<{ size: number; stream: Readable } | undefined>;
  /** No error when there is none. */
  delete(key: string): Promise<void>;
}
