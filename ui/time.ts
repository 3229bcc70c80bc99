/** Times as people say them, in their own zone; `now` and `at` are by the server's clock. */
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

const formats = new Map<string, Intl.DateTimeFormat>();

/** Making an Intl object takes longer than using it a thousand times. */
function format(at: number, locale: string, options: Intl.DateTimeFormatOptions): string {
  const key = `${locale}|${JSON.stringify(options)}`;
  let made = formats.get(key);
  if (!made) {
    made = new Intl.DateTimeFormat(locale, options);
    formats.set(key, made);
  }
  return made.format(at);
}

/** `14:05` */
export const clockTime = (at: number, locale: string): string =>
  format(at, locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

/** Whole days of the calendar from `at` to `now`; negative in the future. */
export function daysBetween(at: number, now: number): number {
  const midnight = (time: number) => new Date(time).setHours(0, 0, 0, 0);
  // Rounded: a day with a change of the clock has 23 or 25 hours.
  return Math.round((midnight(now) - midnight(at)) / DAY_MS);
}

/** When the day of `at` ends. */
export const midnightAfter = (at: number): number => new Date(at).setHours(24, 0, 0, 0);

const relativeDay = (days: number, locale: string): string =>
  new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(-days, 'day');

function date(at: number, now: number, locale: string, weekday: boolean): string {
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return format(at, locale, {
    month: 'short',
    day: 'numeric',
    ...(weekday && { weekday: 'short' }),
    ...(!sameYear && { year: 'numeric' }),
  });
}

/** "just now", "14:05", "yesterday 14:05", "3 Nov 14:05". */
export function stamp(at: number, now: number, locale: string, justNow: string): string {
  const age = now - at;
  if (age < MINUTE_MS && age > -MINUTE_MS) return justNow;
  const days = daysBetween(at, now);
  const time = clockTime(at, locale);
  if (days <= 0) return time;
  return `${days === 1 ? relativeDay(1, locale) : date(at, now, locale, false)} ${time}`;
}

/** One word for narrow lists: "just now", "14:05", "yesterday", "3 Nov". */
export function shortStamp(at: number, now: number, locale: string, justNow: string): string {
  if (now - at < MINUTE_MS) return justNow;
  const days = daysBetween(at, now);
  if (days <= 0) return clockTime(at, locale);
  return days === 1 ? relativeDay(1, locale) : date(at, now, locale, false);
}

/** For the line between two days: "Today", "Yesterday", "Mon, 3 Nov". */
export function dayName(at: number, now: number, locale: string): string {
  const days = daysBetween(at, now);
  const name = days >= 0 && days <= 1 ? relativeDay(days, locale) : date(at, now, locale, true);
  return name.charAt(0).toLocaleUpperCase(locale) + name.slice(1);
}

/** Everything, for a tooltip. */
export const fullTime = (at: number, locale: string): string =>
  format(at, locale, { dateStyle: 'full', timeStyle: 'short', hourCycle: 'h23' } as Intl.DateTimeFormatOptions);
