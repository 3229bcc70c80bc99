/** What an upload says and what its answer means, whatever carries it. */
import { InlayError } from '../protocol/errors.ts';
import type { File } from '../protocol/files.ts';
import { errorOf } from './failures.ts';

export interface Upload {
  readonly url: string;
  readonly blob: Blob;
  readonly name: string;
  /** A visitor's; an agent's browser sends its cookie by itself. */
  readonly token?: string | undefined;
  /** The page that keeps the token, if one does. */
  readonly hostOrigin?: string | undefined;
  /** From 0 to 1. */
  onProgress(share: number): void;
  /** Ends it; the promise rejects then. */
  readonly signal: AbortSignal;
}

export const formOf = ({ blob, name }: Upload) => {
  const form = new FormData();
  form.append('file', blob, name);
  return form;
};

export const authorization = ({ token, hostOrigin }: Upload): Record<string, string> => ({
  ...(token && { authorization: `Bearer ${token}` }),
  ...(token && hostOrigin && { 'inlay-host-origin': hostOrigin }),
});

export function fileOf(status: number, text: string): File {
  const body = parsed(text);
  if (status === 201 && body?.fileId) return body as unknown as File;
  if (body?.error) throw errorOf(body.error);
  // Not every answer is the server's own: a proxy in between has limits and pages of its own.
  throw status === 413 ? new InlayError('file-too-large') : new InlayError('internal', `HTTP status ${status}`);
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : undefined;
  } catch {
    // A page of a proxy, not JSON.
    return undefined;
  }
}
