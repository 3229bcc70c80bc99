/** Every listener that the loader sets on the host's page ends by this one controller. */
const life = new AbortController();
export const { signal } = life;
export const end = (): void => life.abort();

export const listen = (target: EventTarget, name: string, handle: (event: never) => unknown): void =>
  target.addEventListener(name, handle as EventListener, { signal, capture: true });

type Listener = readonly [name: string, listener: (detail: unknown) => void];

let listeners: Listener[] = [];

/** Each listener is called by itself, a moment later: one that throws harms no other, and its error is the host's own. */
export const emit = (name: string, detail?: unknown): void => {
  for (const [wanted, listener] of listeners) if (wanted === name) setTimeout(listener, 0, detail);
};

export const on = (...added: Listener): (() => void) => {
  listeners.push(added);
  return () => {
    listeners = listeners.filter((listener) => listener !== added);
  };
};

/** What the promises of `Inlay(…)` reject with and the `error` event carries. */
export const failure = (code: string): Error & { code: string } => Object.assign(Error(code), { code });
