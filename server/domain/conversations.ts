import type { Input, Result } from '../../protocol/up.ts';
import { accessConversation, checkSignedIn, viewerOf } from './access.ts';
import type { Actor } from './actor.ts';
import type { Domain } from './domain.ts';

const PAGE_DEFAULT = 50;
/** More changes than this are dearer to tell than a list anew. */
export const CHANGES_MAX = 500;

export async function listConversations(
  domain: Domain,
  actor: Actor,
  { filter, before, limit }: Input<'conversation.list'>,
): Promise<Result<'conversation.list'>> {
  const reader = checkSignedIn(actor);
  const input = { filter: filter ?? 'all', before, limit: limit ?? PAGE_DEFAULT };
  return domain.store.of(reader.tenantId).listConversations(viewerOf(reader), input);
}

export async function conversationChanges(
  domain: Domain,
  actor: Actor,
  { after, held, unheard }: Input<'conversation.changes'>,
): Promise<Result<'conversation.changes'>> {
  const reader = checkSignedIn(actor);
  return domain.store.of(reader.tenantId).conversationChanges(viewerOf(reader), after, CHANGES_MAX, held, unheard);
}

export async function getConversation(
  domain: Domain,
  actor: Actor,
  { conversationId }: Input<'conversation.get'>,
): Promise<Result<'conversation.get'>> {
  const reader = checkSignedIn(actor);
  const ref = await accessConversation(domain, reader, conversationId);
  return { conversation: await domain.store.of(reader.tenantId).getConversation(viewerOf(reader), ref) };
}

/** The newest revision that the actor may see; 0: none. */
export async function newestRevision(domain: Domain, actor: Actor): Promise<number> {
  if (actor.kind === 'anonymous') return 0;
  return domain.store.of(actor.tenantId).newestRevision(viewerOf(actor));
}
