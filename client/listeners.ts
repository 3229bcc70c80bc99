/** Who wants to hear of one thing. A listener that throws is reported and harms no other. */
export class Listeners<Values extends readonly unknown[]> {
  readonly #all = new Set<(...values: Values) => void>();

  /** Returns a function that ends it. */
  add(listener: (...values: Values) => void): () => void {
    this.#all.add(listener);
    return () => this.#all.delete(listener);
  }

  emit(...values: Values): void {
    for (const listener of [...this.#all]) {
      try {
        listener(...values);
      } catch (error) {
        // Not ours to handle and not to be hidden: it surfaces as an uncaught error of its own.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
