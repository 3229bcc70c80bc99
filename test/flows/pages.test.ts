/** What browsers and hosts get over HTTP: pages, scripts, headers, the console's session. */

import { get, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { brotliDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newVisitor } from '../support/raw-client.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const fetchFrom = (path: string, init?: RequestInit) => fetch(server.url + path, { redirect: 'manual', ...init });
const configOf = (html: string) => {
  const json = /<script type="application\/json" id="inlay-config">(.*?)<\/script>/.exec(html)?.[1];
  return JSON.parse(json ?? 'null') as Record<string, unknown>;
};

/** fetch() undoes the compression; this shows the bytes. */
async function raw(
  path: string,
  headers: Record<string, string>,
): Promise<{ response: IncomingMessage; body: Buffer }> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(server.url + path, { headers }, resolve).on('error', reject);
  });
  return { response, body: await buffer(response) };
}

test('the widget’s page knows its tenant, may be framed by its origins alone, and fits a page under COEP', async () => {
  const page = await fetchFrom('/embed/demo');
  expect(configOf(await page.text())).toMatchObject({
    mode: 'embed',
    tenant: { tenantId: 'demo', name: 'Shop demo' },
    allowedOrigins: [server.allowedOrigin],
  });
  const policy = page.headers.get('content-security-policy') ?? '';
  expect(policy).toMatch(new RegExp(`frame-ancestors ${server.allowedOrigin}$`));
  expect(policy).toContain(`connect-src 'self' ${server.url.replace('http', 'ws')}`);
  expect(page.headers.get('cross-origin-embedder-policy')).toBe('require-corp');
  expect(page.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
  expect(page.headers.get('set-cookie')).toBeNull();
});

test('the link page is the same document under two addresses, and may be framed by ourselves, too', async () => {
  for (const path of ['/im/demo', '/webim/im.html?tenantId=demo&name=Ann&field_order=7']) {
    const page = await fetchFrom(path);
    expect(page.status).toBe(200);
    expect(configOf(await page.text())).toMatchObject({ mode: 'page', tenant: { tenantId: 'demo' } });
    expect(page.headers.get('content-security-policy')).toContain(`frame-ancestors 'self' ${server.allowedOrigin}`);
  }
});

test('an unknown tenant gets a page that says so', async () => {
  for (const path of [
    '/embed/nobody',
    '/im/NOT%20AN%20ID',
    '/webim/im.html',
    '/webim/im.html?tenantId=demo&tenantId=x',
  ]) {
    const page = await fetchFrom(path);
    expect([path, page.status]).toEqual([path, 404]);
    expect(configOf(await page.text())).toMatchObject({ error: 'tenant-unknown' });
  }
});

test('a page that did not change is not sent again', async () => {
  const first = await fetchFrom('/im/demo');
  expect(first.headers.get('cache-control')).toBe('no-cache');
  const second = await fetchFrom('/im/demo', { headers: { 'if-none-match': first.headers.get('etag') ?? '' } });
  expect([second.status, await second.text()]).toEqual([304, '']);
});

test('the loader carries the colour and words of the tenants whose page asks, and of the one that is named', async () => {
  const configFor = async (path: string, headers: Record<string, string> = {}) => {
    const script = await (await fetchFrom(path, { headers })).text();
    return JSON.parse(/served=(\{.*?\});/.exec(script)?.[1] ?? 'null') as unknown;
  };
  const demo = { name: 'Shop demo', accent: '#0a7d55', greeting: { 'en': 'Welcome!', 'zh-CN': '欢迎！' } };
  const known = { origin: server.url, tenants: { demo } };
  expect(await configFor('/inlay.js', { referer: `${server.allowedOrigin}/shop?page=1` })).toEqual(known);
  expect(await configFor('/inlay.js?tenant=demo')).toEqual(known);
  expect(await configFor('/inlay.js', { referer: 'https://elsewhere.example/' })).toEqual({
    origin: server.url,
    tenants: {},
  });
  const answer = await fetchFrom('/inlay.js');
  expect(answer.headers.get('vary')).toContain('Referer');
  expect(answer.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
  expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  expect(answer.headers.get('cache-control')).toContain('stale-if-error=604800');
});

test('scripts and assets travel as brotli, hashed ones for ever', async () => {
  const loader = await raw('/inlay.js', { 'accept-encoding': 'gzip, br' });
  expect(loader.response.headers['content-encoding']).toBe('br');
  expect(brotliDecompressSync(loader.body).toString()).toContain('/* loader */');
  const asset = await raw('/widget/assets/index-abc123.js', { 'accept-encoding': 'br' });
  expect(asset.response.headers).toMatchObject({
    'content-encoding': 'br',
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': 'public, max-age=31536000, immutable',
  });
  expect((await raw('/widget/assets/index-abc123.js', {})).response.headers['content-encoding']).toBeUndefined();
  expect((await fetchFrom('/widget/assets/..%2findex.html')).status).toBe(404);
});

test('the service workers are always asked for anew and may have the whole origin', async () => {
  for (const path of ['/sw.js', '/push-sw.js']) {
    const worker = await fetchFrom(path);
    expect(worker.headers.get('content-type')).toContain('text/javascript');
    expect(worker.headers.get('cache-control')).toBe('no-cache');
    expect(worker.headers.get('service-worker-allowed')).toBe('/');
    expect(worker.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    expect(worker.headers.get('content-security-policy')).toBeNull();
  }
});

test('each tenant has a manifest and an icon for the home screen', async () => {
  const link = '<link rel="manifest" href="/manifest/demo.webmanifest">';
  expect(await (await fetchFrom('/im/demo')).text()).toContain(link);
  expect(await (await fetchFrom('/embed/demo')).text()).not.toContain('rel="manifest"');
  const manifest = await fetchFrom('/manifest/demo.webmanifest');
  expect(manifest.headers.get('content-type')).toContain('application/manifest+json');
  const content = (await manifest.json()) as { icons: { src: string }[] };
  expect(content).toMatchObject({ id: '/im/demo', start_url: '/im/demo', display: 'standalone', name: 'Shop demo' });
  const icon = await fetchFrom(content.icons[0]?.src ?? '');
  expect(icon.headers.get('content-type')).toBe('image/svg+xml');
  expect(await icon.text()).toContain('#0a7d55');
});

test('nobody frames the console or the push window', async () => {
  for (const path of ['/console/', '/push']) {
    const page = await fetchFrom(path);
    expect([path, page.status]).toEqual([path, 200]);
    expect(page.headers.get('x-frame-options')).toBe('DENY');
    expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  }
  expect((await fetchFrom('/console')).headers.get('location')).toBe('/console/');
});

test('an unknown address, a body that is no JSON, and a wrong one each get an error as the protocol has it', async () => {
  const body = async (answer: Response) => ((await answer.json()) as { error: { code: string } }).error.code;
  const missing = await fetchFrom('/nothing/here');
  expect([missing.status, await body(missing)]).toEqual([404, 'not-found']);
  expect(missing.headers.get('content-security-policy')).toContain("default-src 'none'");
  const headers = { 'content-type': 'application/json' };
  for (const sent of ['{', '{"account":"a"}', `{"account":"${'a'.repeat(100_000)}"}`]) {
    const answer = await fetchFrom('/v1/console/session', { method: 'POST', headers, body: sent });
    expect([answer.status, await body(answer)]).toEqual([400, 'request-invalid']);
  }
});

test('an agent signs in, is known by the cookie, and signs out', async () => {
  const signIn = (credentials: object, headers: Record<string, string> = {}) =>
    fetchFrom('/v1/console/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(credentials),
    });
  expect((await signIn({ ...server.agent, password: 'wrong' })).status).toBe(401);
  expect((await signIn({ account: 'nobody@demo.example', password: 'wrong' })).status).toBe(401);
  expect((await signIn(server.agent, { origin: server.allowedOrigin })).status).toBe(403);

  const answer = await signIn(server.agent, { origin: server.url });
  expect(await answer.json()).toMatchObject({ tenantId: 'demo', user: { kind: 'agent', name: 'Lin Yue' } });
  const cookie = answer.headers.get('set-cookie') ?? '';
  expect(cookie).toMatch(/^inlay-session=[^;]+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/);
  expect(answer.headers.get('cache-control')).toBe('no-store');

  const session = { headers: { cookie: cookie.split(';')[0] ?? '' } };
  expect(await (await fetchFrom('/v1/console/session', session)).json()).toMatchObject({ tenantId: 'demo' });
  expect((await fetchFrom('/v1/console/session')).status).toBe(401);
  const out = await fetchFrom('/v1/console/session', { method: 'DELETE', ...session });
  expect([out.status, out.headers.get('set-cookie')]).toEqual([204, expect.stringContaining('Max-Age=0')]);
});

test('a file is sent in parts, shown in place when it is a picture, and runs nothing', async () => {
  const { client, session } = await newVisitor(server.url, server.tenantId);
  const gif = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');
  const form = new FormData();
  form.append('file', new Blob([new Uint8Array(gif)]), '图 "1".gif');
  const uploaded = await fetchFrom('/v1/tenants/demo/files', {
    method: 'POST',
    body: form,
    headers: { authorization: `Bearer ${session.token}` },
  });
  expect(uploaded.status).toBe(201);
  const { url } = (await uploaded.json()) as { url: string };
  const whole = await fetchFrom(url);
  expect(whole.headers.get('content-disposition')).toMatch(
    /^inline; filename="[\x20-\x7e]+"; filename\*=UTF-8''%E5%9B%BE/,
  );
  expect(whole.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
  expect(whole.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
  const part = await fetchFrom(url, { headers: { range: 'bytes=0-5' } });
  expect([part.status, await part.text()]).toEqual([206, 'GIF89a']);
  expect(part.headers.get('content-range')).toBe(`bytes 0-5/${gif.length}`);
  expect((await fetchFrom(url, { headers: { range: `bytes=${gif.length}-` } })).status).toBe(416);
  expect((await fetchFrom('/files/unknown/picture.gif')).status).toBe(404);
  await client.close();
});

test('health and readiness', async () => {
  for (const path of ['/healthz', '/readyz']) expect(await (await fetchFrom(path)).json()).toEqual({ ok: true });
});
