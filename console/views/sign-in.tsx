import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Icon } from '../../ui/icon.tsx';
import type { Stage } from '../entrance.ts';
import { eye, eyeOff } from '../icons.ts';
import type { SignInProblem } from '../session.ts';
import { waitAhead } from '../waiting.ts';
import type { ConsoleWords } from '../words.ts';

export interface SignInProps {
  readonly words: ConsoleWords;
  readonly stage: Extract<Stage, { name: 'signed-out' }>;
  readonly onSubmit: (account: string, password: string) => void;
}

export function SignIn({ words, stage, onSubmit }: SignInProps) {
  const [empty, setEmpty] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const message = useMessage(stage, empty, words);
  const messageId = useId();
  // The field to be mended gets the focus, so that the message is read with it.
  useEffect(() => {
    if (stage.problem?.kind === 'credentials')
      form.current?.querySelector<HTMLInputElement>('[name=password]')?.select();
  }, [stage.problem]);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const account = String(data.get('account') ?? '').trim();
    const password = String(data.get('password') ?? '');
    setEmpty(!account || !password);
    if (account && password) onSubmit(account, password);
  };
  return (
    <main class="gate">
      <form class="gate-card" ref={form} onSubmit={submit} noValidate>
        <h1>{words.signIn}</h1>
        <p class="muted">{words.signInTo}</p>
        <Field label={words.account}>
          {(id) => (
            <input
              id={id}
              name="account"
              type="text"
              autocomplete="username"
              autocapitalize="none"
              spellcheck={false}
              required
              aria-describedby={messageId}
              autofocus
            />
          )}
        </Field>
        <PasswordField words={words} messageId={messageId} />
        <p id={messageId} class="form-message" role="alert">
          {message}
        </p>
        <button type="submit" class="button" aria-disabled={stage.busy}>
          {stage.busy ? words.signingIn : words.signIn}
        </button>
      </form>
    </main>
  );
}

interface FieldProps {
  readonly label: string;
  readonly children: (id: string) => preact.ComponentChildren;
}

function Field({ label, children }: FieldProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children(id)}
    </div>
  );
}

function PasswordField({ words, messageId }: { readonly words: ConsoleWords; readonly messageId: string }) {
  const [shown, setShown] = useState(false);
  const label = shown ? words.hidePassword : words.showPassword;
  const inputOf = (id: string) => ({
    id,
    name: 'password',
    autocomplete: 'current-password',
    spellcheck: false,
    required: true,
    'aria-describedby': messageId,
  });
  return (
    <Field label={words.password}>
      {(id) => (
        <div class="with-button">
          {shown ? <input type="text" {...inputOf(id)} /> : <input type="password" {...inputOf(id)} />}
          <button type="button" class="icon-button" aria-label={label} title={label} onClick={() => setShown(!shown)}>
            <Icon icon={shown ? eyeOff : eye} />
          </button>
        </div>
      )}
    </Field>
  );
}

function useMessage(stage: SignInProps['stage'], empty: boolean, words: ConsoleWords): string {
  const limited = stage.problem?.kind === 'limited' ? stage.problem.retryAfterMs : undefined;
  const [waited, setWaited] = useState(false);
  useEffect(() => {
    setWaited(false);
    if (limited === undefined) return undefined;
    const timer = setTimeout(() => setWaited(true), limited);
    return () => clearTimeout(timer);
  }, [stage.problem]);
  if (stage.busy) return '';
  if (empty) return words.signInProblems.empty;
  if (stage.problem) return waited ? '' : problemText(stage.problem, words);
  return stage.ended ? words.signInProblems.ended : '';
}

export function problemText(problem: SignInProblem, { signInProblems, duration }: ConsoleWords): string {
  switch (problem.kind) {
    case 'credentials':
      return signInProblems.credentials;
    case 'limited':
      return signInProblems.limited(waitAhead(problem.retryAfterMs, duration));
    case 'unreachable':
      return signInProblems.unreachable;
    case 'failed':
      return signInProblems.failed;
  }
}
