/**
 * What a visitor's device says of itself is a stranger's word that agents read. Lengths were checked with the frame; here
 * each value becomes one clean line, addresses must be addresses, and what is left empty is left out.
 */
import {
  CONTACT_MAX_LENGTH,
  FIELD_NAME_MAX_LENGTH,
  FIELD_VALUE_MAX_LENGTH,
  FIELDS_MAX_COUNT,
  NAME_MAX_LENGTH,
  TITLE_MAX_LENGTH,
  URL_MAX_LENGTH,
} from '../../protocol/limits.ts';
import type { VisitorContext } from '../../protocol/service.ts';
import { cleanLine, cleanText, truncate } from './text.ts';

export function checkContext(context: VisitorContext): VisitorContext {
  const { entry, page, locale, timeZone, name, contact, fields } = context;
  return {
    ...(entry && { entry }),
    ...present('page', page && checkPage(page)),
    ...present('locale', matching(locale, /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/)),
    ...present('timeZone', matching(timeZone, /^[A-Za-z0-9_+/-]{1,64}$/)),
    ...present('name', line(name, NAME_MAX_LENGTH)),
    ...present('contact', line(contact, CONTACT_MAX_LENGTH)),
    ...present('fields', fields && checkFields(fields)),
  };
}

function checkPage({ url, title, referrer }: NonNullable<VisitorContext['page']>): VisitorContext['page'] {
  const address = checkAddress(url);
  if (address === undefined) return undefined;
  return {
    url: address,
    ...present('title', line(title, TITLE_MAX_LENGTH)),
    ...present('referrer', checkAddress(referrer)),
  };
}

/** Only what an agent can follow as a link: never `javascript:` or `data:`. */
function checkAddress(text: string | undefined): string | undefined {
  if (text === undefined || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return undefined;
  url.username = '';
  url.password = '';
  return url.href.length <= URL_MAX_LENGTH ? url.href : url.origin;
}

function checkFields(fields: Readonly<Record<string, string>>): Record<string, string> | undefined {
  const clean = Object.entries(fields)
    .slice(0, FIELDS_MAX_COUNT)
    .map(([name, value]) => [
      cleanLine(name, FIELD_NAME_MAX_LENGTH),
      truncate(cleanText(value).trim(), FIELD_VALUE_MAX_LENGTH),
    ])
    .filter(([name, value]) => name !== '' && value !== '');
  return clean.length > 0 ? Object.fromEntries(clean) : undefined;
}

function line(text: string | undefined, maxLength: number): string | undefined {
  return text === undefined ? undefined : cleanLine(text, maxLength) || undefined;
}

function matching(text: string | undefined, pattern: RegExp): string | undefined {
  return text !== undefined && pattern.test(text) ? text : undefined;
}

function present<Name extends string, T>(name: Name, value: T | undefined): { readonly [N in Name]?: T } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [N in Name]: T });
}
