/**
 * The offline shell: the link page, the app's iframe and the console open without a network, and faster with a bad one.
 *
 * - Documents: from the network if it answers in time, else the last copy. The copy is kept under the page's path alone: the
 *   query of a link page holds a visitor's name and form fields, which no cache should.
 * - Assets with a hash in their name never change: from the cache first.
 * - Everything else (the API, files, the socket, a host's own requests) is left to the browser as if no worker were here.
 *
 * On the very first visit the worker comes after the page; the page then sends the addresses it has loaded (`inlay.cache`).
 */
export interface ShellOptions {
  readonly origin: string;
  /** Milliseconds that the network has when there is a copy. */
  readonly timeoutMs: number;
  readonly fetch: (request: Request | string) => Promise<Response>;
  readonly caches: Pick<CacheStorage, 'open' | 'keys' | 'delete'>;
  /** Keeps the worker alive until a write is done. */
  readonly waitUntil: (work: Promise<unknown>) => void;
}

/** From the page to its worker. */
export interface CacheMessage {
  readonly type: 'inlay.cache';
  readonly urls: readonly string[];
}

const DOCUMENTS = 'inlay-documents-1';
const ASSETS = 'inlay-assets-1';
/** Entries in each cache; the oldest go. A build of widget and console together has about 20 assets. */
const MAX_ENTRIES = 60;

/** What to answer a request with; `undefined`: not ours, the browser does what it would do without a worker. */
export function shellResponse(request: Request, options: ShellOptions): Promise<Response> | undefined {
  if (request.method !== 'GET') return undefined;
  const url = new URL(request.url);
  const key = documentKey(url, options.origin);
  if (key && request.mode === 'navigate') return documentResponse(request, key, options);
  if (isAsset(url, options.origin)) return assetResponse(request, options);
  return undefined;
}

/** Keeps what a page had loaded before the worker was there. Addresses that are not ours are left out. */
export async function rememberUrls(urls: readonly unknown[], options: ShellOptions): Promise<void> {
  const wanted = urls.slice(0, MAX_ENTRIES).flatMap((url) => {
    const parsed = typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined;
    if (!parsed) return [];
    const key = documentKey(parsed, options.origin);
    if (key) return [{ cache: DOCUMENTS, key }];
    return isAsset(parsed, options.origin) ? [{ cache: ASSETS, key: parsed.href }] : [];
  });
  await Promise.all(
    wanted.map(async ({ cache, key }) => {
      if (await cached(cache, key, options)) return;
      await keep(cache, key, await options.fetch(key), options);
    }),
  );
}

/** Caches of earlier versions of this worker; those of others (a host's) have other names. */
export async function removeOldCaches({ caches }: Pick<ShellOptions, 'caches'>): Promise<void> {
  const old = (await caches.keys()).filter(
    (name) => name.startsWith('inlay-') && name !== DOCUMENTS && name !== ASSETS,
  );
  await Promise.all(old.map((name) => caches.delete(name)));
}

/** The address under which a document is kept: its tenant and nothing personal. */
function documentKey(url: URL, origin: string): string | undefined {
  if (url.origin !== origin) return undefined;
  const tenantId = url.searchParams.get('tenantId');
  if (url.pathname === '/webim/im.html') return tenantId ? `${origin}/im/${encodeURIComponent(tenantId)}` : undefined;
  if (url.pathname === '/console' || url.pathname === '/console/') return `${origin}/console/`;
  return /^\/(im|embed)\/[^/]+$/.test(url.pathname) ? origin + url.pathname : undefined;
}

function isAsset(url: URL, origin: string): boolean {
  return url.origin === origin && /^\/(widget|console)\/assets\//.test(url.pathname);
}

async function documentResponse(request: Request, key: string, options: ShellOptions): Promise<Response> {
  const network = options.fetch(request);
  // Said at once: later, when the copy was given instead, the event would be over and refuse it.
  options.waitUntil(network.then((response) => keep(DOCUMENTS, key, response.clone(), options)).catch(() => undefined));
  const copy = await cached(DOCUMENTS, key, options);
  if (!copy) return network;
  const answer = await Promise.race([network.catch(() => undefined), after(options.timeoutMs)]);
  return answer && answer.status < 500 ? answer : copy;
}

async function assetResponse(request: Request, options: ShellOptions): Promise<Response> {
  const copy = await cached(ASSETS, request.url, options);
  if (copy) return copy;
  const response = await options.fetch(request);
  options.waitUntil(keep(ASSETS, request.url, response.clone(), options));
  return response;
}

async function cached(name: string, key: string, { caches }: ShellOptions): Promise<Response | undefined> {
  try {
    return await (await caches.open(name)).match(key);
  } catch {
    // The browser keeps no caches here (a blocked third-party frame): as if nothing were in it.
    return undefined;
  }
}

async function keep(name: string, key: string, response: Response, { caches }: ShellOptions): Promise<void> {
  // A redirected answer may not be given to a navigation later; an error page is no shell.
  if (response.status !== 200 || response.redirected || response.type === 'opaque') return;
  try {
    const cache = await caches.open(name);
    await cache.put(key, response);
    const keys = await cache.keys();
    await Promise.all(keys.slice(0, -MAX_ENTRIES).map((old) => cache.delete(old)));
  } catch {
    // No cache or no room: the page works without.
  }
}

const after = (ms: number) => new Promise<undefined>((resolve) => setTimeout(resolve, ms, undefined));
