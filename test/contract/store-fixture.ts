/**
 * For the contract of the store: each test gets a store of the dialect on an empty folder, with the tenants `demo` and `other`,
 * and short words for what people do with it.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import type { ClientMessageId, ConversationId, TenantId, UserId } from '../../protocol/ids.ts';
import type { Engine } from '../../server/store/connections.ts';
import type { GroupCommitOptions } from '../../server/store/group-commit.ts';
import { openStore } from '../../server/store/sql-store.ts';
import { openSqlite } from '../../server/store/sqlite.ts';
import type {
  Appended,
  Identified,
  NewIdentity,
  NewMessage,
  ReceiptChange,
  Store,
  TenantStore,
  Viewer,
  VisitorSession,
} from '../../server/store/store.ts';

export type OpenEngine = (folder: string) => Engine;
export const dialects: Readonly<Record<string, OpenEngine>> = {
  SQLite: (folder) => openSqlite(join(folder, 'inlay.db')),
};

export const NOW = 1_700_000_000_000;
export const demo = 'demo' as TenantId;
export const other = 'other' as TenantId;

let count = 0;
export const unique = (prefix: string) => `${prefix}-${String(++count).padStart(8, '0')}`;
export const newClientMessageId = () => unique('client') as ClientMessageId;
export const ignore = () => {};

/** Registers what runs before and after each test of the surrounding `describe`. */
export function useStore(open: OpenEngine) {
  let folder = '';
  let store: Store;
  const errors: unknown[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'inlay-store-'));
    await reopen();
    for (const tenantId of [demo, other]) await createTenant(tenantId);
  });
  afterEach(async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
    expect(errors.splice(0)).toEqual([]);
  });

  /** Another process on the same data; the store before it must be closed. */
  async function reopen(options: Partial<GroupCommitOptions> = {}): Promise<void> {
    store = await openStore(open(folder), { onError: (error) => errors.push(error), ...options });
  }
  const createTenant = (tenantId: TenantId, allowedOrigins: string[] = []) =>
    store.tenants.create({ tenant: { tenantId, name: tenantId }, allowedOrigins, secret: 'secret' }, NOW);
  const guest = (tenantId = demo, visitorKeyHash = unique('key')): Promise<VisitorSession> =>
    store.of(tenantId).createGuest({
      visitorKeyHash,
      userId: unique('guest') as UserId,
      conversationId: unique('conversation') as ConversationId,
      context: undefined,
      device: undefined,
      now: NOW,
    });
  const agent = async (tenantId = demo): Promise<Viewer> => {
    const { userId } = await store.accounts.create({
      tenantId,
      account: unique('account'),
      passwordHash: 'hash',
      userId: unique('agent') as UserId,
      name: 'Lin',
      avatar: undefined,
      now: NOW,
    });
    return { userId, side: 'desk' };
  };
  const asVisitor = ({ user }: VisitorSession): Viewer => ({ userId: user.userId, side: 'visitor' });

  async function refOf(viewer: Viewer, id: ConversationId, tenant: TenantStore = store.of(demo)) {
    const ref = await tenant.findConversation(viewer, id);
    if (!ref) throw new Error('the conversation is not visible');
    return ref;
  }
  async function say(
    sender: Viewer,
    id: ConversationId,
    text: string,
    { clientMessageId = newClientMessageId(), committed = ignore as (appended: Appended) => void } = {},
  ): Promise<Appended> {
    return store.of(demo).appendMessage(newMessage(id, sender, text, clientMessageId), committed);
  }
  const newMessage = (
    conversationId: ConversationId,
    sender: Viewer,
    text: string,
    clientMessageId = newClientMessageId(),
  ): NewMessage => ({
    conversationId,
    sender,
    clientMessageId,
    content: { kind: 'text', text },
    sentAt: NOW,
    pushDueAt: NOW + 10,
  });
  const textsOf = async (viewer: Viewer, id: ConversationId) => {
    const input = { after: 0, before: undefined, limit: 100 };
    const { messages } = await store.of(demo).listMessages(await refOf(viewer, id), input);
    return messages.map(({ seq, content }) => `${seq} ${content.kind === 'text' ? content.text : content.kind}`);
  };
  const look = async (viewer: Viewer, id: ConversationId) =>
    store.of(demo).getConversation(viewer, await refOf(viewer, id));
  const read = async (reader: Viewer, id: ConversationId, readSeq: number, deliveredSeq = 0) => {
    const changes: ReceiptChange[] = [];
    const conversation = await refOf(reader, id);
    await store
      .of(demo)
      .updateReceipt({ conversation, reader, deliveredSeq, readSeq }, (change) => changes.push(change));
    return changes;
  };
  const identity = (externalId: string, input: Partial<NewIdentity> = {}): NewIdentity => ({
    guestId: undefined,
    externalId,
    name: undefined,
    avatar: undefined,
    userId: unique('user') as UserId,
    conversationId: unique('conversation') as ConversationId,
    context: undefined,
    device: undefined,
    now: NOW,
    pushDueAt: NOW + 10,
    ...input,
  });
  const identify = (externalId: string, input: Partial<NewIdentity> = {}): Promise<Identified> =>
    store.of(demo).identify(identity(externalId, input), ignore);

  return {
    /** The one of this moment. */
    store: () => store,
    errors,
    reopen,
    createTenant,
    guest,
    agent,
    asVisitor,
    refOf,
    say,
    newMessage,
    textsOf,
    look,
    read,
    identify,
  };
}
