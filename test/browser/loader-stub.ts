/**
 * A widget server and a host page for tests of the loader alone: the built loader, and in the place of the app a page that keeps
 * the app's side of protocol/embed.ts and does what the test tells it. It counts what was asked for, and can be told to
 * fail; the real app is slower to make fail.
 */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

const dist = join(import.meta.dirname, '../../dist/loader');
const built = (name: string) => readFileSync(join(dist, name), 'utf8');

/** In the frame: `heard` is all that came, `say` sends. */
const app = `<!doctype html><html><title>app</title><body><button id="compose">compose</button><script>
window.heard = [];
addEventListener('message', (event) => {
  if (event.source !== parent || event.data.inlay !== 'connect') return;
  const port = event.ports[0];
  heard.push({ ...event.data, origin: event.origin });
  window.say = (message) => port.postMessage(message);
  port.onmessage = ({ data }) => {
    heard.push(data);
    if (data.id !== undefined && window.answer !== false) say({ type: 'reply', id: data.id, error: window.refusal });
  };
  document.addEventListener('keydown', (key) => key.key === 'Escape' && say({ type: 'close' }));
  if (!location.search.includes('mute')) setTimeout(() => say({ type: 'ready' }));
});
</script>`;

export interface StubWidget {
  readonly origin: string;
  /** Paths asked for, in order. */
  readonly requests: string[];
  /** What `/embed/…` does: answers, answers without ever being ready, or ends the connection. */
  mode: 'up' | 'mute' | 'down';
  close(): Promise<void>;
}

export interface StubHost {
  readonly origin: string;
  /** The page served at every path: HTML and headers. */
  page: { html: string; headers?: Readonly<Record<string, string>> };
  close(): Promise<void>;
}

const listen = (handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<Server> =>
  new Promise((resolve) => {
    const server = createServer(handle);
    server.listen(0, () => resolve(server));
  });
const portOf = (server: Server) => (server.address() as AddressInfo).port;
const end = (server: Server) =>
  new Promise<void>((resolve) => {
    server.closeAllConnections();
    server.close(() => resolve());
  });

const crossOrigin = {
  'access-control-allow-origin': '*',
  'cross-origin-resource-policy': 'cross-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cache-control': 'no-store',
};

const tenants = {
  demo: { accent: '#0f766e', greeting: { 'en': 'Hello! Any question?', 'zh-CN': '你好，有什么可以帮忙？' } },
};

export async function startStubWidget(): Promise<StubWidget> {
  const requests: string[] = [];
  const server = await listen((request, response) => {
    const path = request.url ?? '';
    requests.push(path);
    const answer = (type: string, body: string) =>
      response.writeHead(200, { ...crossOrigin, 'content-type': `${type}; charset=utf-8` }).end(body);
    if (path.startsWith('/inlay.js'))
      answer(
        'text/javascript',
        built('inlay.js').replace(/(["'`])__INLAY_CONFIG__\1/, () => JSON.stringify({ tenants })),
      );
    else if (path === '/inlay-push.js') answer('text/javascript', built('inlay-push.js'));
    else if (path.startsWith('/embed/') && widget.mode === 'down') response.destroy();
    else if (path.startsWith('/embed/'))
      answer('text/html', widget.mode === 'mute' ? app.replace("includes('mute')", "includes('')") : app);
    else response.writeHead(404).end();
  });
  const widget: StubWidget = {
    origin: `http://localhost:${portOf(server)}`,
    requests,
    mode: 'up',
    close: () => end(server),
  };
  return widget;
}

export async function startStubHost(): Promise<StubHost> {
  const server = await listen((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...host.page.headers }).end(host.page.html);
  });
  const host: StubHost = { origin: `http://127.0.0.1:${portOf(server)}`, page: { html: '' }, close: () => end(server) };
  return host;
}
