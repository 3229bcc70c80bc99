/**
 * A file on its way to the server, with progress where the platform tells it (XMLHttpRequest) and without where it does not
 * (fetch in Node, whose code a browser does not load). A transfer that makes no progress is given up and may be tried again.
 */
import { InlayError } from '../protocol/errors.ts';
import type { File } from '../protocol/files.ts';
import { connectionLost, noAnswer } from './failures.ts';
import { authorization, fileOf, formOf, type Upload } from './upload-form.ts';

/** Milliseconds without progress after which an upload has failed. */
const STALL_MS = 60_000;

export type Uploader = (upload: Upload) => Promise<File>;

/** Rejects with InlayError; when cancelled, with whatever the platform throws. */
export function createUploader(fetching?: typeof fetch): Uploader {
  if (!fetching && 'XMLHttpRequest' in globalThis) return byRequest;
  return async (upload) => (await import('./upload-by-fetch.ts')).uploadByFetch(upload, fetching ?? fetch);
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
