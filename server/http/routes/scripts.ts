/** Scripts and built files: the loader for hosts' pages, the service workers, the assets of our own pages. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { getTenant, tenantsByOrigin } from '../../domain/tenants.ts';
import { type Asset, asset } from '../assets.ts';
import { sendAsset } from '../body.ts';
import { assetHeaders, type Headers, hostScriptHeaders } from '../headers.ts';
import { fillScript } from '../template.ts';
import { builtAsset, isTenantId, type Web } from '../web.ts';

/** Five minutes old is fresh; for a week an old one is better than none, so that a host's page never waits for us. */
const loaderCaching = 'public, max-age=300, stale-while-revalidate=86400, stale-if-error=604800';
const loaderHeaders: Headers = { ...hostScriptHeaders, 'cache-control': loaderCaching, 'vary': 'Referer' };
const pushLoaderHeaders: Headers = { ...hostScriptHeaders, 'cache-control': loaderCaching };
/** A browser asks for a worker's file again at each visit; a cached one would keep an old worker alive. */
const workerHeaders: Headers = { ...hostScriptHeaders, 'cache-control': 'no-cache', 'service-worker-allowed': '/' };
const iconHeaders: Headers = { ...assetHeaders, 'cache-control': 'public, max-age=86400' };

/** Loaders with their configuration; as many as tenants are busy at a time. The oldest goes. */
const LOADERS_MAX_ENTRIES = 500;

export function scriptRoutes(app: FastifyInstance, web: Web): void {
  const loaders = new Map<string, Asset>();

  app.get('/inlay.js', async (request, reply) => {
    const config = await loaderConfig(web, request);
    const key = JSON.stringify(config);
    const loader = loaders.get(key) ?? configured(builtAsset(web, 'loader/inlay.js'), config);
    loaders.set(key, loader);
    for (const oldest of loaders.keys()) if (loaders.size > LOADERS_MAX_ENTRIES) loaders.delete(oldest);
    return sendAsset(request, reply, web.compression, loader, loaderHeaders);
  });

  const fixed = (address: string, path: string, headers: Headers) =>
    app.get(address, (request, reply) => sendAsset(request, reply, web.compression, builtAsset(web, path), headers));
  fixed('/inlay-push.js', 'loader/inlay-push.js', pushLoaderHeaders);
  fixed('/sw.js', 'service-worker/sw.js', workerHeaders);
  fixed('/push-sw.js', 'service-worker/push-sw.js', workerHeaders);

  for (const area of ['widget', 'console']) {
    app.get<{ Params: { '*': string } }>(`/${area}/assets/*`, (request, reply) => {
      const file = builtAsset(web, `${area}/assets/${request.params['*']}`);
      return sendAsset(request, reply, web.compression, file, assetHeaders);
    });
  }

  app.get<{ Params: { tenantId: string } }>('/icon/:tenantId.svg', async (request, reply) => {
    const { tenantId } = request.params;
    const known = isTenantId(tenantId) ? await getTenant(web.domain, tenantId) : undefined;
    return sendAsset(request, reply, web.compression, icon(known?.tenant.accent), iconHeaders);
  });
  app.get('/favicon.ico', (request, reply) => sendAsset(request, reply, web.compression, icon(undefined), iconHeaders));
}

/** The tenants whose page asks, so that the loader draws itself in their colour and words without a request of its own. */
async function loaderConfig({ domain }: Web, request: FastifyRequest): Promise<unknown> {
  const { tenant } = request.query as { tenant?: unknown };
  const named = isTenantId(tenant) ? await getTenant(domain, tenant) : undefined;
  const records = named ? [named] : await tenantsOfReferrer(domain, request.headers.referer);
  const tenants = records.map((record) => {
    const { tenantId, name, accent, greeting } = record.tenant;
    return [tenantId, { name, ...(accent && { accent }), ...(greeting && { greeting }) }];
  });
  return { origin: domain.settings.publicUrl, tenants: Object.fromEntries(tenants) };
}

async function tenantsOfReferrer(domain: Web['domain'], referrer: string | undefined) {
  if (referrer === undefined || !URL.canParse(referrer)) return [];
  return tenantsByOrigin(domain, new URL(referrer).origin);
}

function configured(template: Asset, config: unknown): Asset {
  return asset(Buffer.from(fillScript(template.body.toString(), config)), template.mediaType);
}

/** The launcher's bubble in the tenant's colour; `accent` is #rrggbb or nothing, never other text. */
function icon(accent: string | undefined): Asset {
  const colour = accent && /^#[0-9a-fA-F]{6}$/.test(accent) ? accent : '#1f6feb';
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 512"><rect width="512" height="512" rx="112" fill="${colour}"/><path fill="#fff" d="M256 128c-80 0-144 52-144 118 0 38 22 72 56 94l-14 56 64-34c12 2 25 3 38 3 80 0 144-53 144-119S336 128 256 128z"/></svg>`;
  return asset(Buffer.from(svg), 'image/svg+xml');
}
