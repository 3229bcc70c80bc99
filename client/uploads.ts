/**
 * A file on its way to the server, with progress where the platform tells it (XMLHttpRequest) and without where it does not
 * (fetch in Node). A transfer that makes no progress is given up and may be tried again.
 */
import { InlayError } from '../protocol/errors.ts';
import type { File } from '../protocol/files.ts';
import { connectionLost, errorOf, noAnswer } from './failures.ts';

/** Milliseconds without progress after which an upload has failed. */
const STALL_MS = 60_000;
/** Milliseconds for a whole upload by fetch, which tells no progress. */
const FETCH_TIMEOUT_MS = 300_000;

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

export type Uploader = (upload: Upload) => Promise<File>;

/** Rejects with InlayError; when cancelled, with whatever the platform throws. */
export function createUploader(fetching?: typeof fetch): Uploader {
  if (fetching || !('XMLHttpRequest' in globalThis)) return (upload) => byFetch(upload, fetching ?? fetch);
  return byRequest;
}

const formOf = ({ blob, name }: Upload) => {
  const form = new FormData();
  form.append('file', blob, name);
  return form;
};

const authorization = ({ token, hostOrigin }: Upload): Record<string, string> => ({
  ...(token && { authorization: `Bearer ${token}` }),
  ...(token && hostOrigin && { 'inlay-host-origin': hostOrigin }),
});

async function byFetch(upload: Upload, fetching: typeof fetch): Promise<File> {
  const { url, token, signal } = upload;
  const timeout = AbortSignal.timeout(FETCH_TIMEOUT_MS);
  const response = await fetching(url, {
    method: 'POST',
    body: formOf(upload),
    headers: authorization(upload),
    credentials: token ? 'omit' : 'include',
    signal: AbortSignal.any([signal, timeout]),
  }).catch((error: unknown) => {
    if (signal.aborted) throw error;
    throw timeout.aborted ? noAnswer() : connectionLost();
  });
  return fileOf(response.status, await response.text());
}

function byRequest(upload: Upload): Promise<File> {
  const { url, token, onProgress, signal } = upload;
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let stall: ReturnType<typeof setTimeout>;
    const fail = (error: InlayError) => {
      clearTimeout(stall);
      reject(error);
    };
    const watch = () => {
      clearTimeout(stall);
      stall = setTimeout(() => {
        fail(noAnswer());
        request.abort();
      }, STALL_MS);
    };
    request.open('POST', url);
    request.withCredentials = !token;
    for (const [name, value] of Object.entries(authorization(upload))) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => {
      watch();
      onProgress(total > 0 ? loaded / total : 0);
    };
    request.onerror = () => fail(connectionLost());
    request.onabort = () => fail(new InlayError('internal', 'Cancelled.'));
    request.onload = () => {
      clearTimeout(stall);
      // What fileOf throws is the rejection.
      resolve(Promise.resolve().then(() => fileOf(request.status, request.responseText)));
    };
    signal.addEventListener('abort', () => request.abort());
    watch();
    request.send(formOf(upload));
  });
}

function fileOf(status: number, text: string): File {
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
