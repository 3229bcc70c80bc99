/**
 * Keeps what a person looks at where it is, while rows come and go above and below it.
 *
 * At the bottom, the list stays at the bottom. Elsewhere one visible row is remembered with its place in the content, and
 * after every change the list is scrolled by as much as that row moved: earlier messages, a changed width, a picture that
 * could not be shown, all by the same measure. The browser's own anchoring is off (Safari has none, and two would add up).
 */
export interface ScrollKeeperOptions {
  /** Scrolls. Its rows have the class `row` and a `data-key`. */
  readonly scroller: HTMLElement;
  /** What is scrolled. */
  readonly content: HTMLElement;
  /** Only when one of them has changed. */
  readonly onChange: (position: ScrollPosition) => void;
  /** Another row than before is the last one in sight. */
  readonly onSeen: (row: HTMLElement) => void;
}

export interface ScrollPosition {
  readonly atBottom: boolean;
  /** More than a screen away from the newest. */
  readonly far: boolean;
  /** Less than a screen below the oldest row. */
  readonly nearTop: boolean;
}

/** CSS pixels within which "almost at the bottom" is at the bottom. */
const BOTTOM_PX = 40;

export class ScrollKeeper {
  readonly #options: ScrollKeeperOptions;
  readonly #observer: ResizeObserver;
  /** Live. */
  readonly #rows: HTMLCollectionOf<Element>;
  #anchor: { readonly row: HTMLElement; readonly top: number } | undefined;
  #seen: HTMLElement | undefined;
  #position: ScrollPosition = { atBottom: true, far: false, nearTop: true };

  constructor(options: ScrollKeeperOptions) {
    this.#options = options;
    this.#rows = options.content.getElementsByClassName('row');
    this.#observer = new ResizeObserver(() => this.settle());
    this.#observer.observe(options.scroller);
    this.#observer.observe(options.content);
  }

  stop(): void {
    this.#observer.disconnect();
  }

  /** The person scrolled, or we did. */
  scrolled(): void {
    const { scroller, onChange, onSeen } = this.#options;
    // A hidden list (the panel is closed) has no height and has not been scrolled by anybody.
    if (!scroller.clientHeight) return;
    const below = scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop;
    this.#remember();
    const before = this.#position;
    this.#position = {
      atBottom: below < BOTTOM_PX,
      far: below > scroller.clientHeight,
      nearTop: scroller.scrollTop < scroller.clientHeight,
    };
    if (!samePosition(before, this.#position)) onChange(this.#position);
    const seen = this.#lastSeen();
    if (seen && seen !== this.#seen) onSeen(seen);
    this.#seen = seen;
  }

  /** After every change of the rows or of the size: puts back what was seen. */
  settle(): void {
    const { scroller } = this.#options;
    if (!scroller.clientHeight) return;
    if (this.#position.atBottom) scroller.scrollTop = scroller.scrollHeight;
    else this.#putBack();
    this.scrolled();
  }

  #putBack(): void {
    if (!this.#anchor) return;
    const { row, top } = this.#anchor;
    // A group that grew upwards may have been made anew, and its rows with it.
    const now = row.isConnected ? row : [...this.#rows].find((other) => keyOf(other) === keyOf(row));
    if (now) this.#options.scroller.scrollTop += this.#topOf(now) - top;
  }

  toBottom(): void {
    this.#position = { ...this.#position, atBottom: true };
    this.settle();
  }

  /** Brings an element a little below the upper edge, if the list is long enough. */
  toElement(element: HTMLElement, margin: number): void {
    this.#options.scroller.scrollTop = this.#topOf(element) - margin;
    this.scrolled();
  }

  /** The last row of which the lower edge is in sight. */
  #lastSeen(): HTMLElement | undefined {
    const { bottom } = this.#options.scroller.getBoundingClientRect();
    return this.#rows[this.#firstBelow(bottom + BOTTOM_PX / 2) - 1] as HTMLElement | undefined;
  }

  #remember(): void {
    const row = this.#rows[this.#firstBelow(this.#options.scroller.getBoundingClientRect().top)] as
      | HTMLElement
      | undefined;
    this.#anchor = row && { row, top: this.#topOf(row) };
  }

  /** Index of the first row that ends below `y` of the window. By halves: there may be thousands of rows. */
  #firstBelow(y: number): number {
    let low = 0;
    let high = this.#rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const row = this.#rows[middle];
      if (row && row.getBoundingClientRect().bottom > y) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Within the content, however far it is scrolled. */
  #topOf(element: Element): number {
    const { scroller } = this.#options;
    return element.getBoundingClientRect().top - scroller.getBoundingClientRect().top + scroller.scrollTop;
  }
}

const keyOf = (row: Element): string | undefined => (row as HTMLElement).dataset.key;

function samePosition(one: ScrollPosition, other: ScrollPosition): boolean {
  return one.atBottom === other.atBottom && one.far === other.far && one.nearTop === other.nearTop;
}
