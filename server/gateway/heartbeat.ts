/**
 * Finds sockets whose other end is gone without a word (a phone in a tunnel, a cable pulled): TCP alone notices after many
 * minutes. The browser answers a websocket ping by itself, even where a background page's scripts are slowed down, so the
 * server's ping depends on nothing but the connection.
 */
export interface Beating {
  ping(): void;
  onPong(listener: () => void): void;
}

export interface HeartbeatOptions {
  /** Pause between a pong and the next ping. */
  readonly intervalMs: number;
  /** How long a pong may take. */
  readonly timeoutMs: number;
}

/** Calls `onDead` once when a ping is not answered. Returns a function that ends the heartbeat. */
export function startHeartbeat(socket: Beating, options: HeartbeatOptions, onDead: () => void): () => void {
  let ended = false;
  let timer = setTimeout(beat, options.intervalMs);

  function beat(): void {
    timer = setTimeout(onDead, options.timeoutMs);
    socket.ping();
  }
  socket.onPong(() => {
    if (ended) return;
    clearTimeout(timer);
    timer = setTimeout(beat, options.intervalMs);
  });
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}
