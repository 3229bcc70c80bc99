/** Parts of a file (RFC 9110, 14): what players of sound and video ask for, one range at a time. */
import { Readable } from 'node:stream';

export interface Range {
  /** First and last byte, counted from 0. */
  readonly start: number;
  readonly end: number;
}

/** `undefined`: send the whole; `unsatisfiable`: nothing of it exists. Several ranges at once get the whole. */
export function parseRange(header: string | undefined, size: number): Range | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return undefined;
  const [from, to] = [match[1] ?? '', match[2] ?? ''];
  const start = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const end = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (start >= size || (from === '' && Number(to) === 0)) return 'unsatisfiable';
  return start > end ? undefined : { start, end };
}

/** The bytes of `range`; what comes before is read and dropped. */
export function sliceOf(source: Readable, { start, end }: Range): Readable {
  return Readable.from(slices(source, start, end), { objectMode: false });
}

async function* slices(source: Readable, start: number, end: number): AsyncGenerator<Buffer> {
  let at = 0;
  for await (const chunk of source as AsyncIterable<Buffer>) {
    const part = chunk.subarray(Math.max(0, start - at), Math.max(0, end + 1 - at));
    at += chunk.length;
    if (part.length > 0) yield part;
    if (at > end) return;
  }
}
