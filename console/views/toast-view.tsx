import { Icon } from '../../ui/icon.tsx';
import { cross } from '../../ui/icons.ts';
import { keyLabels } from '../keymap.ts';
import type { Toast } from '../toasts.ts';
import { useConsole } from './console-context.ts';
import { Keys } from './key-button.tsx';

/** The region is always there: screen readers announce what comes into it, not the region itself. */
export function ToastView() {
  const { bench } = useConsole();
  const toast = bench.toasts.current.value;
  return (
    <div class="toast-region" role="status">
      {toast && <Card key={toast.key} toast={toast} />}
    </div>
  );
}

function Card({ toast }: { readonly toast: Toast }) {
  const { bench, words } = useConsole();
  const { toasts } = bench;
  return (
    <div
      class={toast.failed ? 'toast failed' : 'toast'}
      onPointerEnter={() => toasts.hold()}
      onPointerLeave={() => toasts.resume()}
      onFocusIn={() => toasts.hold()}
      onFocusOut={() => toasts.resume()}
    >
      <p>{toast.text}</p>
      {toast.action && (
        <button type="button" class="toast-action" onClick={toast.action.run}>
          {toast.action.label}
          <Keys keys={keyLabels.undo} />
        </button>
      )}
      <button type="button" class="icon-button" aria-label={words.dismiss} onClick={() => toasts.dismiss()}>
        <Icon icon={cross} />
      </button>
    </div>
  );
}
