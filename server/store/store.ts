/**
 * All that is kept, as the domain sees it. Reads see only what is committed; a write resolves after its commit, and its
 * `committed` callback is called in the order of the commits: events that are published there have the order of the
 * revisions that they carry.
 *
 * Whatever belongs to a tenant is reached through `store.of(tenantId)`; ids of another tenant do not exist there.
 */
import type { Content } from '../../protocol/content.ts';
import type { Conversation, Held, Missed, SharedConversation } from '../../protocol/conversations.ts';
import type { File } from '../../protocol/files.ts';
import type { ClientMessageId, ConversationId, FileId, TenantId, UserId } from '../../protocol/ids.ts';
import type { Message } from '../../protocol/messages.ts';
import type { VisitorContext } from '../../protocol/service.ts';
import type { Tenant } from '../../protocol/tenants.ts';
import type { User } from '../../protocol/users.ts';
import type { PushStore } from './queries/push-store.ts';

export interface Store {
  /** Calls on it fail with `tenant-unknown` when there is no such tenant. */
  of(tenantId: TenantId): TenantStore;
  readonly tenants: TenantDirectory;
  readonly accounts: Accounts;
  readonly keys: Keys;
  readonly push: PushStore;
  /** By its id alone: who knows it may read the file. */
  findFile(fileId: FileId): Promise<File | undefined>;
  /** At this moment, for their commit. */
  readonly writesWaiting: number;
  /** Rejects when the database does not answer. */
  ready(): Promise<void>;
  /** Commits what waits, refuses what comes later, and lets go of the database. */
  close(): Promise<void>;
}

export interface TenantStore {
  findUser(userId: UserId): Promise<StoredUser | undefined>;
  /** All tokens of the user are dead from now on, and so is a guest's visitor key. */
  endTokens(userId: UserId, committed: () => void): Promise<void>;
  createGuest(input: NewGuest): Promise<VisitorSession>;
  identify(input: NewIdentity, committed: (identified: Identified) => void): Promise<Identified>;

  /** `undefined`: there is none, or the viewer may not see it. */
  findConversation(viewer: Viewer, id: ConversationId): Promise<ConversationRef | undefined>;
  getConversation(viewer: Viewer, conversation: ConversationRef): Promise<Conversation>;
  listConversations(viewer: Viewer, input: ListInput): Promise<ConversationPage>;
  /**
   * All of one moment. `held`: positions, at most HELD_MAX_COUNT; absent, and no messages are told. `unheard`: revisions, at most
   * UNHEARD_MAX_COUNT, whose conversations are told as well.
   */
  conversationChanges(
    viewer: Viewer,
    after: number,
    limit: number,
    held?: readonly Held[],
    unheard?: readonly number[],
  ): Promise<ConversationNews>;
  /** 0: none. */
  newestRevision(viewer: Viewer): Promise<number>;

  /** `timing`: is told when it was queued, and of its commit. */
  appendMessage(input: NewMessage, committed: (appended: Appended) => void, timing?: AppendTiming): Promise<Appended>;
  listMessages(conversation: ConversationRef, input: MessagePageInput): Promise<MessagePage>;
  /** Nothing is called back when it changes nothing. */
  clearMessages(input: NewClear, committed: (change: ConversationChange) => void): Promise<void>;
  updateReceipt(input: NewReceipt, committed: (change: ReceiptChange) => void): Promise<void>;
  /** Nothing is called back when it changes nothing. */
  changeService(
    conversation: ConversationRef,
    agent: UserId,
    action: ServiceAction,
    committed: (change: ConversationChange) => void,
  ): Promise<void>;
  updateContext(input: NewContext, committed: (change: ConversationChange) => void): Promise<void>;

  saveFile(input: NewFile): Promise<File>;
  /** Only a file that this user uploaded. */
  findOwnFile(uploader: UserId, fileId: FileId): Promise<File | undefined>;
}

export type Side = 'visitor' | 'desk';
/** Who looks: the same conversation is another one for its visitor and for an agent. */
export interface Viewer {
  readonly userId: UserId;
  readonly side: Side;
}

/** A conversation that somebody was found to have a right to. Only the store makes one. */
export interface ConversationRef {
  readonly conversationKey: number;
  readonly conversationId: ConversationId;
  readonly visitorId: UserId;
}

export interface StoredUser {
  readonly user: User;
  readonly tokenVersion: number;
  /** The guest became a user. */
  readonly ended: boolean;
  /** A visitor's own conversation. */
  readonly conversationId?: ConversationId;
}

export interface NewGuest {
  readonly visitorKeyHash: string;
  readonly userId: UserId;
  readonly conversationId: ConversationId;
  readonly context: VisitorContext | undefined;
  readonly device: string | undefined;
  readonly now: number;
}

export interface VisitorSession {
  readonly user: User;
  readonly tokenVersion: number;
  readonly conversation: Conversation;
}

export interface NewIdentity {
  /** The guest who turns out to be this user. */
  readonly guestId: UserId | undefined;
  readonly externalId: string;
  readonly name: string | undefined;
  readonly avatar: string | undefined;
  /** Taken when user or conversation do not exist yet. */
  readonly userId: UserId;
  readonly conversationId: ConversationId;
  readonly context: VisitorContext | undefined;
  readonly device: string | undefined;
  readonly now: number;
  /** When somebody who is away is to be told of what was moved. */
  readonly pushDueAt: number;
}

export interface Identified extends VisitorSession {
  /** Their conversation as all see it; absent when nothing about it changed. */
  readonly change?: ConversationChange;
  /** The guest ended; their other devices must be told. */
  readonly endedGuestId?: UserId;
  /** The guest's conversation is gone; absent when it was handed over as it is, or held nothing. */
  readonly removed?: { readonly conversationId: ConversationId; readonly revision: number };
}

export interface ListInput {
  readonly filter: 'waiting' | 'mine' | 'all';
  readonly before: number | undefined;
  readonly limit: number;
}
export interface ConversationPage {
  readonly conversations: Conversation[];
  readonly revision: number;
  readonly more: boolean;
}
export interface ConversationNews {
  readonly conversations: Conversation[];
  readonly removed: ConversationId[];
  readonly revision: number;
  readonly reset: boolean;
  /** What is missing after the positions that are held; absent when none were given. */
  readonly messages?: Missed[];
}

/** A conversation after a change. */
export interface ConversationChange {
  /** As an agent sees it: with what is known of the visitor. */
  readonly conversation: SharedConversation;
  /** As its visitor sees it: without what they cleared. */
  readonly forVisitor: SharedConversation;
  readonly visitorId: UserId;
  readonly previousRevision: number;
}

export interface NewMessage {
  /** Of a conversation that was merged: it is stored where that one went. One that the sender may not see: `not-found`. */
  readonly conversationId: ConversationId;
  readonly sender: Viewer;
  readonly clientMessageId: ClientMessageId;
  readonly content: Content;
  readonly sentAt: number;
  /** When somebody who is away is to be told of it. */
  readonly pushDueAt: number;
  /** A recall of a message from before this time is `recall-too-late`. */
  readonly recallableSince?: number;
}

/** Times by performance.now(). */
export interface AppendTiming {
  queuedAt: number;
  commitBegunAt: number;
  committedAt: number;
  /** Writes in the same commit. */
  groupSize: number;
}

export interface Appended {
  readonly message: Message;
  readonly visitorId: UserId;
  readonly revision: number;
  readonly previousRevision: number;
  /** It was stored before: there is nothing to announce. */
  readonly repeated: boolean;
  /** What the message changed beside: state or members. It has the revision after the message's. */
  readonly change?: ConversationChange;
}

export interface MessagePageInput {
  /** Who looks: to a visitor, what they cleared is `cleared`. Default: the desk. */
  readonly side?: Side;
  readonly after: number | undefined;
  readonly before: number | undefined;
  readonly limit: number;
}
/** A visitor clears their conversation up to a seq. */
export interface NewClear {
  readonly conversation: ConversationRef;
  readonly visitorId: UserId;
  readonly upTo: number;
}
export interface MessagePage {
  readonly messages: Message[];
  readonly lastSeq: number;
}

export interface NewReceipt {
  readonly conversation: ConversationRef;
  readonly reader: Viewer;
  readonly deliveredSeq: number;
  readonly readSeq: number;
}
export interface ReceiptChange {
  readonly conversationId: ConversationId;
  readonly visitorId: UserId;
  readonly revision: number;
  readonly previousRevision: number;
  readonly user: User;
  readonly deliveredSeq: number;
  readonly readSeq: number;
  /** Of the reader's side. */
  readonly unread: number;
}

export type ServiceAction = 'take' | 'close' | 'reopen';

export interface NewContext {
  readonly conversation: ConversationRef;
  readonly context: VisitorContext;
  readonly device: string | undefined;
}

export interface NewFile {
  readonly uploader: UserId;
  readonly file: File;
  readonly now: number;
}

export interface TenantDirectory {
  find(tenantId: TenantId): Promise<StoredTenant | undefined>;
  /** Tenants that allow this origin by name, at most 20. */
  findByOrigin(origin: string): Promise<StoredTenant[]>;
  list(limit: number): Promise<StoredTenant[]>;
  /** `forbidden` when the id is taken. */
  create(tenant: StoredTenant, now: number): Promise<void>;
  update(tenant: StoredTenant): Promise<void>;
}
export interface StoredTenant {
  readonly tenant: Tenant & { readonly tenantId: TenantId };
  readonly allowedOrigins: readonly string[];
  readonly secret: string;
}

export interface Accounts {
  find(account: string): Promise<StoredAccount | undefined>;
  /** `forbidden` when the account is taken. */
  create(account: NewAccount): Promise<User>;
  setPassword(account: string, passwordHash: string): Promise<boolean>;
}
export interface StoredAccount {
  readonly tenantId: TenantId;
  readonly user: User;
  readonly passwordHash: string;
  readonly tokenVersion: number;
}
export interface NewAccount {
  readonly tenantId: TenantId;
  readonly account: string;
  readonly passwordHash: string;
  readonly userId: UserId;
  readonly name: string;
  readonly avatar: string | undefined;
  readonly now: number;
}

export interface Keys {
  /** The value kept under the name; the first time, `make` makes it. */
  getOrCreate(name: string, make: () => string): Promise<string>;
}
