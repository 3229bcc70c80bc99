/**
 * Building a query takes Kysely longer than SQLite needs to run it. A query on the path of every message is therefore built
 * once, with markers where its values belong:
 *
 *     const find = prepared((db, value: Values<{ key: number }>) => db.selectFrom('users').selectAll().where('user_key', '=', value('key')));
 *     const rows = await find(db, { key: 7 });
 */
import type { Compilable, CompiledQuery, Kysely } from 'kysely';
import type { Database } from './schema.ts';

/** Stands for a value while the query is built. */
class Marker {
  constructor(readonly name: PropertyKey) {}
}

export type Values<Input> = <Name extends keyof Input>(name: Name) => Input[Name];

/** Values must be what the database takes as they are: no arrays, no lists of changing length. */
export function prepared<Input extends object, Row>(
  build: (db: Kysely<Database>, value: Values<Input>) => Compilable<Row>,
): (db: Kysely<Database>, input: Input) => Promise<Row[]> {
  let template: CompiledQuery<Row> | undefined;
  return async (db, input) => {
    template ??= build(db, (name) => new Marker(name) as unknown as Input[typeof name]).compile();
    const parameters = template.parameters.map((parameter) =>
      parameter instanceof Marker ? input[parameter.name as keyof Input] : parameter,
    );
    const { rows } = await db.executeQuery<Row>({ ...template, parameters });
    return rows;
  };
}
