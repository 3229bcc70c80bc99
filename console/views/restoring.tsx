import type { SignInProblem } from '../session.ts';
import type { ConsoleWords } from '../words.ts';
import { problemText } from './sign-in.tsx';

/** Seen only when the answer takes longer than a moment. */
export function Restoring({ words }: { readonly words: ConsoleWords }) {
  return (
    <main class="gate late">
      <p role="status">{words.loadingList}</p>
    </main>
  );
}

export interface UnreachableProps {
  readonly words: ConsoleWords;
  readonly problem: SignInProblem;
  readonly onRetry: () => void;
}

export function Unreachable({ words, problem, onRetry }: UnreachableProps) {
  return (
    <main class="gate">
      <div class="gate-card">
        <h1>{words.inbox}</h1>
        <p role="alert">{problemText(problem, words)}</p>
        <button type="button" class="button" onClick={onRetry}>
          {words.tryAgain}
        </button>
      </div>
    </main>
  );
}
