/**
 * Many visitors of one tenant, each with a conversation of one message, and one agent: made once a run and copied for each
 * measurement, so that a server starts over them as it would after a restart, its memory not yet shaped by making them.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { People, Visitor } from './people.ts';
import { Server } from './server.ts';
import { scaled } from './statistics.ts';

export const COHORT = 15_000;

/** A visitor whose device holds all that there is. */
export interface Held extends Visitor {
  readonly revision: number;
}
export interface Cohort extends People {
  readonly folder: string;
  readonly visitors: readonly Held[];
}

let made: Promise<Cohort> | undefined;

export function cohort(): Promise<Cohort> {
  made ??= make();
  return made;
}

async function make(): Promise<Cohort> {
  const folder = mkdtempSync(join(tmpdir(), 'inlay-bench-cohort-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  // Nobody is to be notified of the first word in the middle of a measurement.
  const server = await Server.start('inlay', folder, { env: { PUSH_DELAY_MS: '3600000' } });
  const people = await server.people({ tenants: 1, visitors: scaled(COHORT), agents: 1 });
  await server.append(people.visitors, 1, 'The first word.');
  const revisions = await server.revisions(people.visitors);
  const visitors = people.visitors.map((visitor, at) => ({ ...visitor, revision: revisions[at] ?? 0 }));
  await server.stop();
  return { folder, visitors, agents: people.agents };
}
