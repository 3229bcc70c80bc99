import type { Transaction } from 'kysely';
import { InlayError } from '../../protocol/errors.ts';
import type { TenantId } from '../../protocol/ids.ts';
import type { Connections } from './connections.ts';
import { clearMessages } from './queries/clear.ts';
import { conversationChanges, findConversation, getConversation, listConversations } from './queries/conversations.ts';
import { findOwnFile, saveFile } from './queries/files.ts';
import { listMessages } from './queries/messages.ts';
import { updateReceipt } from './queries/receipts.ts';
import { newestRevision } from './queries/revisions.ts';
import { changeService, updateContext } from './queries/service.ts';
import { createGuest, identify } from './queries/sessions.ts';
import { findTenantKey } from './queries/tenants.ts';
import { endTokens, findUser } from './queries/users.ts';
import type { Database } from './schema.ts';
import type { TenantStore } from './store.ts';

/** Keys of tenants never change. Bounded by the number of tenants: an unknown one leaves nothing. */
export type TenantKeys = Map<TenantId, number>;

type Query<T> = (db: Transaction<Database>, tenantKey: number) => Promise<T>;

export function createTenantStore(connections: Connections, keys: TenantKeys, tenantId: TenantId): TenantStore {
  const read = <T>(query: Query<T>) =>
    connections.read(
      async (db) => {
        const key = keys.get(tenantId) ?? (await lookUp(db, tenantId));
        keys.set(tenantId, key);
        return query(db, key);
      },
      { tenantId },
    );
  // Remembers nothing: the transaction may yet be undone, and another tenant get the key.
  const write = <T>(query: Query<T>, committed?: (result: T) => void) =>
    connections.write(async (db) => query(db, keys.get(tenantId) ?? (await lookUp(db, tenantId))), {
      tenantId,
      ...(committed && { committed }),
    });
  /** For a query that tells what changed, or nothing. */
  const change = async <T>(query: Query<T | undefined>, committed: (result: T) => void): Promise<void> => {
    await write(query, (result) => result !== undefined && committed(result));
  };
  return {
    findUser: (userId) => read((db, key) => findUser(db, key, userId)),
    endTokens: (userId, committed) => write((db, key) => endTokens(db, key, userId), committed),
    createGuest: (input) => write((db, key) => createGuest(db, key, input)),
    identify: (input, committed) => write((db, key) => identify(db, key, input), committed),

    findConversation: (viewer, id) => read((db, key) => findConversation(db, key, viewer, id, false)),
    getConversation: (viewer, conversation) => read((db, key) => getConversation(db, key, viewer, conversation)),
    listConversations: (viewer, input) => read((db, key) => listConversations(db, key, viewer, input)),
    conversationChanges: (viewer, after, limit, held, unheard = []) =>
      read((db, key) => conversationChanges(db, key, viewer, { after, limit, held, unheard })),
    newestRevision: (viewer) => read((db, key) => newestRevision(db, key, viewer)),

    appendMessage: (input, committed, timing) => connections.append(input, { tenantId, committed, timing }),
    listMessages: (conversation, input) => read((db, key) => listMessages(db, key, conversation, input)),
    clearMessages: (input, committed) => change((db, key) => clearMessages(db, key, input), committed),
    updateReceipt: (input, committed) => change((db, key) => updateReceipt(db, key, input), committed),
    changeService: (conversation, agent, action, committed) =>
      change((db, key) => changeService(db, key, conversation, agent, action), committed),
    updateContext: ({ conversation, context, device }, committed) =>
      change((db, key) => updateContext(db, key, { ...conversation, context, device }), committed),

    saveFile: (input) => write((db, key) => saveFile(db, key, input)),
    findOwnFile: (uploader, fileId) => read((db, key) => findOwnFile(db, key, uploader, fileId)),
  };
}

async function lookUp(db: Transaction<Database>, tenantId: TenantId): Promise<number> {
  const key = await findTenantKey(db, tenantId);
  if (key === undefined) throw new InlayError('tenant-unknown', 'There is no such tenant.');
  return key;
}
