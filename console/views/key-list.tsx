import { Icon } from '../../ui/icon.tsx';
import { cross } from '../../ui/icons.ts';
import { type Action, keyLabels } from '../keymap.ts';
import { useConsole } from './console-context.ts';
import { Keys } from './key-button.tsx';
import { Popover } from './popover.tsx';

const groups = {
  list: ['next', 'previous', 'tab-waiting', 'tab-mine', 'tab-all'],
  conversation: ['reply', 'take', 'close', 'reopen', 'person', 'undo'],
  everywhere: ['commands', 'help'],
} as const satisfies Record<string, readonly Action[]>;

/** All keys, on one card. */
export function KeyList() {
  const { bench, words } = useConsole();
  const close = () => {
    bench.panel.value = undefined;
  };
  return (
    <Popover label={words.keys} class="card key-list" onClose={close}>
      <header>
        <h2>{words.keys}</h2>
        <button type="button" class="icon-button" aria-label={words.close} onClick={close}>
          <Icon icon={cross} />
        </button>
      </header>
      {(['list', 'conversation', 'everywhere'] as const).map((group) => (
        <section key={group}>
          <h3>{words.keysFor[group]}</h3>
          <dl>
            {groups[group].map((action: Action) => (
              <div key={action}>
                <dt>{words.actions[action]}</dt>
                <dd>
                  <Keys keys={keyLabels[action]} />
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </Popover>
  );
}
