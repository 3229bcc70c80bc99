/** One signal a conversation for the screen, made when it is first asked for and the same one from then on. */
import { computed, type ReadonlySignal } from '@preact/signals-core';
import type { ConversationId } from '../protocol/ids.ts';
import type { ConnectionState, ConversationTarget, Timeline } from './client.ts';
import type { Replica } from './replica.ts';
import type { Conversations, Viewer } from './state/conversations.ts';
import { hasEarlier } from './state/messages.ts';
import type { Outbox, OutboxEntry } from './state/outbox.ts';
import { TimelineRows } from './state/timeline.ts';

export interface TimelineSources {
  readonly replica: Replica;
  readonly outbox: ReadonlySignal<Outbox>;
  readonly conversations: ReadonlySignal<Conversations>;
  readonly loadingEarlier: ReadonlySignal<ReadonlySet<ConversationId>>;
  readonly connection: ReadonlySignal<ConnectionState>;
  readonly restored: ReadonlySignal<boolean>;
  /** With a token but without a conversation, the conversation is only not known yet. */
  readonly token: ReadonlySignal<string | undefined>;
  /** Reads signals. */
  viewer(): Viewer;
  /** Reads signals. */
  ownConversationId(): ConversationTarget;
}

export class Timelines {
  readonly #sources: TimelineSources;
  readonly #all = new Map<ConversationTarget, ReadonlySignal<Timeline>>();

  constructor(sources: TimelineSources) {
    this.#sources = sources;
  }

  of(target: ConversationTarget): ReadonlySignal<Timeline> {
    const known = this.#all.get(target) ?? this.#create(target);
    this.#all.set(target, known);
    return known;
  }

  #create(target: ConversationTarget): ReadonlySignal<Timeline> {
    const rows = new TimelineRows();
    const { replica, outbox, conversations, loadingEarlier, connection, restored, token, viewer, ownConversationId } =
      this.#sources;
    // A signal of its own: of all changes of the connection only this one concerns the rows.
    const stalled = computed(() => connection.value.name !== 'open' || connection.value.offline === true);
    return computed(() => {
      // 'new' goes on as the conversation that it becomes. All that a visitor writes goes to their one conversation.
      const own = ownConversationId();
      const id = target === 'new' ? own : target;
      const belongs = (entry: OutboxEntry) => entry.target === id || (viewer().side === 'visitor' && id === own);
      const pending = outbox.value.filter(belongs);
      if (id === 'new') {
        const entries = rows.rows([], pending, undefined, viewer(), stalled.value);
        return {
          entries,
          hasEarlier: false,
          loadingEarlier: false,
          loaded: restored.value && token.value === undefined,
        };
      }
      const log = replica.log(id).value;
      return {
        entries: rows.rows(log.messages, pending, conversations.value.get(id), viewer(), stalled.value),
        hasEarlier: hasEarlier(log),
        loadingEarlier: loadingEarlier.value.has(id),
        loaded: log.loaded,
      };
    });
  }
}
