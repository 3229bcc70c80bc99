/** An upload where there is no XMLHttpRequest, in Node for example. fetch tells no progress, so the whole of it has a deadline. */
import type { File } from '../protocol/files.ts';
import { connectionLost, noAnswer } from './failures.ts';
import { authorization, fileOf, formOf, type Upload } from './upload-form.ts';

/** Milliseconds. */
const FETCH_TIMEOUT_MS = 300_000;

export async function uploadByFetch(upload: Upload, fetching: typeof fetch): Promise<File> {
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
