import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDemoSite } from './site.ts';

const options = { widgetUrl: 'http://localhost:8080', tenantId: 'demo', tenantSecret: 'a secret' };
let server: Server;
let url = '';

beforeAll(async () => {
  server = createServer(createDemoSite(options));
  await new Promise<void>((resolve) => server.listen(0, resolve));
  url = `http://localhost:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

test('every page of the navigation is there, and embeds the widget from its own origin', async () => {
  const start = await (await fetch(url)).text();
  expect(start).toContain('<script async src="http://localhost:8080/inlay.js" data-tenant="demo"');
  const paths = [...start.matchAll(/href="(\/[^"]*)"/g)].map(([, path]) => path);
  expect(paths.length).toBeGreaterThan(6);
  for (const path of paths) expect([path, (await fetch(url + path)).status]).toEqual([path, 200]);
  expect((await fetch(`${url}/constructor`)).status).toBe(404);
});

test('the visitor reads their own language', async () => {
  const chinese = await fetch(url, { headers: { 'accept-language': 'zh-CN,zh;q=0.9,en;q=0.8' } });
  expect(await chinese.text()).toContain('<html lang="zh-CN">');
  const german = await fetch(url, { headers: { 'accept-language': 'de,zh;q=0.9' } });
  expect(await german.text()).toContain('<html lang="en">');
});

test('an identity is signed with the secret, is short, and is not given to a mere GET', async () => {
  const jwt = await (await fetch(`${url}/identity`, { method: 'POST' })).text();
  const [header, claims, signature] = jwt.split('.');
  expect(createHmac('sha256', options.tenantSecret).update(`${header}.${claims}`).digest('base64url')).toBe(signature);
  const { sub, exp, iat } = JSON.parse(Buffer.from(claims ?? '', 'base64url').toString());
  expect(sub).toBe('customer-1042');
  expect(exp - iat).toBe(300);
  expect((await fetch(`${url}/identity`)).status).toBe(404);
});

test('the strict page allows the widget by address, or by a nonce that is never the same', async () => {
  const policyOf = async (path: string) => (await fetch(url + path)).headers.get('content-security-policy') ?? '';
  expect(await policyOf('/strict')).toContain('script-src http://localhost:8080; frame-src http://localhost:8080');
  const nonce = await policyOf('/strict?nonce');
  expect(nonce).toMatch(/script-src 'nonce-[^']+' 'strict-dynamic'/);
  expect(await policyOf('/strict?nonce')).not.toBe(nonce);
});
