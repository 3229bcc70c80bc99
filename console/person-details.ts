/** What is known of a visitor, as rows to be read. Everything in it was said by their browser: text, and nothing but text. */
import type { Visitor } from '../protocol/service.ts';
import { clockTime } from '../ui/time.ts';
import type { ConsoleWords } from './words.ts';

export interface Detail {
  readonly key: string;
  readonly label: string;
  readonly text: string;
  /** Only http and https. */
  readonly href?: string;
  /** A second, quieter line. */
  readonly note?: string;
}

export interface DetailContext {
  readonly words: ConsoleWords;
  readonly locale: string;
  /** By the server's clock. */
  readonly now: number;
}

export function personDetails(visitor: Visitor | undefined, context: DetailContext): readonly Detail[] {
  if (!visitor) return [];
  const { details, entries } = context.words;
  const { contact, page, entry, device } = visitor;
  return [
    contact && { key: 'contact', label: details.contact, text: contact },
    page && pageDetail('page', details.page, page.url, page.title),
    page?.referrer && pageDetail('referrer', details.referrer, page.referrer),
    entry && { key: 'entry', label: details.entry, text: entries[entry] ?? entry },
    visitor.locale && { key: 'language', label: details.language, text: languageName(visitor.locale, context.locale) },
    visitor.timeZone && timeZoneDetail(visitor.timeZone, context),
    device && { key: 'device', label: details.device, text: device },
  ].filter((detail) => typeof detail === 'object');
}

export function formDetails(visitor: Visitor | undefined): readonly Detail[] {
  return Object.entries(visitor?.fields ?? {}).map(([name, text]) => ({ key: `field-${name}`, label: name, text }));
}

function pageDetail(key: string, label: string, address: string, title?: string): Detail {
  const href = safeAddress(address);
  const shown = href ? shortAddress(href) : address;
  const text = title?.trim() || shown;
  return { key, label, text, ...(href && { href }), ...(text !== shown && { note: shown }) };
}

/** `javascript:` and the like are no addresses to click on. */
export function safeAddress(address: string): string | undefined {
  try {
    const url = new URL(address);
    return /^https?:$/.test(url.protocol) && !url.username && !url.password ? url.href : undefined;
  } catch {
    // Shown as the text it is.
    return undefined;
  }
}

function shortAddress(href: string): string {
  const { host, pathname, search } = new URL(href);
  const path = pathname === '/' ? '' : pathname;
  try {
    return host + decodeURI(path + search);
  } catch {
    // Not UTF-8 in the address: as it stands.
    return host + path + search;
  }
}

/** `zh-CN` → "Chinese (China)", where the browser knows it. */
function languageName(tag: string, locale: string): string {
  try {
    return new Intl.DisplayNames(locale, { type: 'language' }).of(tag) ?? tag;
  } catch {
    // Not a language tag: whatever was said is shown.
    return tag;
  }
}

function timeZoneDetail(timeZone: string, { words, locale, now }: DetailContext): Detail {
  const detail = { key: 'time-zone', label: words.details.timeZone, text: timeZone };
  try {
    const there = new Intl.DateTimeFormat(locale, { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
    const time = there.format(now);
    return time === clockTime(now, locale) ? detail : { ...detail, note: words.localTime(time) };
  } catch {
    // A zone that this browser does not know.
    return detail;
  }
}
