import type { Generated, GeneratedAlways } from 'kysely';
import type { UserKind } from '../../protocol/users.ts';
import type { PushTables } from './push-schema.ts';

/**
 * All tables. `…_key` is an integer that never leaves the store; `public_id` is the id of the wire. Times are milliseconds
 * since 1970. JSON is kept as text and only ever read back whole.
 */
export interface Database extends PushTables {
  tenants: TenantTable;
  tenant_origins: TenantOriginTable;
  users: UserTable;
  accounts: AccountTable;
  conversations: ConversationTable;
  members: MemberTable;
  messages: MessageTable;
  files: FileTable;
  keys: KeyTable;
}

export interface TenantTable {
  tenant_key: Generated<number>;
  public_id: string;
  name: string;
  accent: string | null;
  /** JSON: text by language. */
  greeting: string | null;
  /** JSON: list of texts by language. */
  questions: string | null;
  /** JSON: list of origins, `*` for any. */
  allowed_origins: string;
  /** With which the host signs identities. */
  secret: string;
  /** Grows by one with every change of one of its conversations, see protocol/conversations.ts. */
  revision: number;
  created_at: number;
}

/** The same as tenants.allowed_origins, to find the tenants of a page. */
export interface TenantOriginTable {
  origin: string;
  tenant_key: number;
}

export interface UserTable {
  user_key: Generated<number>;
  tenant_key: number;
  public_id: string;
  kind: UserKind;
  name: string | null;
  avatar: string | null;
  /** The host's own id of a `user`. */
  external_id: string | null;
  /** SHA-256 of the key that a guest's device made; null once the guest has ended. */
  visitor_key_hash: string | null;
  /** Tokens with another version are dead. */
  token_version: number;
  /** A guest who became a user. */
  merged_into: number | null;
  created_at: number;
}

/** How an agent signs in. Accounts are unique over all tenants. */
export interface AccountTable {
  account: string;
  user_key: number;
  tenant_key: number;
  password_hash: string;
}

export interface ConversationTable {
  conversation_key: Generated<number>;
  tenant_key: number;
  public_id: string;
  /** Whose conversation with the desk it is. */
  visitor_key: number;
  last_seq: number;
  /** How many of its messages are the visitor's. */
  visitor_count: number;
  revision: number;
  status: 'waiting' | 'open' | 'closed';
  assignee_key: number | null;
  waiting_since: number | null;
  /** JSON of VisitorContext. */
  context: string | null;
  device: string | null;
  /** It is gone; its messages stand there. */
  merged_into: number | null;
  created_at: number;
}

export interface MemberTable {
  conversation_key: number;
  user_key: number;
  delivered_seq: number;
  read_seq: number;
  /** Of a visitor: up to here it is cleared for them. */
  cleared_seq: Generated<number>;
}

export interface MessageTable {
  /** Both of the following in one, see queries/place.ts. */
  place: number;
  conversation_key: GeneratedAlways<number>;
  seq: GeneratedAlways<number>;
  sender_key: number;
  client_message_id: string;
  /** JSON of Content. */
  content: string;
  sent_at: number;
  /** How many messages up to this one are the visitor's: what is unread is a subtraction, however long the conversation is. */
  visitor_count: number;
}

export interface FileTable {
  file_key: Generated<number>;
  tenant_key: number;
  public_id: string;
  uploader_key: number;
  name: string;
  media_type: string;
  size: number;
  url: string;
  width: number | null;
  height: number | null;
  created_at: number;
}

/** Secrets of the server itself, made once: the key of its tokens, the VAPID keys. */
export interface KeyTable {
  name: string;
  value: string;
}
