import type { Kysely } from 'kysely';
import type { File } from '../../../protocol/files.ts';
import type { FileId, UserId } from '../../../protocol/ids.ts';
import type { Database } from '../schema.ts';
import type { NewFile } from '../store.ts';
import { toFile } from './rows.ts';
import { userKeyOf } from './users.ts';

export async function saveFile(
  db: Kysely<Database>,
  tenantKey: number,
  { uploader, file, now }: NewFile,
): Promise<File> {
  await db
    .insertInto('files')
    .values({
      tenant_key: tenantKey,
      public_id: file.fileId,
      uploader_key: await userKeyOf(db, tenantKey, uploader),
      name: file.name,
      media_type: file.mediaType,
      size: file.size,
      url: file.url,
      width: file.width ?? null,
      height: file.height ?? null,
      created_at: now,
    })
    .execute();
  return file;
}

export async function findOwnFile(
  db: Kysely<Database>,
  tenantKey: number,
  uploader: UserId,
  fileId: FileId,
): Promise<File | undefined> {
  const row = await db
    .selectFrom('files')
    .innerJoin('users', 'users.user_key', 'files.uploader_key')
    .selectAll('files')
    .where('files.tenant_key', '=', tenantKey)
    .where('files.public_id', '=', fileId)
    .where('users.public_id', '=', uploader)
    .executeTakeFirst();
  return row && toFile(row);
}

export async function findFile(db: Kysely<Database>, fileId: FileId): Promise<File | undefined> {
  const row = await db.selectFrom('files').selectAll().where('public_id', '=', fileId).executeTakeFirst();
  return row && toFile(row);
}
