/**
 * What nobody needs to write the first message: settings, notifications, taking one back, the service worker. A chunk of its own that comes when
 * the menu is wanted, or when there is a conversation and the page is idle.
 */
import './extras.css';
import { effect, untracked } from '@preact/signals';
import { createRowMenu } from '../ui/row-menu.tsx';
import type { Chat } from './chat.ts';
import type { Host } from './host.ts';
import type { PushPermission } from './push-permission.ts';
import { createPushPermission } from './push-setup.ts';
import { ThemeChoice } from './theme.ts';
import { Menu } from './views/menu.tsx';
import { PushStrip } from './views/push-strip.tsx';
import { registerWorkerFor } from './worker-setup.ts';

export interface Extras {
  readonly push: PushPermission;
  readonly theme: ThemeChoice;
  readonly Menu: typeof Menu;
  readonly PushStrip: typeof PushStrip;
  readonly RowMenu: ReturnType<typeof createRowMenu>;
  /** Never rejects. */
  readonly registerWorker: () => Promise<void>;
}

export interface ExtrasOptions {
  readonly chat: Chat;
  /** Undefined: this is a page of its own. */
  readonly host: Host | undefined;
  readonly miniProgram: boolean;
}

export function createExtras({ chat, host, miniProgram }: ExtrasOptions): Extras {
  const { client, kept } = chat;
  const { tenantId } = chat.tenant.peek();
  const push = createPushPermission({ client, host, kept, tenantId, miniProgram });
  effect(() => {
    const count = client.pushSubscriptions.value;
    if (count !== undefined) untracked(() => push.subscriptionsChanged(count));
  });
  return {
    push,
    theme: new ThemeChoice(kept),
    Menu,
    PushStrip,
    RowMenu: createRowMenu({ client, target: () => chat.target.peek(), canDelete: false }),
    registerWorker: async () => {
      await registerWorkerFor(client, !host);
      await push.restore();
    },
  };
}
