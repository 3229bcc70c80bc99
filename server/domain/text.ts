/** Text is kept as it was written, but for what no text may hold: NUL, and halves of a character that came without the other. */
import { InlayError } from '../../protocol/errors.ts';
import { TEXT_MAX_LENGTH } from '../../protocol/limits.ts';

const HALVES = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

export function cleanText(text: string): string {
  return text.replaceAll('\0', '').replace(HALVES, '');
}

/** Of a message. */
export function checkText(text: string): string {
  if (text.length > TEXT_MAX_LENGTH)
    throw new InlayError('text-too-long', `A text has at most ${TEXT_MAX_LENGTH} characters.`);
  const clean = cleanText(text);
  // Invisible characters alone are nothing to read, either.
  if (!/[^\s\p{Default_Ignorable_Code_Point}\p{Cc}]/u.test(clean))
    throw new InlayError('text-empty', 'There is no text.');
  return clean;
}

/** One line: a name, a title. Control characters and text direction marks could make it pass for something else. */
export function cleanLine(text: string, maxLength: number): string {
  const line = cleanText(text)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/[\u202a-\u202e\u2066-\u2069]/g, '')
    .trim();
  return truncate(line, maxLength);
}

/** Never in the middle of a character. */
export function truncate(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const cut = text.slice(0, maxLength);
  return /[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut;
}
