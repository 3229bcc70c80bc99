/**
 * A file passes through: its first bytes tell the kind, the rest is counted on its way to the blobs, and only a whole file
 * that kept all rules is written down. Whatever fails leaves nothing.
 */
import { Readable } from 'node:stream';
import { InlayError } from '../../protocol/errors.ts';
import type { File } from '../../protocol/files.ts';
import type { FileId } from '../../protocol/ids.ts';
import { checkSignedIn } from './access.ts';
import type { Actor } from './actor.ts';
import type { Domain } from './domain.ts';
import { HEAD_BYTES, type SniffedFile, shortened, sniffFile } from './file-kinds.ts';
import { newFileId } from './ids.ts';
import { imageSize } from './image-size.ts';

export { FILE_MEDIA_TYPES } from './file-kinds.ts';

export interface Upload {
  /** As the client calls it. */
  readonly name: string;
  /** Is left where the refusal came, neither destroyed nor read to its end: that is its owner's business. */
  readonly stream: Readable;
}

/** The name at the end of an address is for people only; the whole address must not become too long. */
const URL_NAME_MAX_LENGTH = 80;

export async function uploadFile(domain: Domain, actor: Actor, { name, stream }: Upload): Promise<File> {
  const uploader = checkSignedIn(actor);
  domain.limits.take('uploadsPerUser', `${uploader.tenantId} ${uploader.userId}`);
  const chunks = bytesOf(stream);
  try {
    const head = await readHead(chunks);
    const sniffed = await checkKind(head, name);
    const fileId = newFileId();
    const body = checkBody([head], chunks, domain.settings.fileMaxBytes, sniffed);
    const { size } = await domain.blobs.put(fileId, Readable.from(body, { objectMode: false }));
    const file = describe(fileId, size, sniffed, head);
    const input = { uploader: uploader.userId, file, now: domain.now() };
    return await keepOrDelete(domain, fileId, () => {
      checkWhole(stream, domain.settings.fileMaxBytes);
      return domain.store.of(uploader.tenantId).saveFile(input);
    });
  } finally {
    await chunks.return(undefined);
  }
}

export interface OpenFile {
  readonly file: File;
  readonly size: number;
  /** Must be read or destroyed. */
  readonly stream: Readable;
}

/** `undefined`: there is none. */
export async function readFile(domain: Domain, fileId: FileId): Promise<OpenFile | undefined> {
  const file = await domain.store.findFile(fileId);
  const blob = file && (await domain.blobs.get(fileId));
  return file && blob && { file, size: blob.size, stream: blob.stream };
}

type Chunks = AsyncGenerator<Uint8Array, void, undefined>;

async function* bytesOf(stream: Readable): Chunks {
  try {
    for await (const chunk of stream.iterator({ destroyOnReturn: false })) yield chunk as Uint8Array;
  } catch {
    // The connection broke or the form did: whoever sent it will not hear of it, or did it wrong.
    throw new InlayError('request-invalid', 'The upload was cut off.');
  }
}

async function readHead(chunks: Chunks): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for (let bytes = 0; bytes < HEAD_BYTES; ) {
    const { value, done } = await chunks.next();
    if (done) break;
    parts.push(value);
    bytes += value.length;
  }
  return Buffer.concat(parts);
}

async function checkKind(head: Buffer, name: string): Promise<SniffedFile> {
  if (head.length === 0) throw new InlayError('file-empty', 'The file has no bytes.');
  const sniffed = await sniffFile(head, name);
  if (!sniffed) throw new InlayError('file-kind-forbidden', 'Files of this kind are not accepted.');
  return sniffed;
}

async function* checkBody(
  head: readonly Buffer[],
  rest: Chunks,
  maxBytes: number,
  { isText }: SniffedFile,
): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let bytes = 0;
  for await (const chunk of joined(head, rest)) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    if (isText) checkTextBytes(decoder, chunk);
    yield chunk;
  }
  if (isText) checkTextBytes(decoder, undefined);
}

async function* joined(head: readonly Buffer[], rest: Chunks): AsyncGenerator<Uint8Array> {
  yield* head;
  // By hand: leaving a `for await` would end the source, and a refused upload must be left as it is.
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

/** `undefined`: the end, where no character may be half. */
function checkTextBytes(decoder: TextDecoder, chunk: Uint8Array | undefined): void {
  try {
    if (chunk?.includes(0)) throw new TypeError('NUL');
    decoder.decode(chunk, { stream: chunk !== undefined });
  } catch {
    throw new InlayError('file-kind-forbidden', 'A text file is UTF-8 text and nothing else.');
  }
}

/** A parser of multipart forms that has a limit of its own cuts the file off there and says so. */
function checkWhole(stream: Readable & { readonly truncated?: boolean }, maxBytes: number): void {
  if (stream.truncated) throw tooLarge(maxBytes);
}

async function keepOrDelete<T>(domain: Domain, key: FileId, keep: () => Promise<T>): Promise<T> {
  try {
    return await keep();
  } catch (error) {
    await domain.blobs.delete(key);
    throw error;
  }
}

function describe(fileId: FileId, size: number, { name, mediaType }: SniffedFile, head: Buffer): File {
  const url = `/files/${fileId}/${encodeURIComponent(shortened(name, URL_NAME_MAX_LENGTH))}`;
  return { fileId, name, mediaType, size, url, ...imageSize(mediaType, head) };
}

function tooLarge(maxBytes: number): InlayError {
  return new InlayError('file-too-large', `A file has at most ${maxBytes} bytes.`);
}
