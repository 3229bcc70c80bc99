/** Waits between tries, all of which can be cut short together. */
export class Pauses {
  readonly #waiting = new Map<() => void, ReturnType<typeof setTimeout>>();

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(this.#waiting.get(end));
        this.#waiting.delete(end);
        resolve();
      };
      this.#waiting.set(end, setTimeout(end, ms));
    });
  }

  endAll(): void {
    for (const end of [...this.#waiting.keys()]) end();
  }
}
