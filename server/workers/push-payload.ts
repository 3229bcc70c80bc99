/**
 * What a notification says: who wrote, the beginning of what they wrote, and where a click leads. At most PAYLOAD_MAX_BYTES
 * as JSON: services take 4,096 encrypted, but phones are known to fail near that.
 */
import type { Content } from '../../protocol/content.ts';
import type { ConversationId, TenantId } from '../../protocol/ids.ts';
import type { PushContext, PushPayload } from '../../protocol/push.ts';

export const PAYLOAD_MAX_BYTES = 2_048;
/** Characters as people count them. A phone's lock screen shows about as many. */
const BODY_MAX_LENGTH = 120;
const TITLE_MAX_LENGTH = 60;

export interface NotificationFacts {
  readonly publicUrl: string;
  readonly tenantId: TenantId;
  readonly conversationId: ConversationId;
  readonly seq: number;
  readonly content: Content;
  readonly recipient: 'visitor' | 'agent';
  readonly senderName?: string | undefined;
  /** BCP 47, of the recipient as far as it is known. */
  readonly locale?: string | undefined;
  readonly context: PushContext;
  /** The host's page on which the visitor has the widget; compared with the tenant's origins. */
  readonly pageUrl?: string | undefined;
}

const words = {
  en: { visitor: 'Visitor', agent: 'New message', picture: 'Picture', file: (name: string) => `File: ${name}` },
  'zh-CN': { visitor: '访客', agent: '新消息', picture: '[图片]', file: (name: string) => `[文件] ${name}` },
} as const;

export function pushPayload(facts: NotificationFacts): PushPayload {
  const lang = /^zh\b/i.test(facts.locale ?? '') ? 'zh-CN' : 'en';
  const fallbackTitle = words[lang][facts.recipient === 'agent' ? 'visitor' : 'agent'];
  const payloads = addresses(facts).map(
    (navigate): PushPayload => ({
      web_push: 8030,
      notification: {
        title: shorten(facts.senderName ?? '', TITLE_MAX_LENGTH) || fallbackTitle,
        body: bodyOf(facts.content, lang),
        navigate,
        tag: `inlay:${facts.conversationId}`,
        lang,
        data: { conversationId: facts.conversationId, seq: facts.seq },
      },
    }),
  );
  const fitting = payloads.find((payload) => Buffer.byteLength(JSON.stringify(payload)) <= PAYLOAD_MAX_BYTES);
  if (!fitting) throw new Error('push: no address short enough for a notification');
  return fitting;
}

/** The best address first; the later ones are shorter, and the last always fits. */
function addresses({ context, recipient, pageUrl, publicUrl, tenantId, conversationId }: NotificationFacts): string[] {
  if (recipient === 'agent') return [`${publicUrl}/console/#c=${conversationId}`];
  const linkPage = `${publicUrl}/im/${tenantId}#c=${conversationId}`;
  if (context === 'page' || !pageUrl || !URL.canParse(pageUrl)) return [linkPage];
  const { origin, pathname } = new URL(pageUrl);
  return [pageUrl, origin + pathname, `${origin}/`].map(withOpenSign);
}

/** Tells the loader on that page to open the panel. A fragment that is there already may be the route of the host's own app. */
function withOpenSign(address: string): string {
  const url = new URL(address);
  if (/[#&]inlay=open\b/.test(url.hash)) return url.href;
  url.hash = url.hash.length > 1 ? `${url.hash}&inlay=open` : 'inlay=open';
  return url.href;
}

function bodyOf(content: Content, lang: keyof typeof words): string {
  switch (content.kind) {
    case 'text':
      return shorten(content.text, BODY_MAX_LENGTH);
    case 'image':
      return words[lang].picture;
    case 'file':
      return words[lang].file(shorten(content.file.name, TITLE_MAX_LENGTH));
    default:
      // Taken away since, or of a newer version: there is nothing to tell but that there is something.
      return words[lang].agent;
  }
}

const characters = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** One line, cut between characters, never inside an emoji. A character may be as long as its writer likes, so bytes count, too. */
function shorten(text: string, maxLength: number): string {
  const maxBytes = maxLength * 5;
  // A bound first: segmenting 10,000 characters for 120 is waste.
  const line = text
    .slice(0, maxLength * 20)
    .replaceAll(/\s+/g, ' ')
    .trim();
  let short = '';
  let length = 0;
  for (const { segment } of characters.segment(line)) {
    if (++length > maxLength - 1 || Buffer.byteLength(short + segment) > maxBytes - 3)
      return short + segment === line ? line.slice(0, maxBytes) : `${short}…`;
    short += segment;
  }
  return short;
}
