/** The store over whatever SQL dialect: brings the tables up to date, then joins writes into commits (group-commit.ts). */
import { sql } from 'kysely';
import type { TenantId } from '../../protocol/ids.ts';
import { createAppender } from './append.ts';
import type { Connections, Engine } from './connections.ts';
import { GroupCommit, type GroupCommitOptions } from './group-commit.ts';
import { migrate } from './migrate.ts';
import { createAccounts } from './queries/accounts.ts';
import { findFile } from './queries/files.ts';
import { createKeys } from './queries/keys.ts';
import { createPushStore } from './queries/push-queries.ts';
import { createTenantDirectory } from './queries/tenants.ts';
import type { Store, TenantStore } from './store.ts';
import { createTenantStore, type TenantKeys } from './tenant-store.ts';

export async function openStore(engine: Engine, options: GroupCommitOptions): Promise<Store> {
  await migrate(engine);
  const keys: TenantKeys = new Map();
  const ofTenants = new Map<TenantId, TenantStore>();
  const appendTogether = createAppender(keys);
  const writes = new GroupCommit(engine.transaction, appendTogether, options);
  const connections: Connections = {
    read: engine.read,
    write: (run, how) => writes.write(run, how),
    append: (input, how) => writes.append(input, how),
  };
  return {
    of(tenantId) {
      const known = ofTenants.get(tenantId);
      if (known) return known;
      const store = createTenantStore(connections, keys, tenantId);
      // Anybody may name a tenant that there is not.
      if (keys.has(tenantId)) ofTenants.set(tenantId, store);
      return store;
    },
    tenants: createTenantDirectory(connections),
    accounts: createAccounts(connections),
    keys: createKeys(connections),
    push: createPushStore(connections),
    findFile: (fileId) => connections.read((db) => findFile(db, fileId)),
    get writesWaiting() {
      return writes.length;
    },
    async ready() {
      await connections.read((db) => sql`select 1`.execute(db));
    },
    async close() {
      await writes.close();
      await engine.close();
    },
  };
}
