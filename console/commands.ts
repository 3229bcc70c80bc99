/** What the command bar offers: the actions that are possible now, settings, and the conversations on this device. */
import type { ConversationId } from '../protocol/ids.ts';
import type { LanguageTag } from '../ui/locale.ts';
import { visitorOf } from './inbox.ts';
import { type Action, keyLabels } from './keymap.ts';
import type { LocaleChoice, Preferences, Theme } from './preferences.ts';
import { preview } from './preview.ts';
import { type Findable, find } from './search.ts';
import type { Workbench } from './workbench.ts';

export interface Command extends Findable {
  readonly id: string;
  readonly keys?: readonly string[];
  /** Quieter, behind the label: what tells two people of one name apart. */
  readonly note?: string;
  /** Set where the command is a conversation to go to. */
  readonly conversationId?: ConversationId;
  readonly run: () => void;
}

/** Rows that the bar shows. */
export const SHOWN_MAX_COUNT = 12;
/** Conversations that are searched, latest first: more would be felt at each key. */
const SEARCHED_MAX_COUNT = 2_000;

const actions: readonly Action[] = [
  'take',
  'close',
  'reopen',
  'reply',
  'person',
  'tab-waiting',
  'tab-mine',
  'tab-all',
  'next',
  'previous',
  'help',
];

export interface CommandParts {
  readonly bench: Workbench;
  readonly preferences: Preferences;
  readonly signOut: () => void;
  readonly togglePush: () => void;
}

export function findCommands(query: string, parts: CommandParts): readonly Command[] {
  const all = [...actionCommands(parts), ...settingCommands(parts)];
  // Without a query the bar is a list of what can be done; people are found by their names.
  return find(query, query.trim() ? [...conversationCommands(parts), ...all] : all, SHOWN_MAX_COUNT);
}

function actionCommands({ bench }: CommandParts): Command[] {
  const { words } = bench.speech.peek();
  return actions
    .filter((action) => bench.can(action))
    .map((action) => ({
      id: `action-${action}`,
      label: words.actions[action],
      keys: keyLabels[action],
      run: () => bench.act(action),
    }));
}

function settingCommands({ bench, preferences, signOut, togglePush }: CommandParts): Command[] {
  const { words } = bench.speech.peek();
  const { sound, theme, locale } = preferences;
  const isOn = bench.push.state.peek() === 'on';
  const themes: readonly Theme[] = ['light', 'dark', 'system'];
  const languages: readonly [LocaleChoice & LanguageTag, string][] = [
    ['en', 'English'],
    ['zh-CN', '简体中文'],
  ];
  const toggled = sound.peek() === 'on' ? 'off' : 'on';
  return [
    {
      id: 'sound',
      label: `${words.sound}: ${words[toggled]}`,
      run: () => {
        sound.value = toggled;
      },
    },
    { id: 'push', label: isOn ? words.push.turnOff : words.push.turnOn, run: togglePush },
    ...themes
      .filter((value) => value !== theme.peek())
      .map((value) => ({
        id: `theme-${value}`,
        label: `${words.theme}: ${words.themes[value]}`,
        run: () => {
          theme.value = value;
        },
      })),
    ...languages
      .filter(([tag]) => tag !== bench.speech.peek().language)
      .map(([tag, name]) => ({
        id: `language-${tag}`,
        label: `${words.language}: ${name}`,
        also: 'language 语言',
        run: () => {
          locale.value = tag;
        },
      })),
    { id: 'sign-out', label: words.signOut, run: signOut },
  ];
}

function conversationCommands({ bench }: CommandParts): Command[] {
  const { words } = bench.speech.peek();
  return [...bench.client.conversations.peek().values()]
    .sort((one, other) => (other.lastMessage?.sentAt ?? 0) - (one.lastMessage?.sentAt ?? 0))
    .slice(0, SEARCHED_MAX_COUNT)
    .map((conversation) => ({
      id: `conversation-${conversation.conversationId}`,
      conversationId: conversation.conversationId,
      label: bench.nameOf(conversation),
      note: preview(conversation, bench.agent, words),
      also: [conversation.visitor?.contact, visitorOf(conversation)?.userId, preview(conversation, bench.agent, words)]
        .filter(Boolean)
        .join(' '),
      run: () => bench.select(conversation.conversationId),
    }));
}
