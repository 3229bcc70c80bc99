import type { Content, SentContent } from '../../protocol/content.ts';
import { InlayError } from '../../protocol/errors.ts';
import type { Input, Result } from '../../protocol/up.ts';
import type { Appended } from '../store/store.ts';
import type { MessageTrace } from '../trace.ts';
import { accessConversation, checkSignedIn, checkVisitor, type SignedIn, viewerOf } from './access.ts';
import type { Actor } from './actor.ts';
import type { Domain } from './domain.ts';
import { changeEvents, messageEvents } from './events.ts';
import { checkText } from './text.ts';

const PAGE_DEFAULT = 50;

export async function sendMessage(
  domain: Domain,
  actor: Actor,
  input: Input<'message.send'>,
  trace?: MessageTrace,
): Promise<Result<'message.send'>> {
  const sender = checkSignedIn(actor);
  const sent = checkContent(sender, input.content);
  limitMessages(domain, sender);
  const content = 'fileId' in sent ? await resolveFile(domain, sender, sent) : sent;
  const now = domain.now();
  const { message } = await domain.store.of(sender.tenantId).appendMessage(
    {
      conversationId: input.conversationId,
      sender: viewerOf(sender),
      clientMessageId: input.clientMessageId,
      content,
      sentAt: now,
      pushDueAt: now + domain.settings.pushDelayMs,
      ...(content.kind === 'recall' && { recallableSince: recallableSince(domain, now) }),
    },
    (appended) => announce(domain, sender, appended, trace),
    trace,
  );
  const { messageId, conversationId, seq, sentAt } = message;
  return { messageId, conversationId, seq, sentAt };
}

function announce(domain: Domain, { tenantId }: SignedIn, appended: Appended, trace: MessageTrace | undefined): void {
  const { messageId, conversationId, seq } = appended.message;
  if (appended.repeated) {
    domain.traces.mark('repeated', conversationId, seq);
  } else if (trace) {
    domain.traces.keep(trace, messageId, conversationId, seq);
    trace.publishedAt = performance.now();
  }
  domain.bus.publish(messageEvents(tenantId, appended, trace));
}

export async function listMessages(
  domain: Domain,
  actor: Actor,
  { conversationId, after, before, limit }: Input<'message.list'>,
): Promise<Result<'message.list'>> {
  const reader = checkSignedIn(actor);
  const conversation = await accessConversation(domain, reader, conversationId);
  const page = { after, before, limit: limit ?? PAGE_DEFAULT, side: viewerOf(reader).side };
  return domain.store.of(reader.tenantId).listMessages(conversation, page);
}

export async function clearMessages(
  domain: Domain,
  actor: Actor,
  { conversationId, upTo }: Input<'message.clear'>,
): Promise<Result<'message.clear'>> {
  const visitor = checkVisitor(actor);
  const { tenantId, userId: visitorId } = visitor;
  const conversation = await accessConversation(domain, visitor, conversationId);
  await domain.store
    .of(tenantId)
    .clearMessages({ conversation, visitorId, upTo }, (change) => domain.bus.publish(changeEvents(tenantId, change)));
  return {};
}

type SentFile = Extract<SentContent, { fileId: unknown }>;

/** As it is stored, where that is known already: only its own fields, `kind` first. */
function checkContent({ kind: sender }: SignedIn, content: SentContent): SentContent {
  switch (content.kind) {
    case 'text':
      return { kind: 'text', text: checkText(content.text) };
    case 'recall':
      return { kind: 'recall', seq: content.seq };
    case 'delete':
      if (sender !== 'agent')
        throw new InlayError('forbidden', 'Only agents delete messages; a recall takes one back.');
      return { kind: 'delete', seq: content.seq };
    default:
      return content;
  }
}

function recallableSince({ settings }: Domain, now: number): number {
  return settings.recallSeconds === 0 ? Number.POSITIVE_INFINITY : now - settings.recallSeconds * 1_000;
}

function limitMessages(domain: Domain, { kind, tenantId, userId }: SignedIn): void {
  domain.limits.take(kind === 'agent' ? 'messagesPerAgent' : 'messagesPerUser', `${tenantId} ${userId}`);
  domain.limits.take('messagesPerTenant', tenantId);
}

/** A picture that is none is shown as what it is: a file. */
async function resolveFile(domain: Domain, sender: SignedIn, content: SentFile): Promise<Content> {
  const file = await domain.store.of(sender.tenantId).findOwnFile(sender.userId, content.fileId);
  if (!file) throw new InlayError('file-unknown', 'There is no such file, or somebody else uploaded it.');
  const isImage = content.kind === 'image' && file.mediaType.startsWith('image/');
  return { kind: isImage ? 'image' : 'file', file };
}
