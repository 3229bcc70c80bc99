/** From rows to what the wire calls them. An id becomes an id of its kind here and nowhere else. */
import type { Selectable } from 'kysely';
import type { Content } from '../../../protocol/content.ts';
import type { File } from '../../../protocol/files.ts';
import type { ClientMessageId, ConversationId, FileId, MessageId, UserId } from '../../../protocol/ids.ts';
import type { Message } from '../../../protocol/messages.ts';
import type { User } from '../../../protocol/users.ts';
import type { FileTable, MessageTable, UserTable } from '../schema.ts';

export type UserRow = Pick<Selectable<UserTable>, 'public_id' | 'kind' | 'name' | 'avatar'>;

export function toUser({ public_id, kind, name, avatar }: UserRow): User {
  return {
    userId: public_id as UserId,
    kind,
    ...(name !== null && { name }),
    ...(avatar !== null && { avatar }),
  };
}

export interface MessageRow
  extends Pick<Selectable<MessageTable>, 'seq' | 'client_message_id' | 'content' | 'sent_at'> {
  readonly sender_id: string;
}

export function toMessage(conversationId: ConversationId, row: MessageRow): Message {
  return {
    messageId: messageIdOf(conversationId, row.seq),
    conversationId,
    seq: row.seq,
    senderId: row.sender_id as UserId,
    clientMessageId: row.client_message_id as ClientMessageId,
    content: JSON.parse(row.content) as Content,
    sentAt: row.sent_at,
  };
}

/** Of a message beside its content, about. */
const FRAME_BYTES = 300;

/** That it takes on the wire, about. */
export function bytesOf({ content }: MessageRow): number {
  return Buffer.byteLength(content) + FRAME_BYTES;
}

/** Derived, so that it needs no column; the wire calls it opaque. */
export function messageIdOf(conversationId: ConversationId, seq: number): MessageId {
  return `${conversationId}.${seq}` as MessageId;
}

export function toFile(
  row: Omit<Selectable<FileTable>, 'file_key' | 'tenant_key' | 'uploader_key' | 'created_at'>,
): File {
  return {
    fileId: row.public_id as FileId,
    name: row.name,
    mediaType: row.media_type,
    size: row.size,
    url: row.url,
    ...(row.width !== null && { width: row.width }),
    ...(row.height !== null && { height: row.height }),
  };
}
