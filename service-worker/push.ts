/**
 * What a push message becomes. Browsers demand that every push shows something (Chrome puts up a text of its own, Safari takes
 * the subscription away), so whatever arrives, also nothing or junk, one notification comes out, and nothing is fetched
 * before it.
 */
import type { PushPayload } from '../protocol/push.ts';

/** The part of a PushMessageData that is used. */
export interface PushData {
  json(): unknown;
}

/** What a click needs to know later, see click.ts. */
export interface NotificationFacts {
  readonly navigate?: string;
  readonly conversationId?: string;
}

/** `renotify` (make a sound again although the tag is the same) is missing in TypeScript's own list. */
export interface NotificationContent {
  readonly title: string;
  readonly options: NotificationOptions & { renotify?: boolean };
}

export type Registration = Pick<ServiceWorkerRegistration, 'showNotification'>;

const fallbackWords = { zh: ['新消息', '点击查看'], en: ['New message', 'Tap to read it'] } as const;

export async function showPush(data: PushData | null, registration: Registration, language: string): Promise<void> {
  const { title, options } = notificationContent(data, language);
  await registration.showNotification(title, options);
}

export function notificationContent(data: PushData | null, language: string): NotificationContent {
  const known = declared(data);
  const [title, body] = fallbackWords[/^zh\b/i.test(language) ? 'zh' : 'en'];
  if (!known) return { title, options: { body, tag: 'inlay', renotify: true, data: {} } };
  const navigate = text(known.navigate);
  const conversationId = text(known.data?.conversationId);
  const facts: NotificationFacts = { ...(navigate && { navigate }), ...(conversationId && { conversationId }) };
  return {
    title: known.title,
    options: {
      body: text(known.body) ?? '',
      tag: text(known.tag) ?? 'inlay',
      renotify: true,
      ...(known.lang && { lang: String(known.lang) }),
      data: facts,
    },
  };
}

type Declared = Partial<PushPayload['notification']> & { readonly title: string };

/** Bytes from the network: only the title is asked for, each other part is checked where it is used. */
function declared(data: PushData | null): Declared | undefined {
  try {
    const { notification } = (data?.json() ?? {}) as { notification?: Partial<PushPayload['notification']> | null };
    return notification && text(notification.title) ? (notification as Declared) : undefined;
  } catch {
    // Not JSON: the fallback words are shown.
    return undefined;
  }
}

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
