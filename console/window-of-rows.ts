/** Of a long list with rows of one height, the rows that are in sight, and some more for a quick hand. */

/** CSS pixels; the style sheet's `--row`. */
export const ROW_PX = 64;
/** Rows above and below what is seen. */
const MARGIN_ROWS = 8;

export interface RowWindow {
  readonly from: number;
  /** Behind the last one. */
  readonly to: number;
}

export function rowsInSight(scrollTop: number, height: number, count: number): RowWindow {
  const first = Math.floor(Math.max(0, scrollTop) / ROW_PX);
  const last = Math.ceil((Math.max(0, scrollTop) + height) / ROW_PX);
  const to = Math.min(count, last + MARGIN_ROWS);
  return { from: Math.max(0, Math.min(first - MARGIN_ROWS, to)), to };
}

/** Where to scroll so that a row is in sight; undefined: it is. */
export function scrollToRow(index: number, scrollTop: number, height: number): number | undefined {
  const top = index * ROW_PX;
  if (top < scrollTop) return top;
  if (top + ROW_PX > scrollTop + height) return top + ROW_PX - height;
  return undefined;
}
