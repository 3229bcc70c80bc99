const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'];

/** `1.4 MB`; a thousand of each, as the systems of phones count. */
export function formatBytes(bytes: number, locale: string): string {
  const step = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  const value = bytes / 1000 ** step;
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: UNITS[step] ?? 'byte',
    unitDisplay: step ? 'short' : 'long',
    maximumFractionDigits: step > 0 && value < 10 ? 1 : 0,
  }).format(value);
}
