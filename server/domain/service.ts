import type { Input, Result } from '../../protocol/up.ts';
import type { ServiceAction } from '../store/store.ts';
import { accessConversation, checkAgent, checkVisitor } from './access.ts';
import type { Actor } from './actor.ts';
import { checkContext } from './context.ts';
import { deviceOf } from './device.ts';
import type { Domain } from './domain.ts';
import { changeEvents } from './events.ts';

type Conversation = Input<'service.take'>;

export function takeConversation(domain: Domain, actor: Actor, input: Conversation): Promise<Result<'service.take'>> {
  return changeService(domain, actor, input, 'take');
}

export function closeConversation(domain: Domain, actor: Actor, input: Conversation): Promise<Result<'service.close'>> {
  return changeService(domain, actor, input, 'close');
}

export function reopenConversation(
  domain: Domain,
  actor: Actor,
  input: Conversation,
): Promise<Result<'service.reopen'>> {
  return changeService(domain, actor, input, 'reopen');
}

async function changeService(
  domain: Domain,
  actor: Actor,
  { conversationId }: Conversation,
  action: ServiceAction,
): Promise<Record<string, never>> {
  const agent = checkAgent(actor);
  const conversation = await accessConversation(domain, agent, conversationId);
  await domain.store
    .of(agent.tenantId)
    .changeService(conversation, agent.userId, action, (change) =>
      domain.bus.publish(changeEvents(agent.tenantId, change)),
    );
  return {};
}

/** What the connection tells of the device. */
export interface DeviceHints {
  readonly userAgent?: string;
  /** The page that keeps the visitor's token, see protocol/hello.ts. */
  readonly hostOrigin?: string;
}

export async function updateContext(
  domain: Domain,
  actor: Actor,
  { context }: Input<'context.update'>,
  { userAgent }: DeviceHints,
): Promise<Result<'context.update'>> {
  const visitor = checkVisitor(actor);
  const conversation = await accessConversation(domain, visitor, visitor.conversationId);
  await domain.store
    .of(visitor.tenantId)
    .updateContext({ conversation, context: checkContext(context), device: deviceOf(userAgent) }, (change) =>
      domain.bus.publish(changeEvents(visitor.tenantId, change)),
    );
  return {};
}
