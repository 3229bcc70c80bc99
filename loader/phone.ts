/**
 * The chat as a full screen: sized by what of the page can be seen (the keyboard takes its part), with the page behind it held
 * still, and closed by the back button.
 *
 * The back button needs an entry of the session history. It carries the host's own state and a mark, at the same address: a
 * router of the host that hears of its leaving finds the very state and address that it had, and has nothing to do. (Chrome
 * calls the listeners of a window in the order of their registration, so the event cannot be kept from one that came first.)
 */

/** No browser takes so long to go back; where it may not go back at all, nobody waits longer. */
const BACK_MS = 1_000;

const marked = (): boolean => history.state?.inlay === 1;

/** Zoomed in with two fingers, the panel keeps its size and is looked at through a window. */
function followViewport(frame: HTMLElement, signal: AbortSignal): void {
  const view = window.visualViewport;
  const resize = () => {
    if (!view || view.scale > 1.01) return;
    frame.style.top = `${view.offsetTop}px`;
    frame.style.height = `${view.height}px`;
  };
  view?.addEventListener('resize', resize, { signal });
  view?.addEventListener('scroll', resize, { signal });
  signal.addEventListener('abort', () => {
    frame.style.top = '';
    frame.style.height = '';
  });
  resize();
}

function holdStill(signal: AbortSignal): void {
  const { style } = document.documentElement;
  const { overflow } = style;
  style.overflow = 'hidden';
  signal.addEventListener('abort', () => {
    style.overflow = overflow;
  });
}

/** Resolves when our entry was left, by whatever way. `back` is called when the visitor did it. */
function addEntry(back: () => void): Promise<void> {
  // Marked already: the page was reloaded while the chat was open.
  if (!marked()) history.pushState({ ...history.state, inlay: 1 }, '');
  return new Promise((resolve) => {
    const onPop = (event: Event) => {
      if (marked()) return;
      event.stopImmediatePropagation();
      window.removeEventListener('popstate', onPop, true);
      resolve();
      back();
    };
    window.addEventListener('popstate', onPop, true);
  });
}

/** Makes the open panel a full screen. Returns what ends it; that resolves when page and history are as they were. */
export function enter(frame: HTMLElement, close: () => void): () => Promise<void> {
  const life = new AbortController();
  followViewport(frame, life.signal);
  holdStill(life.signal);
  const left = addEntry(close);
  return async () => {
    life.abort();
    // Not marked: the visitor went back already, or the host went on to another page of its own.
    if (!marked()) return;
    history.back();
    await Promise.race([left, new Promise((resolve) => setTimeout(resolve, BACK_MS))]);
  };
}
