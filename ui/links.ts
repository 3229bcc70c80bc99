/**
 * Finds the addresses in a text. Only http and https become links; everything else stays the text it is.
 *
 * An address ends at white space, at quotes and brackets that no address holds, and at the first Chinese, Japanese or Korean
 * character, since those are written without a space in between. Punctuation at its end belongs to the sentence, and so does
 * a closing bracket that was not opened inside.
 */
export type TextPart = { readonly text: string; readonly href?: string };

const ADDRESS = /https?:\/\/[^\s<>"'`{}|\\^\u2000-\u206f\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\ufe30-\uffef]+/gi;
const TRAILING = /[.,:;!?*_~]+$/;

export function findLinks(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(ADDRESS)) {
    const address = withoutTail(found);
    const href = safeHref(address);
    if (!href) continue;
    if (index > end) parts.push({ text: text.slice(end, index) });
    parts.push({ text: address, href });
    end = index + address.length;
  }
  if (end < text.length || !parts.length) parts.push({ text: text.slice(end) });
  return parts;
}

function withoutTail(address: string): string {
  const trimmed = address.replace(TRAILING, '');
  const unopened = (open: string, close: string) =>
    trimmed.endsWith(close) && trimmed.split(close).length > trimmed.split(open).length;
  if (unopened('(', ')') || unopened('[', ']')) return withoutTail(trimmed.slice(0, -1));
  return trimmed;
}

/** `https://bank.com@evil.com` looks like the bank: an address with a user name in it is no link. */
function safeHref(address: string): string | undefined {
  try {
    const url = new URL(address);
    return /^https?:$/.test(url.protocol) && url.hostname && !url.username && !url.password ? url.href : undefined;
  } catch {
    // It only begins like an address.
    return undefined;
  }
}
