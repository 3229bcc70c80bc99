import type { ConversationId, TenantId, UserId } from '../../protocol/ids.ts';

/**
 * Who asks. Made by a door (gateway, http, worker) after it checked a token, a cookie or a signature; nothing in the domain
 * trusts an id from anywhere else.
 */
export type Actor = Anonymous | VisitorActor | AgentActor;

/** A visitor before their first word: has a tenant and nothing else. */
export interface Anonymous {
  readonly kind: 'anonymous';
  readonly tenantId: TenantId;
}

/** A guest or a user known to the host, on one of their devices. */
export interface VisitorActor {
  readonly kind: 'visitor';
  readonly tenantId: TenantId;
  readonly userId: UserId;
  readonly conversationId: ConversationId;
}

export interface AgentActor {
  readonly kind: 'agent';
  readonly tenantId: TenantId;
  readonly userId: UserId;
}
