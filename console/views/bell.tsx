import { Icon } from '../../ui/icon.tsx';
import { bell } from '../../ui/later-icons.ts';
import { bellOff, bellRing } from '../icons.ts';
import type { PushState } from '../push.ts';
import { useConsole } from './console-context.ts';
import { Tip } from './key-button.tsx';

const icons: Readonly<Record<PushState, string>> = {
  'on': bellRing,
  'off': bell,
  'busy': bell,
  'failed': bell,
  'blocked': bellOff,
  'unsupported': bellOff,
  'needs-install': bellOff,
};

/** Notifications while the console is closed: off, on, or what stands in the way. */
export function Bell() {
  const { bench, words } = useConsole();
  const toggle = usePushToggle();
  const state = bench.push.state.value;
  const label = labelOf(state, words.push);
  return (
    <button
      type="button"
      class={state === 'on' ? 'icon-button tipped lit' : 'icon-button tipped'}
      aria-label={label}
      aria-disabled={state === 'busy'}
      onClick={toggle}
    >
      <Icon icon={icons[state]} />
      <Tip text={label} />
    </button>
  );
}

type PushWords = ReturnType<typeof useConsole>['words']['push'];

function labelOf(state: PushState, words: PushWords): string {
  if (state === 'on') return words.turnOff;
  if (state === 'busy') return words.turningOn;
  return state === 'blocked' ? words.blocked : words.turnOn;
}

/** Turns it on or off and says what came of it. */
export function usePushToggle(): () => void {
  const { bench, words } = useConsole();
  const { push, toasts } = bench;
  const toggle = async () => {
    const before = push.state.peek();
    if (before === 'busy') return;
    const after = before === 'on' ? await push.turnOff() : await push.turnOn();
    const text = outcome(before, after, words.push);
    if (text) toasts.show(text, { failed: after !== 'on' && after !== 'off' });
  };
  return () => void toggle();
}

function outcome(before: PushState, after: PushState, words: PushWords): string | undefined {
  switch (after) {
    case 'on':
      return before === 'on' ? words.failed : words.turnedOn;
    case 'off':
      return before === 'on' ? words.turnedOff : undefined;
    case 'blocked':
      return words.blocked;
    case 'needs-install':
      return words.needsInstall;
    case 'unsupported':
      return words.unsupported;
    default:
      return words.failed;
  }
}
