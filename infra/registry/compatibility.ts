/**
 * Whether a reader of one schema understands what was written by others: Avro's schema resolution (specification 1.11,
 * "Schema Resolution"), as avsc does it. BACKWARD_TRANSITIVE asks it of every earlier version.
 */
import { Type } from 'avsc';
import type { Schema } from 'avsc';

/** avsc's type for a schema's text. Logical types are read as what they stand on. @throws Error not a schema */
export const typeOf = (schema: string): Type => Type.forSchema(JSON.parse(schema) as Schema);

/** Why values of one of `writers` cannot be read with `reader`; `null` where all can. @throws Error not a schema */
export function incompatibility(reader: string, writers: readonly string[]): string | null {
  const type = typeOf(reader);
  for (const writer of writers) {
    try {
      type.createResolver(typeOf(writer));
    } catch (error) {
      return (error as Error).message;
    }
  }
  return null;
}

/** True where both schemas mean the same bytes: only documentation, defaults or logical types differ. */
export const sameBytes = (a: string, b: string): boolean => JSON.stringify(typeOf(a).schema()) === JSON.stringify(typeOf(b).schema());
