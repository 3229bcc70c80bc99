import { useEffect, useState } from 'preact/hooks';
import type { ConnectionState } from '../client/client.ts';
import { useWords } from './locale.ts';

export interface ConnectionLineProps {
  readonly state: ConnectionState;
}

/** Milliseconds for which a lost connection is nobody's business: most are back by then. */
const PATIENCE_MS = 1_000;

/** Says what stands between this device and the other side, and is gone when nothing does. */
export function ConnectionLine({ state }: ConnectionLineProps) {
  const words = useWords();
  const text = textOf(state, words);
  const lasting = useLasting(text !== undefined);
  return (
    <div class={`connection ${state.name}`} role="status">
      {(lasting || state.name === 'refused') && text && <p>{text}</p>}
    </div>
  );
}

function textOf(state: ConnectionState, words: ReturnType<typeof useWords>): string | undefined {
  switch (state.name) {
    case 'idle':
      return undefined;
    case 'open':
      return state.offline && words.offline;
    case 'connecting':
      return state.attempt > 1 ? words.reconnecting : undefined;
    case 'waiting':
      return state.offline ? words.offline : words.reconnecting;
    case 'refused':
      return words.refused[state.code] ?? words.refused.other;
  }
}

/** True when a trouble has outlived the first moment. */
function useLasting(trouble: boolean): boolean {
  const [lasting, setLasting] = useState(false);
  useEffect(() => {
    setLasting(false);
    if (!trouble) return undefined;
    const timer = setTimeout(() => setLasting(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [trouble]);
  return lasting;
}
