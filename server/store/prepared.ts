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
  /** The same, for a query that only writes: how many rows each changed. */
  write(db: Kysely<Database>, inputs: readonly Input[]): Promise<number[]>;
}

/** Values must be what the database takes as they are: no arrays, no lists of changing length. */
export function prepared<Input extends object, Row>(
  build: (db: Kysely<Database>, value: Values<Input>) => Compilable<Row>,
): Prepared<Input, Row> {
  let known: Template<Input> | undefined;
  const template = (db: Kysely<Database>): Template<Input> => {
    known ??= new Template(build(db, (name) => new Marker(name) as unknown as Input[typeof name]).compile());
    return known;
  };
  const run = async (db: Kysely<Database>, input: Input): Promise<Row[]> => {
    const { sql, parameters, query } = template(db);
    const direct = directOf(db);
    if (direct) return direct.all(sql, parameters(input)) as Row[];
    return (await db.executeQuery(query(input))).rows as Row[];
  };
  const each = async (db: Kysely<Database>, inputs: readonly Input[]): Promise<Row[][]> => {
    const { sql, parameters } = template(db);
    const direct = directOf(db);
    if (direct) return inputs.map((input) => direct.all(sql, parameters(input)) as Row[]);
    const all: Row[][] = [];
    for (const input of inputs) all.push(await run(db, input));
    return all;
  };
  const write = async (db: Kysely<Database>, inputs: readonly Input[]): Promise<number[]> => {
    const { sql, parameters, query } = template(db);
    const direct = directOf(db);
    if (direct) return inputs.map((input) => direct.run(sql, parameters(input)));
    const all: number[] = [];
    for (const input of inputs) all.push(Number((await db.executeQuery(query(input))).numAffectedRows ?? 0));
    return all;
  };
  return Object.assign(run, { each, write });
}

class Template<Input> {
  readonly #compiled: CompiledQuery;
  readonly sql: string;

  constructor(compiled: CompiledQuery) {
    this.#compiled = compiled;
    this.sql = compiled.sql;
  }

  readonly parameters = (input: Input): unknown[] =>
    this.#compiled.parameters.map((parameter) =>
      parameter instanceof Marker ? input[parameter.name as keyof Input] : parameter,
    );

  readonly query = (input: Input): CompiledQuery => ({ ...this.#compiled, parameters: this.parameters(input) });
}
