/** Who sees what the server tells its operator, and that nobody else does. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newClientMessageId, newVisitor } from '../support/raw-client.ts';
import { startServer, type TestServer } from '../support/server.ts';

const TOKEN = 'not-to-be-guessed-0123456789';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const get = (path: string, headers: Record<string, string> = {}, { url } = server) => fetch(url + path, { headers });
const tracePath = (messageId: string) => `/v1/operator/messages/${messageId}/trace`;

test('the metrics are Prometheus’s text, of the process as well', async () => {
  const answer = await get('/metrics');
  expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  const text = await answer.text();
  for (const name of ['process_cpu_seconds_total', 'process_resident_memory_bytes', 'inlay_event_loop_delay_seconds'])
    expect(text).toMatch(new RegExp(`^${name}.* \\d`, 'm'));
});

test('the metrics grow with what happens', async () => {
  const published = async () => {
    const text = await (await get('/metrics')).text();
    return Number(/^inlay_events_published_total (\d+)$/m.exec(text)?.[1]);
  };
  const { client, session } = await newVisitor(server.url, server.tenantId);
  const before = await published();
  const { conversationId } = session.conversation;
  const content = { kind: 'text', text: 'Hello' };
  await client.request('message.send', { conversationId, clientMessageId: newClientMessageId(), content });
  expect(await published()).toBeGreaterThan(before);
  await client.close();
});

test('what is not among the newest messages is not found', async () => {
  const answer = await get(tracePath('nothing.7'));
  expect(answer.status).toBe(404);
  expect(await answer.json()).toMatchObject({ error: { code: 'not-found' } });
});

test('who comes through a proxy finds nothing, whatever the proxy says of them', async () => {
  const behind = await startServer({ env: { TRUST_PROXY: '1' } });
  try {
    const nothing = await (await get('/nothing', {}, behind)).json();
    for (const address of ['203.0.113.7', '127.0.0.1'])
      for (const path of ['/metrics', tracePath('any')]) {
        const answer = await get(path, { 'x-forwarded-for': address }, behind);
        expect([answer.status, await answer.json()]).toEqual([404, nothing]);
      }
    expect((await get('/metrics', {}, behind)).status).toBe(200);
  } finally {
    await behind.stop();
  }
});

test('with a token, it opens from anywhere and nothing else does', async () => {
  const guarded = await startServer({ env: { TRUST_PROXY: '1', METRICS_TOKEN: TOKEN } });
  const status = async (headers: Record<string, string>, path = '/metrics') =>
    (await get(path, headers, guarded)).status;
  try {
    const far = { 'x-forwarded-for': '203.0.113.7' };
    expect(await status({})).toBe(404);
    expect(await status({ authorization: `Bearer ${TOKEN}x` })).toBe(404);
    expect(await status({ ...far, authorization: 'Bearer' })).toBe(404);
    expect(await status({ ...far, authorization: `Bearer ${TOKEN}` })).toBe(200);
    expect(await status({ authorization: `Bearer ${TOKEN}` })).toBe(200);
    const found = await (await get(tracePath('any'), { authorization: `Bearer ${TOKEN}` }, guarded)).json();
    expect(found).toMatchObject({ error: { message: expect.stringContaining('newest') } });
  } finally {
    await guarded.stop();
  }
});

test('a token that is short, or that no header can carry, ends the start without being shown', async () => {
  for (const METRICS_TOKEN of ['short', 'twenty characters and blanks', 'x'.repeat(19)]) {
    const refused = startServer({ env: { METRICS_TOKEN } });
    await expect(refused).rejects.toThrow('METRICS_TOKEN');
    await expect(refused).rejects.not.toThrow(METRICS_TOKEN);
  }
});
