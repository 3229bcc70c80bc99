/**
 * Building a query takes Kysely longer than SQLite needs to run it. A query on the path of every message is therefore built
 * once, with markers where its values belong:
 *
 *     const find = prepared((db, value: Values<{ key: number }>) => db.selectFrom('users').selectAll().where('user_key', '=', value('key')));
 *     const rows = await find(db, { key: 7 });
 *     const [rowsOf7, rowsOf8] = await find.each(db, [{ key: 7 }, { key: 8 }]);
 */
import type { Compilable, CompiledQuery, Kysely } from 'kysely';
import { directOf } from './connections.ts';
import type { Database } from './schema.ts';

/** Stands for a value while the query is built. */
class Marker {
  constructor(readonly name: PropertyKey) {}
}

export type Values<Input> = <Name extends keyof Input>(name: Name) => Input[Name];

export interface Prepared<Input, Row> {
  (db: Kysely<Database>, input: Input): Promise<Row[]>;
  /** The same for each of many, one after the other: the rows of each. */
  each(db: Kysely<Database>, inputs: readonly Input[]): Promise<Row[][]>;
}

/** Values must be what the database takes as they are: no arrays, no lists of changing length. */
export function prepared<Input extends object, Row>(
  build: (db: Kysely<Database>, value: Values<Input>) => Compilable<Row>,
): Prepared<Input, Row> {
  let template: CompiledQuery<Row> | undefined;
  const templateFor = (db: Kysely<Database>): CompiledQuery<Row> => {
    template ??= build(db, (name) => new Marker(name) as unknown as Input[typeof name]).compile();
    return template;
  };
  const run = async (db: Kysely<Database>, input: Input): Promise<Row[]> => {
    const query = templateFor(db);
    const direct = directOf(db);
    const parameters = parametersOf(query, input);
    if (direct) return direct(query, parameters) as Row[];
    return (await db.executeQuery<Row>({ ...query, parameters })).rows;
  };
  const each = async (db: Kysely<Database>, inputs: readonly Input[]): Promise<Row[][]> => {
    const query = templateFor(db);
    const direct = directOf(db);
    if (direct) return inputs.map((input) => direct(query, parametersOf(query, input)) as Row[]);
    const all: Row[][] = [];
    for (const input of inputs) all.push(await run(db, input));
    return all;
  };
  return Object.assign(run, { each });
}

function parametersOf<Input extends object>(query: CompiledQuery, input: Input): unknown[] {
  return query.parameters.map((parameter) =>
    parameter instanceof Marker ? input[parameter.name as keyof Input] : parameter,
  );
}
