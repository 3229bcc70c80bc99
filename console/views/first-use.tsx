import { useEffect, useState } from 'preact/hooks';
import { Icon } from '../../ui/icon.tsx';
import { check } from '../../ui/icons.ts';
import { copy, externalLink } from '../icons.ts';
import { useConsole } from './console-context.ts';

/** Milliseconds for which "copied" stands. */
const COPIED_MS = 2_000;

/** Nobody has ever written: what is missing is the one line on a page. */
export function FirstUse() {
  const { bench, words } = useConsole();
  const { firstUse } = words;
  const line = `<script async src="${location.origin}/inlay.js" data-tenant="${bench.tenantId}"></script>`;
  return (
    <div class="first-use">
      <h2>{firstUse.title}</h2>
      <p>{firstUse.text}</p>
      <div class="snippet">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
        <code tabIndex={0}>{line}</code>
        <CopyButton text={line} />
      </div>
      <p>{firstUse.or}</p>
      <a href={`/im/${bench.tenantId}`} target="_blank" rel="noopener">
        <Icon icon={externalLink} small />
        {firstUse.linkPage}
      </a>
    </div>
  );
}

function CopyButton({ text }: { readonly text: string }) {
  const { words } = useConsole();
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle');
  useEffect(() => {
    if (state === 'idle') return undefined;
    const timer = setTimeout(() => setState('idle'), COPIED_MS);
    return () => clearTimeout(timer);
  }, [state]);
  const run = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setState('copied');
    } catch {
      // Not allowed, or no secure context: the line stands there to be selected.
      setState('failed');
    }
  };
  const label = { idle: words.firstUse.copy, copied: words.firstUse.copied, failed: words.firstUse.copyFailed }[state];
  return (
    <button type="button" class="button" onClick={() => void run()}>
      <Icon icon={state === 'copied' ? check : copy} />
      <span role="status">{label}</span>
    </button>
  );
}
