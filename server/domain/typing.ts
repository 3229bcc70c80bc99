import type { Input, Result } from '../../protocol/up.ts';
import { accessConversation, checkSignedIn } from './access.ts';
import type { Actor } from './actor.ts';
import type { Domain } from './domain.ts';

/** Told to the other side, and among agents, so that two of them do not answer at once. */
export async function setTyping(
  domain: Domain,
  actor: Actor,
  { conversationId, typing }: Input<'typing.set'>,
): Promise<Result<'typing.set'>> {
  const { kind, tenantId, userId } = checkSignedIn(actor);
  const { visitorId } = await accessConversation(domain, checkSignedIn(actor), conversationId);
  const userIds = kind === 'agent' ? [visitorId] : [];
  domain.bus.publish([
    { tenantId, userIds, agents: true, frame: { type: 'typing.changed', conversationId, userId, typing } },
  ]);
  return {};
}
