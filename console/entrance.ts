/**
 * Who works here: from the first question to the server ("is somebody signed in on this browser?") through sign-in to the
 * workbench, and back when the session ends, by wish or because the server says so.
 */
import { effect, type ReadonlySignal, signal } from '@preact/signals';
import type { ErrorCode } from '../protocol/errors.ts';
import { forgetDrafts } from '../ui/drafts.ts';
import { type Fetch, restoreSession, type SignedIn, type SignInProblem, signIn, signOut } from './session.ts';
import type { Shift } from './shift.ts';

export type Stage =
  | { readonly name: 'restoring' }
  /** It is not known whether somebody is signed in. */
  | { readonly name: 'unreachable'; readonly problem: SignInProblem }
  /** `ended`: there was a session until now. */
  | { readonly name: 'signed-out'; readonly ended: boolean; readonly busy: boolean; readonly problem?: SignInProblem }
  | { readonly name: 'working'; readonly shift: Shift };

export interface EntranceParts {
  readonly fetch: Fetch;
  readonly beginShift: (session: SignedIn) => Shift;
}

/** With these the server says that the cookie is no session any more. */
const SESSION_OVER: readonly ErrorCode[] = [
  'token-expired',
  'token-invalid',
  'session-required',
  'credentials-invalid',
];

export class Entrance {
  readonly #parts: EntranceParts;
  readonly #stage = signal<Stage>({ name: 'restoring' });
  #unwatch = () => {};

  constructor(parts: EntranceParts) {
    this.#parts = parts;
  }

  get stage(): ReadonlySignal<Stage> {
    return this.#stage;
  }

  async restore(): Promise<void> {
    this.#stage.value = { name: 'restoring' };
    const answer = await restoreSession(this.#parts.fetch);
    if (answer.kind === 'signed-in') this.#begin(answer.session);
    else if (answer.kind === 'signed-out') this.#stage.value = { name: 'signed-out', ended: false, busy: false };
    else this.#stage.value = { name: 'unreachable', problem: answer.problem };
  }

  async signIn(account: string, password: string): Promise<void> {
    const stage = this.#stage.peek();
    if (stage.name !== 'signed-out' || stage.busy) return;
    this.#stage.value = { name: 'signed-out', ended: stage.ended, busy: true };
    const answer = await signIn(this.#parts.fetch, account, password);
    if (answer.kind === 'signed-in') return this.#begin(answer.session);
    const problem = answer.kind === 'problem' ? answer.problem : { kind: 'failed' as const };
    this.#stage.value = { name: 'signed-out', ended: false, busy: false, problem };
  }

  /** False: the server was not reached; the session goes on, since its cookie would. */
  async signOut(): Promise<boolean> {
    const stage = this.#stage.peek();
    if (stage.name !== 'working') return true;
    await stage.shift.leave();
    if (!(await signOut(this.#parts.fetch))) return false;
    forgetDrafts();
    await this.#end(false);
    return true;
  }

  #begin(session: SignedIn): void {
    const shift = this.#parts.beginShift(session);
    this.#stage.value = { name: 'working', shift };
    this.#unwatch = effect(() => {
      const connection = shift.bench.client.connection.value;
      if (connection.name === 'refused' && SESSION_OVER.includes(connection.code)) void this.#end(true);
    });
  }

  async #end(ended: boolean): Promise<void> {
    const stage = this.#stage.peek();
    if (stage.name !== 'working') return;
    // Not from within the effect that calls this: it would dispose itself while it runs.
    await Promise.resolve();
    this.#unwatch();
    this.#stage.value = { name: 'signed-out', ended, busy: false };
    await stage.shift.stop();
  }
}
