/** Whether somebody looks at this page: it is visible, and its window has the focus. */
import { type ReadonlySignal, signal } from '@preact/signals';

export class Attention {
  readonly #here = signal(isHere());
  readonly #update = () => {
    this.#here.value = isHere();
  };

  constructor() {
    for (const [target, type] of this.#sources()) target.addEventListener(type, this.#update);
  }

  get here(): ReadonlySignal<boolean> {
    return this.#here;
  }

  stop(): void {
    for (const [target, type] of this.#sources()) target.removeEventListener(type, this.#update);
  }

  #sources(): readonly (readonly [EventTarget, string])[] {
    return [
      [document, 'visibilitychange'],
      [window, 'focus'],
      [window, 'blur'],
    ];
  }
}

function isHere(): boolean {
  return document.visibilityState === 'visible' && document.hasFocus();
}
