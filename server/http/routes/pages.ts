/**
 * The documents. Each is a built file with one block of data in it; what they may do and who may frame them stands in
 * headers.ts. A page view creates nothing: no cookie, no row.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { TenantId } from '../../../protocol/ids.ts';
import { getTenant } from '../../domain/tenants.ts';
import { asset } from '../assets.ts';
import { sendAsset } from '../body.ts';
import { pageHeaders } from '../headers.ts';
import { frameAncestors } from '../origin.ts';
import { fillPage } from '../template.ts';
import { builtAsset, isTenantId, type Web } from '../web.ts';

type Mode = 'embed' | 'page';
interface TenantParams {
  readonly Params: { readonly tenantId: string };
}

export function pageRoutes(app: FastifyInstance, web: Web): void {
  app.get<TenantParams>('/embed/:tenantId', (request, reply) =>
    widgetPage(web, request, reply, 'embed', request.params.tenantId),
  );
  app.get<TenantParams>('/im/:tenantId', (request, reply) =>
    widgetPage(web, request, reply, 'page', request.params.tenantId),
  );
  app.get<{ Querystring: { tenantId?: unknown } }>('/webim/im.html', (request, reply) =>
    widgetPage(web, request, reply, 'page', request.query.tenantId),
  );
  app.get('/push', (request, reply) => ownPage(web, request, reply, 'widget/push.html'));
  app.get('/console', (_request, reply) => reply.redirect('/console/', 308));
  app.get('/console/', (request, reply) => ownPage(web, request, reply, 'console/index.html'));
  app.get<TenantParams>('/manifest/:tenantId.webmanifest', (request, reply) => manifest(web, request, reply));
}

async function widgetPage(web: Web, request: FastifyRequest, reply: FastifyReply, mode: Mode, tenantId: unknown) {
  const known = isTenantId(tenantId) ? await getTenant(web.domain, tenantId) : undefined;
  const { version } = web;
  const config = known
    ? { mode, tenant: known.tenant, allowedOrigins: known.allowedOrigins, version }
    : { mode, error: 'tenant-unknown', version };
  // An unknown tenant's page says so wherever its address was put; there is nothing on it to be clicked.
  const ancestors = known ? frameAncestors(known.allowedOrigins, mode === 'page') : '*';
  if (!known) reply.code(404);
  const head = known && mode === 'page' ? installable(known.tenant.tenantId) : '';
  return page(web, request, reply, { path: 'widget/index.html', config, ancestors, head, embedded: mode === 'embed' });
}

/** What makes a page an app on the home screen. A tenant's id has no character that means anything in HTML. */
function installable(tenantId: TenantId): string {
  return `<link rel="manifest" href="/manifest/${tenantId}.webmanifest"><link rel="icon" href="/icon/${tenantId}.svg">`;
}

function ownPage(web: Web, request: FastifyRequest, reply: FastifyReply, path: string) {
  return page(web, request, reply, {
    path,
    config: { version: web.version },
    ancestors: "'none'",
    head: '',
    embedded: false,
  });
}

interface Page {
  readonly path: string;
  readonly config: unknown;
  readonly ancestors: string;
  /** Further markup in the head. */
  readonly head: string;
  readonly embedded: boolean;
}

function page(
  web: Web,
  request: FastifyRequest,
  reply: FastifyReply,
  { path, config, ancestors, head, embedded }: Page,
) {
  const template = builtAsset(web, path);
  const filled = asset(Buffer.from(fillPage(template.body.toString(), config, head)), template.mediaType);
  const { publicUrl } = web.domain.settings;
  return sendAsset(request, reply, web.compression, filled, pageHeaders({ publicUrl, ancestors, embedded }));
}

/** Lets the link page be put on the home screen: on iOS only then it can get notifications. */
async function manifest(web: Web, request: FastifyRequest<TenantParams>, reply: FastifyReply) {
  const { tenantId } = request.params;
  const known = isTenantId(tenantId) ? await getTenant(web.domain, tenantId) : undefined;
  const address = `/im/${encodeURIComponent(tenantId)}`;
  const name = known?.tenant.name ?? 'Inlay';
  const content = {
    id: address,
    name,
    short_name: name,
    start_url: address,
    scope: '/',
    display: 'standalone',
    background_color: '#ffffff',
    ...(known?.tenant.accent && { theme_color: known.tenant.accent }),
    icons: [{ src: `/icon/${encodeURIComponent(tenantId)}.svg`, sizes: 'any', type: 'image/svg+xml' }],
  };
  if (!known) reply.code(404);
  const body = asset(Buffer.from(JSON.stringify(content)), 'application/manifest+json');
  const headers = { 'x-content-type-options': 'nosniff', 'cache-control': 'no-cache' };
  return sendAsset(request, reply, web.compression, body, headers);
}
