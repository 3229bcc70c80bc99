import { formatBytes } from './bytes.ts';
import type { Speech } from './locale.ts';

export interface FileLimits {
  /** Bytes of one file. */
  readonly fileMaxBytes: number;
  /** Media types that the server takes. */
  readonly fileMediaTypes: readonly string[];
}

/** Says no before anything is uploaded, where it is sure. The server looks into the file itself and has the last word. */
export function objectionTo(
  file: Pick<File, 'name' | 'size' | 'type'>,
  limits: FileLimits | undefined,
  { words, locale }: Speech,
): string | undefined {
  if (!file.size) return words.fileEmpty(file.name);
  if (!limits) return undefined;
  if (file.size > limits.fileMaxBytes) return words.fileTooLarge(file.name, formatBytes(limits.fileMaxBytes, locale));
  // Browsers do not know every type; what they do not know they leave empty.
  const known = limits.fileMediaTypes.length > 0 && file.type !== '';
  return known && !limits.fileMediaTypes.includes(file.type) ? words.fileKindForbidden(file.name) : undefined;
}
