/**
 * The four ways in: by the host's script, by an element of the host (`data-inlay-open`), by a link to this page, by a
 * mini-program that shows this page. What the host's script knows comes by the port; what a link or a form knows stands in
 * the address: `name`, `contact`, `field_<anything>`, `locale`.
 */
import type { VisitorFacts } from '../protocol/embed.ts';
import {
  CONTACT_MAX_LENGTH,
  FIELD_NAME_MAX_LENGTH,
  FIELD_VALUE_MAX_LENGTH,
  FIELDS_MAX_COUNT,
  NAME_MAX_LENGTH,
  TITLE_MAX_LENGTH,
  URL_MAX_LENGTH,
} from '../protocol/limits.ts';
import type { Entry, VisitorContext } from '../protocol/service.ts';
import { isMiniProgram, type MiniProgramGlobals } from './mini-program.ts';

export interface PageEntry {
  readonly entry: Entry;
  readonly visitor: VisitorFacts;
  /** BCP 47, from the address. */
  readonly locale: string | undefined;
}

export function readPageEntry(search: string, userAgent: string, globals: MiniProgramGlobals): PageEntry {
  const query = new URLSearchParams(search);
  const fields: Record<string, string> = {};
  for (const [key, value] of query) if (key.startsWith('field_')) fields[key.slice('field_'.length)] = value;
  return {
    entry: isMiniProgram(userAgent, globals) ? 'mini-program' : 'link',
    visitor: boundFacts({ name: query.get('name') ?? '', contact: query.get('contact') ?? '', fields }),
    locale: query.get('locale') ?? undefined,
  };
}

/** Cut to what the protocol takes: an address that is too long shall not cost the visitor their chat. */
export function boundFacts({ name, contact, fields }: VisitorFacts): VisitorFacts {
  const kept = Object.entries(fields ?? {})
    .map(([key, value]) => [cut(key, FIELD_NAME_MAX_LENGTH), cut(String(value), FIELD_VALUE_MAX_LENGTH)] as const)
    .filter(([key, value]) => key && value)
    .slice(0, FIELDS_MAX_COUNT);
  return {
    ...(name?.trim() && { name: cut(name, NAME_MAX_LENGTH) }),
    ...(contact?.trim() && { contact: cut(contact, CONTACT_MAX_LENGTH) }),
    ...(kept.length > 0 && { fields: Object.fromEntries(kept) }),
  };
}

export interface PageFacts {
  readonly url: string;
  readonly title?: string | undefined;
  readonly referrer?: string | undefined;
}

export function boundPage({ url, title, referrer }: PageFacts): NonNullable<VisitorContext['page']> {
  return {
    url: url.slice(0, URL_MAX_LENGTH),
    ...(title && { title: cut(title, TITLE_MAX_LENGTH) }),
    ...(referrer && { referrer: referrer.slice(0, URL_MAX_LENGTH) }),
  };
}

/** Between characters, never inside one. */
function cut(text: string, length: number): string {
  const trimmed = text.trim();
  return trimmed.length <= length ? trimmed : trimmed.slice(0, length).replace(/[\ud800-\udbff]$/, '');
}
