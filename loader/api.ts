/**
 * The one global name. `Inlay('open')` and so on return promises; `Inlay('on', event, listener)` returns what ends the
 * listening. Calls that were made before this script ran wait in the page's stub,
 *
 *     window.Inlay = window.Inlay || function () { var call = arguments; return new Promise(function (resolve) {
 *       call.done = resolve; (Inlay.q = Inlay.q || []).push(call); }); };
 *
 * and are done in their order.
 */
import { launcher, root } from './bubble.ts';
import { end, failure, on } from './events.ts';
import { close, identify, logout, open, toggle, unload, update } from './frame.ts';

type Call = [name: string, ...given: unknown[]];
type Queued = Call & { done(result: unknown): void };

interface Inlay {
  (...call: Call): unknown;
  /** The stub's. */
  q?: Queued[];
  /** Ours: a loader is at work. */
  on?: true;
}

declare global {
  interface Window {
    Inlay?: Inlay;
  }
}

const commands: Record<string, (...given: never[]) => Promise<unknown>> = {
  open,
  close,
  toggle,
  show: async () => {
    launcher.hidden = false;
  },
  hide: async () => {
    launcher.hidden = true;
  },
  identify,
  logout,
  update,
  destroy: async () => {
    await close();
    unload();
    end();
    root.remove();
    delete window.Inlay;
  },
};

export const call = (...[name, ...given]: Call): unknown => {
  const [event, listener] = given as Parameters<typeof on>;
  // Whoever asks can be told at once: this code runs.
  if (event === 'ready') setTimeout(listener);
  if (name === 'on') return on(event, listener);
  const done = (async () => {
    const command = commands[name];
    if (!command) throw failure('unknown');
    return command(...(given as never[]));
  })();
  // A host that does not look at the promise shall not see an unhandled rejection of ours.
  done.catch(() => {});
  return done;
};

/** False: another loader of this page came first. */
export const install = (): boolean => {
  const before = window.Inlay;
  if (before?.on) return false;
  window.Inlay = Object.assign(call, { on: true } as const);
  // What waits is the stub's `arguments`.
  for (const queued of before?.q ?? []) queued.done(call(...(queued as Call)));
  return true;
};
