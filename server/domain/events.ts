/**
 * From what was committed to who must hear of it. Visitor and agents may not see the same of a conversation, so a changed one is
 * two events. Agents hear of a conversation from its first message on.
 */
import type { ConversationId, TenantId, UserId } from '../../protocol/ids.ts';
import type { BusEvent } from '../bus/bus.ts';
import type { Appended, ConversationChange, ReceiptChange } from '../store/store.ts';
import type { MessageTrace } from '../trace.ts';

export function messageEvents(tenantId: TenantId, appended: Appended, trace?: MessageTrace): BusEvent[] {
  if (appended.repeated) return [];
  const { message, visitorId, revision, previousRevision, change } = appended;
  const frame = { type: 'message.created' as const, message, revision, previousRevision };
  const created: BusEvent = { tenantId, userIds: [visitorId], agents: true, frame, ...(trace && { trace }) };
  return [created, ...(change ? changeEvents(tenantId, change) : [])];
}

export function changeEvents(tenantId: TenantId, change: ConversationChange): BusEvent[] {
  const { conversation, forVisitor, visitorId, previousRevision } = change;
  const type = 'conversation.changed';
  const visitors: BusEvent = {
    tenantId,
    userIds: [visitorId],
    frame: { type, conversation: forVisitor, previousRevision },
  };
  if (conversation.lastSeq === 0) return [visitors];
  return [visitors, { tenantId, userIds: [], agents: true, frame: { type, conversation, previousRevision } }];
}

export function receiptEvents(tenantId: TenantId, change: ReceiptChange): BusEvent[] {
  const { visitorId, ...fields } = change;
  return [{ tenantId, userIds: [visitorId], agents: true, frame: { type: 'receipt.changed', ...fields } }];
}

export function removedEvent(
  tenantId: TenantId,
  removed: { readonly conversationId: ConversationId; readonly revision: number },
  mergedInto: ConversationId,
): BusEvent {
  return { tenantId, userIds: [], agents: true, frame: { type: 'conversation.removed', ...removed, mergedInto } };
}

export function sessionEndedEvent(tenantId: TenantId, userId: UserId, reason: 'signed-out' | 'merged'): BusEvent {
  return { tenantId, userIds: [userId], frame: { type: 'session.ended', reason } };
}
