import { randomBytes } from 'node:crypto';
import { InlayError } from '../../protocol/errors.ts';
import { TENANT_ID_PATTERN, type TenantId } from '../../protocol/ids.ts';
import { NAME_MAX_LENGTH } from '../../protocol/limits.ts';
import type { Tenant } from '../../protocol/tenants.ts';
import type { StoredTenant } from '../store/store.ts';
import type { Domain } from './domain.ts';
import { cleanLine } from './text.ts';

export type TenantRecord = StoredTenant;

export interface NewTenant extends Tenant {
  /** Origins of pages that may embed the widget; `*`: any. */
  readonly allowedOrigins: readonly string[];
}

/** A change by an operator is seen by every process after so long at the latest. */
const CACHE_MS = 5_000;
const CACHE_MAX = 1_000;

interface Cached {
  readonly until: number;
  readonly record: Promise<TenantRecord | undefined>;
}
const caches = new WeakMap<Domain, Map<TenantId, Cached>>();

/** `undefined`: there is none. */
export async function getTenant(domain: Domain, tenantId: TenantId): Promise<TenantRecord | undefined> {
  const cache = cacheOf(domain);
  const known = cache.get(tenantId);
  if (known && known.until > performance.now()) return known.record;
  const record = domain.store.tenants.find(tenantId);
  // What failed is asked again by the next one; whoever waits for this one hears of it.
  record.catch(() => cache.delete(tenantId));
  cache.delete(tenantId);
  cache.set(tenantId, { until: performance.now() + CACHE_MS, record });
  const [oldest] = cache.size > CACHE_MAX ? cache.keys() : [];
  if (oldest !== undefined) cache.delete(oldest);
  return record;
}

/** Tenants that name this origin among those they allow. */
export async function tenantsByOrigin(domain: Domain, origin: string): Promise<TenantRecord[]> {
  return domain.store.tenants.findByOrigin(origin);
}

export async function createTenant(domain: Domain, input: NewTenant): Promise<TenantRecord> {
  if (!new RegExp(TENANT_ID_PATTERN).test(input.tenantId))
    throw new InlayError('request-invalid', 'A tenant’s id is 1 to 63 of a-z, 0-9 and -.');
  const record = recordOf(input, randomBytes(32).toString('base64url'));
  await domain.store.tenants.create(record, domain.now());
  cacheOf(domain).delete(record.tenant.tenantId);
  return record;
}

/** All but the secret. */
export async function updateTenant(domain: Domain, input: NewTenant): Promise<TenantRecord> {
  const known = await domain.store.tenants.find(input.tenantId);
  if (!known) throw new InlayError('tenant-unknown');
  const record = recordOf(input, known.secret);
  await domain.store.tenants.update(record);
  cacheOf(domain).delete(record.tenant.tenantId);
  return record;
}

function recordOf({ allowedOrigins, ...tenant }: NewTenant, secret: string): TenantRecord {
  return {
    tenant: { ...tenant, name: cleanLine(tenant.name, NAME_MAX_LENGTH) || tenant.tenantId },
    allowedOrigins: [...new Set(allowedOrigins.map(checkOrigin))],
    secret,
  };
}

function checkOrigin(origin: string): string {
  if (origin === '*') return origin;
  if (URL.canParse(origin) && new URL(origin).origin === origin) return origin;
  throw new InlayError('request-invalid', `${JSON.stringify(origin)} is no origin such as https://www.example.com.`);
}

function cacheOf(domain: Domain): Map<TenantId, Cached> {
  const known = caches.get(domain);
  if (known) return known;
  const cache = new Map<TenantId, Cached>();
  caches.set(domain, cache);
  return cache;
}
