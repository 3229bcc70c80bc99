/** Runs in a process of its own, so that its CPU time is its own: `relay` is the baseline, `inlay` the product. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { TenantId } from '../protocol/ids.ts';
import { createApp } from '../server/app.ts';
import { createAgent } from '../server/domain/agents.ts';
import { createTenant } from '../server/domain/tenants.ts';
import { readSettings } from '../server/settings.ts';

const [kind, dataDir = ''] = process.argv.slice(2);
const credentials = { account: 'agent@bench.example', password: 'correct horse battery staple' };

/** Parses, stamps, acknowledges, delivers: what any relay must do. */
async function relay(): Promise<string> {
  const receivers = new Map<string, WebSocket>();
  const server = createServer();
  new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (socket, request) => {
    const [, role, pair = ''] = (request.url ?? '').split('/');
    if (role === 'receiver') receivers.set(pair, socket);
    socket.on('message', (data) => {
      const message = JSON.parse(data.toString()) as { ref: number; text: string };
      const sentAt = Date.now();
      socket.send(JSON.stringify({ type: 'ok', ref: message.ref, result: { sentAt } }));
      receivers.get(pair)?.send(JSON.stringify({ type: 'message.created', text: message.text, sentAt }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function inlay(): Promise<string> {
  const rates = ['FRAMES_PER_SOCKET', 'MESSAGES_PER_USER', 'MESSAGES_PER_TENANT', 'SESSIONS_PER_ADDRESS'];
  const unlimited = Object.fromEntries(rates.map((name) => [`RATE_${name}`, '0']));
  const app = createApp(readSettings({ PORT: '0', DATA_DIR: dataDir, LOG_LEVEL: 'silent', ...unlimited }));
  const { url, domain } = await app.start();
  const tenantId = 'demo' as TenantId;
  await createTenant(domain, { tenantId, name: 'Bench', allowedOrigins: [] });
  await createAgent(domain, { tenantId, name: 'Agent', ...credentials });
  return url;
}

const url = await (kind === 'relay' ? relay() : inlay());
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.((user + system) / 1e6);
});
process.send?.({ url, ...credentials });
