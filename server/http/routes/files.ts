/** Files up and down, see protocol/files.ts. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { InlayError } from '../../../protocol/errors.ts';
import { type FileId, ID_PATTERN, type TenantId } from '../../../protocol/ids.ts';
import { FILE_NAME_MAX_LENGTH } from '../../../protocol/limits.ts';
import type { Actor } from '../../domain/actor.ts';
import { agentFromCookie } from '../../domain/agents.ts';
import { readFile, uploadFile } from '../../domain/files.ts';
import { resumeSession } from '../../domain/sessions.ts';
import { getTenant } from '../../domain/tenants.ts';
import { fileHeaders } from '../headers.ts';
import { parseRange, sliceOf } from '../range.ts';
import { isTenantId, type Web } from '../web.ts';
import { checkOwnPage } from './console-session.ts';

/** What a multipart body has beside the file itself. */
const MULTIPART_OVERHEAD_BYTES = 64 * 1024;
/** Kinds that a browser draws without running anything in them. SVG is not among them. */
const shownInPlace = /^(image\/(png|jpeg|gif|webp|avif|bmp)|audio\/[\w.+-]+|video\/[\w.+-]+)$/;
const fileIdPattern = new RegExp(ID_PATTERN);

export function fileRoutes(app: FastifyInstance, web: Web): void {
  const { domain } = web;
  const { fileMaxBytes } = domain.settings;

  app.post<{ Params: { tenantId: string } }>('/v1/tenants/:tenantId/files', async (request, reply) => {
    const actor = await uploader(web, request, request.params.tenantId);
    if (Number(request.headers['content-length']) > fileMaxBytes + MULTIPART_OVERHEAD_BYTES)
      throw new InlayError('file-too-large', `A file has at most ${fileMaxBytes} bytes.`);
    if (!request.isMultipart()) throw new InlayError('request-invalid', 'The body is multipart/form-data.');
    const part = await request.file();
    if (part?.fieldname !== 'file') throw new InlayError('request-invalid', 'The body has one part named "file".');
    const name = part.filename?.slice(0, FILE_NAME_MAX_LENGTH) || 'file';
    try {
      const file = await uploadFile(domain, actor, { name, stream: part.file });
      return await reply.code(201).send(file);
    } finally {
      // What a refusal left unread must be read, or the connection waits for it for ever.
      part.file.resume();
    }
  });

  app.get<{ Params: { fileId: string } }>('/files/:fileId/:name', async (request, reply) => {
    const { fileId } = request.params;
    const found = isFileId(fileId) ? await readFile(domain, fileId) : undefined;
    if (!found) throw new InlayError('not-found', 'There is no such file.');
    const { file, stream, size } = found;
    // The asker may be gone before a byte is sent; the file must be closed all the same.
    reply.raw.once('close', () => stream.destroy());
    reply.headers({ ...fileHeaders, 'accept-ranges': 'bytes', 'content-disposition': disposition(file) });
    reply.type(file.mediaType);
    const range = parseRange(request.headers.range, size);
    if (range === 'unsatisfiable') {
      stream.destroy();
      return reply.code(416).header('content-range', `bytes */${size}`).send();
    }
    if (!range) return reply.header('content-length', size).send(stream);
    const { start, end } = range;
    return reply
      .code(206)
      .headers({ 'content-range': `bytes ${start}-${end}/${size}`, 'content-length': end - start + 1 })
      .send(sliceOf(stream, range));
  });
}

function isFileId(text: string): text is FileId {
  return fileIdPattern.test(text);
}

/** A visitor's token, or an agent's cookie on a page of ours. */
async function uploader(web: Web, request: FastifyRequest, tenantId: string): Promise<Actor> {
  if (!isTenantId(tenantId) || !(await getTenant(web.domain, tenantId)))
    throw new InlayError('tenant-unknown', 'There is no such tenant.');
  const bearer = /^Bearer (\S{1,2000})$/i.exec(request.headers.authorization ?? '')?.[1];
  const hostOrigin = request.headers['inlay-host-origin'];
  if (bearer !== undefined) return (await resumeSession(web.domain, tenantId, bearer, String(hostOrigin ?? ''))).actor;
  return agentUploader(web, request, tenantId);
}

async function agentUploader(web: Web, request: FastifyRequest, tenantId: TenantId): Promise<Actor> {
  const session = web.cookie.read(request.headers.cookie);
  if (session === undefined) throw new InlayError('session-required', 'A token or a session cookie is needed.');
  checkOwnPage(web, request);
  const { actor } = await agentFromCookie(web.domain, session);
  if (actor.tenantId !== tenantId) throw new InlayError('token-invalid', 'The session is of another tenant.');
  return actor;
}

/** RFC 6266: an ASCII name for old readers, the real one beside it. */
function disposition({ name, mediaType }: { name: string; mediaType: string }): string {
  const kind = shownInPlace.test(mediaType) ? 'inline' : 'attachment';
  const ascii = name.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(name.replace(/\p{Surrogate}/gu, '_')).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16)}`,
  );
  return `${kind}; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
