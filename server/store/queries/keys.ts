import type { Connections } from '../connections.ts';
import type { Keys } from '../store.ts';

export function createKeys({ write }: Connections): Keys {
  return {
    getOrCreate: (name, make) =>
      write(async (db) => {
        const known = await db.selectFrom('keys').select('value').where('name', '=', name).executeTakeFirst();
        if (known) return known.value;
        const value = make();
        await db.insertInto('keys').values({ name, value }).execute();
        return value;
      }),
  };
}
