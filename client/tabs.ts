/**
 * Other tabs of the same browser share the cache, and must not go on as somebody who has signed out here. Only a browser has
 * tabs; where its channel is missing or forbidden, a tab finds out at its next start.
 */
export interface Tabs {
  tellWiped(): void;
  leave(): void;
}

/** `name` is the same for all tabs that share what is kept. */
export function joinTabs(name: string, onWiped: () => void): Tabs {
  const channel = openChannel(name);
  if (channel) channel.onmessage = () => onWiped();
  return {
    // One message is all there is to say.
    tellWiped: () => channel?.postMessage('wiped'),
    leave: () => channel?.close(),
  };
}

function openChannel(name: string): BroadcastChannel | undefined {
  try {
    return 'document' in globalThis ? new BroadcastChannel(`inlay/${name}`) : undefined;
  } catch {
    // Storage is blocked for this frame, and with it the channel: there is no cache to share either.
    return undefined;
  }
}
