/**
 * What may be uploaded. The kind is found in the bytes; the name says something only for plain text, which has no mark of its
 * own. Nothing that a browser or a system could run passes, and what passes gets the ending of its kind: a picture that is
 * called `offer.hta` must not be saved under that name.
 */
import { type FileTypeResult, fileTypeFromBuffer } from 'file-type';
import { FILE_NAME_MAX_LENGTH } from '../../protocol/limits.ts';
import { cleanLine, truncate } from './text.ts';

interface FileKind {
  readonly mediaType: string;
  /** Endings that a name may have; the first is given to a name with another one. */
  readonly endings: readonly string[];
}

const office = 'application/vnd.openxmlformats-officedocument';
/** Media type as found, and what it is called here. */
const kinds: Readonly<Record<string, FileKind>> = {
  'image/png': { mediaType: 'image/png', endings: ['png'] },
  'image/apng': { mediaType: 'image/png', endings: ['png', 'apng'] },
  'image/jpeg': { mediaType: 'image/jpeg', endings: ['jpg', 'jpeg', 'jfif'] },
  'image/gif': { mediaType: 'image/gif', endings: ['gif'] },
  'image/webp': { mediaType: 'image/webp', endings: ['webp'] },
  'application/pdf': { mediaType: 'application/pdf', endings: ['pdf'] },
  'application/zip': { mediaType: 'application/zip', endings: ['zip'] },
  [`${office}.wordprocessingml.document`]: { mediaType: `${office}.wordprocessingml.document`, endings: ['docx'] },
  [`${office}.spreadsheetml.sheet`]: { mediaType: `${office}.spreadsheetml.sheet`, endings: ['xlsx'] },
  [`${office}.presentationml.presentation`]: {
    mediaType: `${office}.presentationml.presentation`,
    endings: ['pptx'],
  },
  'video/mp4': { mediaType: 'video/mp4', endings: ['mp4', 'm4v'] },
  'audio/mpeg': { mediaType: 'audio/mpeg', endings: ['mp3'] },
  'audio/ogg': { mediaType: 'audio/ogg', endings: ['ogg', 'oga', 'opus'] },
  'audio/wav': { mediaType: 'audio/wav', endings: ['wav'] },
  'audio/x-m4a': { mediaType: 'audio/mp4', endings: ['m4a'] },
  'audio/mp4': { mediaType: 'audio/mp4', endings: ['m4a'] },
};
const plainText: FileKind = { mediaType: 'text/plain', endings: ['txt', 'csv', 'md', 'log'] };

export const FILE_MEDIA_TYPES: readonly string[] = [
  ...new Set([...Object.values(kinds), plainText].map((kind) => kind.mediaType)),
];

/** How much of a file must be there to tell its kind and the size of a picture. */
export const HEAD_BYTES = 128 * 1024;

export interface SniffedFile {
  readonly mediaType: string;
  /** As it may be saved. */
  readonly name: string;
  /** Its bytes have no mark: each of them must be text (text-check.ts). */
  readonly isText: boolean;
}

/** `undefined`: not of a kind that may be uploaded. `head`: the first HEAD_BYTES, or all. */
export async function sniffFile(head: Uint8Array, name: string): Promise<SniffedFile | undefined> {
  const cleanName = cleanFileName(name);
  const found = await fileTypeFromBuffer(head);
  if (!found && isText(head, cleanName)) return { mediaType: plainText.mediaType, name: cleanName, isText: true };
  const kind = kinds[nameOf(found, head)];
  return kind && { mediaType: kind.mediaType, name: withEnding(cleanName, kind.endings), isText: false };
}

function nameOf(found: FileTypeResult | undefined, head: Uint8Array): string {
  if (found) return found.mime.split(';', 1)[0] ?? '';
  // An archive whose first entry reaches beyond the head.
  return head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4 ? 'application/zip' : '';
}

/** What a browser would take for a page, if it were asked to guess. */
const LOOKS_LIKE_MARKUP = /^\s*<(!doctype|!--|html|head|body|script|style|svg|iframe|img|link|meta|\?xml)/i;

function isText(head: Uint8Array, name: string): boolean {
  if (!plainText.endings.includes(endingOf(name))) return false;
  return !LOOKS_LIKE_MARKUP.test(
    Buffer.from(head.subarray(0, 1_024))
      .toString('utf8')
      .replace(/^\ufeff/, ''),
  );
}

export function cleanFileName(name: string): string {
  const last =
    cleanLine(name, 4 * FILE_NAME_MAX_LENGTH)
      .split(/[/\\]/)
      .at(-1) ?? '';
  const clean = last.replace(/[<>:"|?*]/g, '_').replace(/^[. ]+|[. ]+$/g, '');
  return shortened(clean || 'file', FILE_NAME_MAX_LENGTH);
}

function withEnding(name: string, endings: readonly string[]): string {
  if (endings.includes(endingOf(name))) return name;
  return shortened(`${name}.${endings[0]}`, FILE_NAME_MAX_LENGTH);
}

function endingOf(name: string): string {
  return /\.([^.]{1,10})$/.exec(name)?.[1]?.toLowerCase() ?? '';
}

/** At most so long, without losing the ending. */
export function shortened(name: string, maxLength: number): string {
  if (name.length <= maxLength) return name;
  const ending = /\.[^.]{1,10}$/.exec(name)?.[0] ?? '';
  return truncate(name, maxLength - ending.length) + ending;
}
