import { expect, test } from 'vitest';
import { apiHeaders, assetHeaders, fileHeaders, hostScriptHeaders, pageHeaders } from './headers.ts';

const page = pageHeaders({ publicUrl: 'https://chat.example.com', ancestors: "'none'", embedded: false });
const frame = pageHeaders({
  publicUrl: 'http://localhost:8080',
  ancestors: "'self' https://a.example",
  embedded: true,
});

test('every kind forbids sniffing', () => {
  for (const headers of [apiHeaders, assetHeaders, hostScriptHeaders, fileHeaders, page, frame])
    expect(headers['x-content-type-options']).toBe('nosniff');
});

test('no page runs inline script or style, and connects only home', () => {
  for (const headers of [page, frame]) {
    expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(headers['content-security-policy']).not.toMatch(/unsafe|nonce|script-src[^;]*https:/);
  }
  expect(page['content-security-policy']).toContain("connect-src 'self' wss://chat.example.com;");
  expect(frame['content-security-policy']).toContain("connect-src 'self' ws://localhost:8080;");
});

test('a page that nobody may frame says so twice, one for a host names it and fits under COEP', () => {
  expect(page).toMatchObject({ 'x-frame-options': 'DENY', 'strict-transport-security': 'max-age=31536000' });
  expect(page['content-security-policy']).toContain("frame-ancestors 'none'");
  expect(frame['content-security-policy']).toContain("frame-ancestors 'self' https://a.example");
  expect(frame).toMatchObject({
    'cross-origin-embedder-policy': 'require-corp',
    'cross-origin-resource-policy': 'cross-origin',
  });
  expect(frame).not.toHaveProperty('x-frame-options');
});

test('an uploaded file can run nothing, an answer of the API is kept nowhere', () => {
  expect(fileHeaders['content-security-policy']).toBe("default-src 'none'; sandbox");
  expect(apiHeaders['cache-control']).toBe('no-store');
});
