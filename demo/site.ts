/**
 * The host of the demonstration: a shop of somebody else, on another origin than the widget, with every way in on a page of its
 * own. It knows of Inlay what any host knows (README.md) and shares no code with it.
 *
 *     createServer(createDemoSite({ widgetUrl: 'http://localhost:8080', tenantId: 'demo', tenantSecret })).listen(8081);
 */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, RequestListener } from 'node:http';
import { art } from './art.ts';
import type { Html } from './html.ts';
import type { DemoOptions, Visit } from './page.ts';
import { entry } from './pages/entry.ts';
import { form, formScript } from './pages/form.ts';
import { customer, identify, identifyScript } from './pages/identify.ts';
import { miniProgram } from './pages/mini-program.ts';
import { push, pushWorker } from './pages/push.ts';
import { shop } from './pages/shop.ts';
import { style } from './style.ts';
import { signIdentity } from './token.ts';
import { wordsFor } from './words.ts';

export type { DemoOptions } from './page.ts';

type Headers = Readonly<Record<string, string>>;
interface Answer {
  readonly type: string;
  readonly body: string;
  readonly headers?: Headers;
}
type Route = (visit: Visit) => Answer;

const page = (draw: (visit: Visit) => Html, headers: (visit: Visit) => Headers = () => ({})): Route => {
  return (visit) => ({ type: 'text/html; charset=utf-8', body: draw(visit).text, headers: headers(visit) });
};
const script = (body: (options: DemoOptions) => string): Route => {
  return ({ options }) => ({ type: 'text/javascript; charset=utf-8', body: body(options) });
};

/**
 * The strictest host there is: scripts and frames of the widget's origin and nothing else of it. With `?nonce` scripts are
 * allowed by nonce instead of by address.
 */
const strict = ({ options, nonce, query }: Visit): Headers => {
  const scripts = query.has('nonce') ? `'nonce-${nonce}' 'strict-dynamic'` : options.widgetUrl;
  return {
    'content-security-policy': `default-src 'self'; script-src ${scripts}; frame-src ${options.widgetUrl}; require-trusted-types-for 'script'`,
  };
};

const pages: Readonly<Record<string, Route>> = {
  '/': page((visit) => shop(visit)),
  '/strict': page((visit) => shop(visit, '/strict'), strict),
  '/coep': page(
    (visit) => shop(visit, '/coep'),
    () => ({ 'cross-origin-embedder-policy': 'require-corp', 'cross-origin-opener-policy': 'same-origin' }),
  ),
  '/form': page(form),
  '/entry': page(entry),
  '/identify': page(identify),
  '/push': page(push),
  '/mini-program': page(miniProgram),
  '/style.css': () => ({ type: 'text/css; charset=utf-8', body: style }),
  '/form.js': script(() => formScript),
  '/identify.js': script(() => identifyScript),
  '/inlay-sw.js': script(({ widgetUrl }) => pushWorker(widgetUrl)),
  ...Object.fromEntries(
    Object.entries(art).map(([name, body]): [string, Route] => [
      `/art/${name}.svg`,
      () => ({ type: 'image/svg+xml', body }),
    ]),
  ),
};

const answerTo = (request: IncomingMessage, options: DemoOptions): Answer | undefined => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://demo');
  // POST, so that no link and no picture of another site can fetch it; a real host looks at its session here.
  if (pathname === '/identity' && request.method === 'POST')
    return { type: 'text/plain; charset=utf-8', body: signIdentity(options.tenantSecret, customer) };
  if (request.method !== 'GET' && request.method !== 'HEAD') return undefined;
  const route = Object.hasOwn(pages, pathname) ? pages[pathname] : undefined;
  return route?.({
    options,
    words: wordsFor(request.headers['accept-language']),
    nonce: randomBytes(16).toString('base64'),
    query: searchParams,
  });
};

export function createDemoSite(options: DemoOptions): RequestListener {
  return (request, response) => {
    const answer = answerTo(request, options);
    response.writeHead(answer ? 200 : 404, {
      'content-type': answer?.type ?? 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
      'vary': 'accept-language',
      'x-content-type-options': 'nosniff',
      ...answer?.headers,
    });
    response.end(request.method === 'HEAD' ? undefined : (answer?.body ?? 'Not found'));
  };
}
