/** Everything that lives from sign-in to sign-out, put together here and ended together. */
import type { ReadonlySignal } from '@preact/signals';
import type { Client } from '../client/client.ts';
import type { ConversationId, TenantId } from '../protocol/ids.ts';
import { onNotificationClick } from '../ui/push/worker.ts';
import { startAlerts } from './alerts.ts';
import { Attention } from './attention.ts';
import { Clock } from './clock.ts';
import type { Preferences } from './preferences.ts';
import { AgentPush } from './push.ts';
import type { Route } from './route.ts';
import type { SignedIn } from './session.ts';
import type { Sound } from './sound.ts';
import { Toasts } from './toasts.ts';
import type { ConsoleSpeech } from './words.ts';
import { Workbench } from './workbench.ts';

export interface ShiftParts {
  readonly createClient: (tenantId: TenantId) => Client;
  readonly speech: ReadonlySignal<ConsoleSpeech>;
  readonly preferences: Preferences;
  readonly route: Route;
  readonly sound: Sound;
}

export interface Shift {
  readonly bench: Workbench;
  /** Before signing out: this browser must not show an agent's messages to whoever comes next. */
  leave(): Promise<void>;
  stop(): Promise<void>;
}

export function beginShift(parts: ShiftParts, session: SignedIn): Shift {
  const { createClient, speech, preferences, route, sound } = parts;
  const client = createClient(session.tenantId);
  const attention = new Attention();
  const clock = new Clock(client.now, client.welcome);
  const push = new AgentPush(client);
  const bench = new Workbench({
    ...{ client, session, route, speech, attention, clock, push },
    toasts: new Toasts(),
  });
  bench.start();
  const stopAlerts = startAlerts({ bench, sound, preferences, setTitle });
  const stopClicks = onNotificationClick((id) => id && bench.select(id as ConversationId));
  void client.start();
  void push.restore();
  return {
    bench,
    leave: () => push.leave(),
    async stop() {
      stopClicks();
      stopAlerts();
      bench.stop();
      clock.stop();
      attention.stop();
      await client.stop();
    },
  };
}

function setTitle(title: string): void {
  document.title = title;
}
