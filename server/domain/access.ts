/**
 * The one door from an id that somebody sent to a record that they have a right to. What they may not see does not exist for
 * them: `not-found`, whether it is there or not.
 */
import { InlayError } from '../../protocol/errors.ts';
import type { ConversationId } from '../../protocol/ids.ts';
import type { ConversationRef, Viewer } from '../store/store.ts';
import type { Actor, AgentActor, VisitorActor } from './actor.ts';
import type { Domain } from './domain.ts';

export type SignedIn = VisitorActor | AgentActor;

export function checkSignedIn(actor: Actor): SignedIn {
  if (actor.kind === 'anonymous') throw new InlayError('session-required', 'There is no session yet.');
  return actor;
}

export function checkVisitor(actor: Actor): VisitorActor {
  const signedIn = checkSignedIn(actor);
  if (signedIn.kind !== 'visitor') throw new InlayError('forbidden', 'Only visitors may.');
  return signedIn;
}

export function checkAgent(actor: Actor): AgentActor {
  const signedIn = checkSignedIn(actor);
  if (signedIn.kind !== 'agent') throw new InlayError('forbidden', 'Only agents may.');
  return signedIn;
}

export function viewerOf(actor: SignedIn): Viewer {
  return { userId: actor.userId, side: actor.kind === 'agent' ? 'desk' : 'visitor' };
}

export async function accessConversation(
  domain: Domain,
  actor: SignedIn,
  conversationId: ConversationId,
): Promise<ConversationRef> {
  const store = domain.store.of(actor.tenantId);
  const found = await store.findConversation(viewerOf(actor), conversationId);
  if (!found) throw new InlayError('not-found', 'There is no such conversation.');
  return found;
}
