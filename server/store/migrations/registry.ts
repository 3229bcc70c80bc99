import type { Kysely } from 'kysely';
import * as first from './0001-first.ts';
import * as push from './0002-push.ts';
import * as clear from './0003-clear.ts';

export interface Migration {
  readonly up: (db: Kysely<unknown>) => Promise<void>;
}

/** In order. One that was released is never changed again. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-first': first,
  '0002-push': push,
  '0003-clear': clear,
};
