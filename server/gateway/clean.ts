/**
 * Takes out of a frame what its schema does not name, once the frame is known to fit it: what nobody declared must not reach the
 * store. Made once for each schema; TypeBox's own Clean walks the schema anew for every value, which took longer than reading
 * and checking the frame together.
 */
import type { TSchema } from '@sinclair/typebox';
import { TypeCompiler } from '@sinclair/typebox/compiler';

/** Changes the value in place. */
export type Clean = (value: unknown) => void;

/** Undefined: there is nothing in such a value that could be too much. */
export function cleanerOf(schema: TSchema): Clean | undefined {
  if (schema.type === 'object') return schema.patternProperties ? cleanRecord(schema) : cleanObject(schema);
  if (schema.type === 'array') return cleanArray(schema.items as TSchema);
  if (schema.anyOf) return cleanUnion(schema.anyOf as TSchema[]);
  return undefined;
}

function cleanObject({ properties, additionalProperties }: TSchema): Clean | undefined {
  if (additionalProperties !== undefined && additionalProperties !== false) return undefined;
  const cleaners = new Map<string, Clean | undefined>(
    Object.entries((properties ?? {}) as Record<string, TSchema>).map(([name, each]) => [name, cleanerOf(each)]),
  );
  return (value) => {
    const object = value as Record<string, unknown>;
    for (const name in object) {
      const clean = cleaners.get(name);
      if (clean) clean(object[name]);
      else if (!cleaners.has(name)) delete object[name];
    }
  };
}

function cleanRecord({ patternProperties }: TSchema): Clean | undefined {
  const [items] = Object.values(patternProperties as Record<string, TSchema>).map(cleanerOf);
  if (!items) return undefined;
  return (value) => {
    for (const each of Object.values(value as Record<string, unknown>)) items(each);
  };
}

function cleanArray(items: TSchema): Clean | undefined {
  const clean = cleanerOf(items);
  return clean && ((value) => (value as unknown[]).forEach(clean));
}

/** Cleaned as the first of them that it fits. */
function cleanUnion(schemas: readonly TSchema[]): Clean | undefined {
  const branches = schemas.map((schema) => ({ clean: cleanerOf(schema), schema }));
  if (branches.every(({ clean }) => !clean)) return undefined;
  const checks = branches.map(({ clean, schema }) => ({ clean, check: TypeCompiler.Compile(schema) }));
  return (value) => checks.find(({ check }) => check.Check(value))?.clean?.(value);
}
