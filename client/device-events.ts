/** What the device says about its network and its page, where there is a browser to say it; that it slept, everywhere. */
export interface DeviceEvents {
  /** Shown again, woken: do not wait any longer. */
  onWake(): void;
  /** There is a network again, or another one. */
  onNetwork(): void;
  /** The network may be gone. */
  onDoubt(): void;
  /** The page may be ended without another word. */
  onHide(): void;
}

/** What some browsers know: the kind of the network. */
type NetworkInformation = EventTarget & { readonly type?: string };

const TICK_MS = 2_500;
/** A tick that is late by so many milliseconds: the device slept. */
const SLEPT_MS = 5_000;

/** Returns a function that ends it. */
export function listenToDevice({ onWake, onNetwork, onDoubt, onHide }: DeviceEvents): () => void {
  const page = globalThis.document as Document | undefined;
  const network = (globalThis.navigator as { connection?: NetworkInformation } | undefined)?.connection;
  let kind = network?.type;
  const onVisibility = () => (isHidden() ? onHide() : onWake());
  // It also tells of each new estimate of the speed.
  const onKind = () => {
    const before = kind;
    kind = network?.type;
    if (kind !== before) onNetwork();
  };
  const pairs: [EventTarget | undefined, string, () => void][] = [
    [page, 'visibilitychange', onVisibility],
    [page && globalThis, 'online', onNetwork],
    [page && globalThis, 'offline', onDoubt],
    [page && globalThis, 'pageshow', onWake],
    [page && globalThis, 'pagehide', onHide],
    [network, 'change', onKind],
  ];
  const listening = new AbortController();
  for (const [target, type, listener] of pairs) target?.addEventListener(type, listener, listening);
  const stopTicking = tick(onWake);
  return () => {
    listening.abort();
    stopTicking();
  };
}

/** Nothing tells a script that the device slept, but a clock that jumped. */
function tick(onWake: () => void): () => void {
  let last = Date.now();
  const timer: unknown = setInterval(() => {
    const before = last;
    last = Date.now();
    // The timers of a hidden page are late anyway, and its return is told.
    if (last - before > TICK_MS + SLEPT_MS && !isHidden()) onWake();
  }, TICK_MS);
  // In Node it is no reason to stay.
  (timer as { unref?(): void }).unref?.();
  return () => clearInterval(timer as number);
}

/** `navigator.onLine` is to be believed only when it says no. */
export const isOffline = () => (globalThis.navigator as Navigator | undefined)?.onLine === false;

/** Nobody sees the page. */
export const isHidden = () => (globalThis.document as Document | undefined)?.visibilityState === 'hidden';
