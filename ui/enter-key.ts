/**
 * Tells the Enter that sends from the Enter that only confirms what an input method offers (Chinese, Japanese, Korean).
 *
 * While composing, browsers mark the key by `isComposing` or the key code 229. Safari ends the composition first and gives
 * the key afterwards; most of its versions mark that one with 229, some do not, so an Enter that comes within the same stroke as
 * the end of a composition does not send either.
 */
export interface KeyStroke {
  readonly key: string;
  readonly keyCode: number;
  readonly isComposing: boolean;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
  /** Milliseconds, of the same clock as that of the composition's end. */
  readonly timeStamp: number;
}

/** Milliseconds. Between two strokes of the fastest hand lie more than this. */
const SAME_STROKE_MS = 40;
const INPUT_METHOD = 229;

export class EnterKey {
  #composing = false;
  #endedAt = Number.NEGATIVE_INFINITY;

  compositionStarted(): void {
    this.#composing = true;
  }

  compositionEnded(timeStamp: number): void {
    this.#composing = false;
    this.#endedAt = timeStamp;
  }

  /** True: this key sends what was written. */
  sends(stroke: KeyStroke): boolean {
    if (stroke.key !== 'Enter' || stroke.shiftKey || stroke.altKey) return false;
    if (stroke.isComposing || this.#composing || stroke.keyCode === INPUT_METHOD) return false;
    return stroke.timeStamp - this.#endedAt > SAME_STROKE_MS;
  }
}
