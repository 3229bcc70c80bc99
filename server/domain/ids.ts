/** New public ids: 128 random bits, so that none can be guessed and none comes twice. */
import { randomBytes } from 'node:crypto';
import type { ConversationId, FileId, UserId } from '../../protocol/ids.ts';

const newId = () => randomBytes(16).toString('base64url');

export const newUserId = () => newId() as UserId;
export const newConversationId = () => newId() as ConversationId;
/** The only key to the file's bytes: longer than the others. */
export const newFileId = () => randomBytes(24).toString('base64url') as FileId;
