/** What the device says about its network and its page, where there is a browser to say it. */
export interface DeviceEvents {
  /** Back online, shown again, woken: do not wait any longer. */
  onWake(): void;
  /** The network may be gone. */
  onDoubt(): void;
  /** The page may be ended without another word. */
  onHide(): void;
}

/** Returns a function that ends it. Does nothing where there is neither window nor document. */
export function listenToDevice({ onWake, onDoubt, onHide }: DeviceEvents): () => void {
  const page = globalThis.document as Document | undefined;
  const onVisibility = () => (page?.visibilityState === 'hidden' ? onHide() : onWake());
  const pairs: [EventTarget | undefined, string, () => void][] = [
    [page, 'visibilitychange', onVisibility],
    [page && globalThis, 'online', onWake],
    [page && globalThis, 'offline', onDoubt],
    [page && globalThis, 'pageshow', onWake],
    [page && globalThis, 'pagehide', onHide],
  ];
  for (const [target, type, listener] of pairs) target?.addEventListener(type, listener);
  return () => {
    for (const [target, type, listener] of pairs) target?.removeEventListener(type, listener);
  };
}

/** `navigator.onLine` is to be believed only when it says no. */
export const isOffline = () => (globalThis.navigator as Navigator | undefined)?.onLine === false;
