import { useWords } from './locale.ts';

/** Bubbles to come; the style sheet shows them only after a moment, since most loads are over by then. */
export function Skeleton() {
  const words = useWords();
  return (
    <div class="skeleton" role="status">
      <span class="unseen">{words.loadingMessages}</span>
      <i />
      <i class="mine" />
      <i />
    </div>
  );
}
