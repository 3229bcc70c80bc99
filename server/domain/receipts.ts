import type { Input, Result } from '../../protocol/up.ts';
import { accessConversation, checkSignedIn, viewerOf } from './access.ts';
import type { Actor } from './actor.ts';
import type { Domain } from './domain.ts';
import { receiptEvents } from './events.ts';

export async function updateReceipt(
  domain: Domain,
  actor: Actor,
  { conversationId, deliveredSeq = 0, readSeq = 0 }: Input<'receipt.update'>,
): Promise<Result<'receipt.update'>> {
  const reader = checkSignedIn(actor);
  const viewer = viewerOf(reader);
  const conversation = await accessConversation(domain, reader, conversationId);
  await domain.store
    .of(reader.tenantId)
    .updateReceipt({ conversation, reader: viewer, deliveredSeq, readSeq }, (change) => {
      domain.bus.publish(receiptEvents(reader.tenantId, change));
      const { conversationId } = change;
      if (deliveredSeq > 0) domain.traces.mark('receipt-delivered', conversationId, change.deliveredSeq, viewer.side);
      if (readSeq > 0) domain.traces.mark('receipt-read', conversationId, change.readSeq, viewer.side);
    });
  return {};
}
