import type { Kysely, Selectable } from 'kysely';
import { InlayError } from '../../../protocol/errors.ts';
import type { TenantId } from '../../../protocol/ids.ts';
import type { Connections } from '../connections.ts';
import type { Database, TenantTable } from '../schema.ts';
import type { StoredTenant, TenantDirectory } from '../store.ts';

const TENANTS_OF_ORIGIN_MAX = 20;

export function createTenantDirectory({ read, write }: Connections): TenantDirectory {
  return {
    find: (tenantId) => read((db) => findTenant(db, tenantId)),
    findByOrigin: (origin) => read((db) => findByOrigin(db, origin)),
    list: (limit) =>
      read(async (db) =>
        (await db.selectFrom('tenants').selectAll().orderBy('tenant_key').limit(limit).execute()).map(toTenant),
      ),
    create: (tenant, now) => write((db) => createTenant(db, tenant, now)),
    update: (tenant) => write((db) => updateTenant(db, tenant)),
  };
}

async function findTenant(db: Kysely<Database>, tenantId: TenantId): Promise<StoredTenant | undefined> {
  const row = await db.selectFrom('tenants').selectAll().where('public_id', '=', tenantId).executeTakeFirst();
  return row && toTenant(row);
}

export async function findTenantKey(db: Kysely<Database>, tenantId: TenantId): Promise<number | undefined> {
  const row = await db.selectFrom('tenants').select('tenant_key').where('public_id', '=', tenantId).executeTakeFirst();
  return row?.tenant_key;
}

async function findByOrigin(db: Kysely<Database>, origin: string): Promise<StoredTenant[]> {
  const rows = await db
    .selectFrom('tenant_origins')
    .innerJoin('tenants', 'tenants.tenant_key', 'tenant_origins.tenant_key')
    .selectAll('tenants')
    .where('tenant_origins.origin', '=', origin)
    .orderBy('tenants.tenant_key')
    .limit(TENANTS_OF_ORIGIN_MAX)
    .execute();
  return rows.map(toTenant);
}

async function createTenant(db: Kysely<Database>, tenant: StoredTenant, now: number): Promise<void> {
  const row = await db
    .insertInto('tenants')
    .values({ public_id: tenant.tenant.tenantId, ...columnsOf(tenant), revision: 0, created_at: now })
    .onConflict((conflict) => conflict.column('public_id').doNothing())
    .returning('tenant_key')
    .executeTakeFirst();
  if (!row) throw new InlayError('forbidden', 'There is a tenant of this id already.');
  await insertOrigins(db, row.tenant_key, tenant.allowedOrigins);
}

async function updateTenant(db: Kysely<Database>, tenant: StoredTenant): Promise<void> {
  const row = await db
    .updateTable('tenants')
    .set(columnsOf(tenant))
    .where('public_id', '=', tenant.tenant.tenantId)
    .returning('tenant_key')
    .executeTakeFirst();
  if (!row) throw new InlayError('tenant-unknown');
  await db.deleteFrom('tenant_origins').where('tenant_key', '=', row.tenant_key).execute();
  await insertOrigins(db, row.tenant_key, tenant.allowedOrigins);
}

async function insertOrigins(db: Kysely<Database>, tenantKey: number, origins: readonly string[]): Promise<void> {
  for (const origin of new Set(origins))
    await db.insertInto('tenant_origins').values({ origin, tenant_key: tenantKey }).execute();
}

function columnsOf({ tenant, allowedOrigins, secret }: StoredTenant) {
  return {
    name: tenant.name,
    accent: tenant.accent ?? null,
    greeting: tenant.greeting ? JSON.stringify(tenant.greeting) : null,
    questions: tenant.questions ? JSON.stringify(tenant.questions) : null,
    allowed_origins: JSON.stringify(allowedOrigins),
    secret,
  };
}

function toTenant(row: Selectable<TenantTable>): StoredTenant {
  return {
    tenant: {
      tenantId: row.public_id as TenantId,
      name: row.name,
      ...(row.accent !== null && { accent: row.accent }),
      ...(row.greeting !== null && { greeting: JSON.parse(row.greeting) as Record<string, string> }),
      ...(row.questions !== null && { questions: JSON.parse(row.questions) as Record<string, string[]> }),
    },
    allowedOrigins: JSON.parse(row.allowed_origins) as string[],
    secret: row.secret,
  };
}
