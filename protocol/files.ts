/**
 * Files travel over HTTP; a message then names the file by its id.
 *
 * Upload: `POST /v1/tenants/{tenantId}/files`, multipart/form-data with one part named `file`, and
 * `Authorization: Bearer <visitor token>` (an agent's browser sends its session cookie instead); with a token that is bound to a
 * host's origin (hello.ts) also `Inlay-Host-Origin: <origin>`. 201 and a File. Errors:
 * session-required, token-invalid, token-expired, file-too-large, file-kind-forbidden, file-empty, rate-limited.
 * The kind is found in the file's first bytes; what the client claims is not believed.
 * Download: `GET` of the File's `url`, no credentials: the address cannot be guessed.
 */
import { type Static, Type } from '@sinclair/typebox';
import { FILE_NAME_MAX_LENGTH, URL_MAX_LENGTH } from './limits.ts';
import { FileIdSchema } from './schema.ts';

export const FileSchema = Type.Object({
  fileId: FileIdSchema,
  name: Type.String({ minLength: 1, maxLength: FILE_NAME_MAX_LENGTH }),
  /** Media type, as sniffed by the server. */
  mediaType: Type.String(),
  /** Bytes. */
  size: Type.Integer({ minimum: 1 }),
  /** Path on the widget's origin, e.g. `/files/<fileId>/<name>`. */
  url: Type.String({ maxLength: URL_MAX_LENGTH }),
  /** CSS pixels as stored; pictures only. */
  width: Type.Optional(Type.Integer({ minimum: 1 })),
  height: Type.Optional(Type.Integer({ minimum: 1 })),
});
export type File = Static<typeof FileSchema>;
