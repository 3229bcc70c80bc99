import { useEffect } from 'preact/hooks';
import { ConnectionLine } from '../../ui/connection-line.tsx';
import { actionOf, focusOf } from '../keymap.ts';
import { CommandBar } from './command-bar.tsx';
import { useConsole } from './console-context.ts';
import { ConversationView } from './conversation-view.tsx';
import { InboxView } from './inbox-view.tsx';
import { KeyList } from './key-list.tsx';
import { PersonView } from './person-view.tsx';
import { ToastView } from './toast-view.tsx';

/** Three columns side by side; which of them a narrow screen shows is the style sheet's decision, by what is selected. */
export function WorkbenchView() {
  const { bench, words } = useConsole();
  useKeys();
  const { conversationId, person } = bench.route.place.value;
  const place = conversationId === undefined ? 'list' : person ? 'person' : 'conversation';
  return (
    <div class="workbench" data-place={place}>
      <ConnectionLine state={bench.client.connection.value} />
      <main class="columns">
        <h1 class="unseen">{words.inbox}</h1>
        <InboxView />
        <ConversationView />
        <PersonView />
      </main>
      {bench.panel.value === 'commands' && <CommandBar />}
      {bench.panel.value === 'help' && <KeyList />}
      <ToastView />
    </div>
  );
}

function useKeys(): void {
  const { bench } = useConsole();
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return;
      const action = actionOf(event, focusOf(event.target));
      // What lies over the columns has the keys, but the one that closes it again.
      if (!action || (bench.panel.peek() && action !== bench.panel.peek())) return;
      event.preventDefault();
      bench.act(action);
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, [bench]);
}
