/** Small schemas that the nouns share. TypeBox; only the server and tests load this at run time. */
import { type TProperties, Type } from '@sinclair/typebox';
import type { ClientMessageId, ConversationId, FileId, MessageId, TenantId, UserId } from './ids.ts';
import { CLIENT_MESSAGE_ID_PATTERN, ID_PATTERN, TENANT_ID_PATTERN } from './ids.ts';

const id = <T>(pattern = ID_PATTERN) => Type.Unsafe<T>(Type.String({ pattern }));

export const TenantIdSchema = id<TenantId>(TENANT_ID_PATTERN);
export const UserIdSchema = id<UserId>();
export const ConversationIdSchema = id<ConversationId>();
export const MessageIdSchema = id<MessageId>();
export const ClientMessageIdSchema = id<ClientMessageId>(CLIENT_MESSAGE_ID_PATTERN);
export const FileIdSchema = id<FileId>();

/** The number of a message in its conversation: 1, 2, 3 … without a gap. 0 means before the first. */
export const SeqSchema = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
/** Grows by each change that a tenant's conversations see; see conversations.ts. */
export const RevisionSchema = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
/** Milliseconds since 1970-01-01T00:00Z by the server's clock. */
export const TimeSchema = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
/** A number the client chose for a request; its answer carries it back. Unique among the socket's open requests. */
export const RefSchema = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });

/** A frame from the client that is answered by `ok` or `error` with the same ref. Unknown fields are ignored. */
export const request = <const Name extends string, Fields extends TProperties>(type: Name, fields: Fields) =>
  Type.Object({ type: Type.Literal(type), ref: RefSchema, ...fields });

/** A frame from the server that nobody asked for. */
export const event = <const Name extends string, Fields extends TProperties>(type: Name, fields: Fields) =>
  Type.Object({ type: Type.Literal(type), ...fields });

export const Empty = Type.Object({});
