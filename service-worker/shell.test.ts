import { expect, test, vi } from 'vitest';
import { rememberUrls, removeOldCaches, type ShellOptions, shellResponse } from './shell.ts';

const origin = 'https://chat.example';

/** CacheStorage in memory, with the order of insertion, as browsers keep it. */
function memoryCaches() {
  const all = new Map<string, Map<string, Response>>();
  const open = (name: string) => {
    const entries = all.get(name) ?? new Map<string, Response>();
    all.set(name, entries);
    return {
      match: async (key: string) => entries.get(key)?.clone(),
      put: async (key: string, response: Response) => void entries.set(key, response),
      keys: async () => [...entries.keys()],
      delete: async (key: string) => entries.delete(key),
    };
  };
  const caches = {
    open: async (name: string) => open(name),
    keys: async () => [...all.keys()],
    delete: async (name: string) => all.delete(name),
  };
  return { all, caches: caches as unknown as ShellOptions['caches'] };
}

function setup(fetch: ShellOptions['fetch'], timeoutMs = 20) {
  const work: Promise<unknown>[] = [];
  const { all, caches } = memoryCaches();
  const waitUntil = (promise: Promise<unknown>) => void work.push(promise);
  const options: ShellOptions = { origin, timeoutMs, fetch: vi.fn(fetch), caches, waitUntil };
  return {
    options,
    all,
    settled: () => Promise.all(work),
    keys: () => [...all.values()].flatMap((c) => [...c.keys()]),
  };
}

/** A navigation cannot be constructed, so this is one in all that is read. */
const navigation = (path: string) => ({ method: 'GET', mode: 'navigate', url: origin + path }) as Request;
const request = (path: string, method = 'GET') =>
  ({ method, mode: 'cors', url: new URL(path, origin).href }) as Request;
const offline = () => Promise.reject(new TypeError('Failed to fetch'));

test.each([
  ['/webim/im.html?tenantId=demo&name=Li&field_phone=1', 'https://chat.example/im/demo'],
  ['/im/demo?name=Li', 'https://chat.example/im/demo'],
  ['/embed/demo', 'https://chat.example/embed/demo'],
  ['/console/?x=1', 'https://chat.example/console/'],
])('the document %s is kept as %s', async (path, key) => {
  const { options, keys, settled } = setup(async () => new Response('page'));
  const response = await shellResponse(navigation(path), options);
  expect(await response?.text()).toBe('page');
  await settled();
  expect(keys()).toEqual([key]);
});

test('without a network the last copy of the document is given, in either form of the link page', async () => {
  let fetch: ShellOptions['fetch'] = async () => new Response('page');
  const { options, settled } = setup((input) => fetch(input));
  await shellResponse(navigation('/webim/im.html?tenantId=demo&name=Li'), options);
  await settled();
  fetch = offline;
  expect(await (await shellResponse(navigation('/im/demo'), options))?.text()).toBe('page');
});

test('a network that is too slow, or a server that fails, gives the copy; the late answer is kept', async () => {
  let fetch: ShellOptions['fetch'] = async () => new Response('old');
  const { options, settled, all } = setup((input) => fetch(input));
  await shellResponse(navigation('/im/demo'), options);
  await settled();
  fetch = async () => new Response('broken', { status: 503 });
  expect(await (await shellResponse(navigation('/im/demo'), options))?.text()).toBe('old');
  let answer: (response: Response) => void = () => undefined;
  fetch = () => new Promise((resolve) => (answer = resolve));
  expect(await (await shellResponse(navigation('/im/demo'), options))?.text()).toBe('old');
  answer(new Response('new'));
  await settled();
  expect(await all.get('inlay-documents-1')?.get('https://chat.example/im/demo')?.text()).toBe('new');
});

test('without a network and without a copy the failure is the browser’s own', async () => {
  const { options } = setup(offline);
  await expect(shellResponse(navigation('/im/demo'), options)).rejects.toThrow('Failed to fetch');
});

test('an error page is given and not kept', async () => {
  const { options, keys, settled } = setup(async () => new Response('unknown', { status: 404 }));
  expect((await shellResponse(navigation('/im/nobody'), options))?.status).toBe(404);
  await settled();
  expect(keys()).toEqual([]);
});

test('a hashed asset is fetched once', async () => {
  const { options, settled } = setup(async () => new Response('code'));
  const asset = request('/widget/assets/main-abc123.js');
  await shellResponse(asset, options);
  await settled();
  expect(await (await shellResponse(asset, options))?.text()).toBe('code');
  expect(options.fetch).toHaveBeenCalledOnce();
});

test.each([
  '/v1/tenants/demo/files',
  '/files/abc/a.png',
  '/inlay.js',
  '/push',
  '/sw.js',
  '/widget/index.html',
  'https://cdn.example/widget/assets/a.js',
])('%s is left to the browser', (path) => {
  const { options } = setup(offline);
  expect(shellResponse(request(path), options)).toBeUndefined();
});

test('what is not a GET is left to the browser', () => {
  const { options } = setup(offline);
  expect(shellResponse(request('/widget/assets/a.js', 'POST'), options)).toBeUndefined();
});

test('a page tells what it loaded before the worker was there, and only what is ours is kept, without personal fields', async () => {
  const { options, keys } = setup(async () => new Response('x'));
  const urls = ['/webim/im.html?tenantId=demo&name=Li', '/widget/assets/a.js', '/files/1/a.png'].map((p) => origin + p);
  await rememberUrls([...urls, 'https://cdn.example/widget/assets/b.js', 7, 'no address'], options);
  expect(keys().sort()).toEqual(['https://chat.example/im/demo', 'https://chat.example/widget/assets/a.js']);
  expect(options.fetch).not.toHaveBeenCalledWith(expect.stringContaining('Li'));
});

test('a cache holds 60 entries and the oldest goes', async () => {
  const { options, settled, all } = setup(async () => new Response('x'));
  for (let n = 0; n < 65; n++) {
    await shellResponse(request(`/widget/assets/${n}.js`), options);
    await settled();
  }
  const kept = [...(all.get('inlay-assets-1')?.keys() ?? [])];
  expect(kept).toHaveLength(60);
  expect(kept[0]).toContain('/widget/assets/5.js');
});

test('a browser that keeps no caches still gets its pages', async () => {
  const { options, settled } = setup(async () => new Response('page'));
  const closed = { ...options, caches: { ...options.caches, open: () => Promise.reject(new Error('SecurityError')) } };
  expect(await (await shellResponse(navigation('/im/demo'), closed))?.text()).toBe('page');
  await settled();
});

test('only own caches of earlier versions are removed', async () => {
  const { caches, all } = memoryCaches();
  for (const name of ['inlay-assets-0', 'inlay-assets-1', 'inlay-documents-1', 'shop']) await caches.open(name);
  await removeOldCaches({ caches });
  expect([...all.keys()]).toEqual(['inlay-assets-1', 'inlay-documents-1', 'shop']);
});
