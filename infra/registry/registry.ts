/**
 * Schema ids for the Confluent wire format: one zero byte, the id as 4 bytes big-endian, the Avro binary.
 * Two implementations: a Confluent-compatible server (through @kafkajs/confluent-schema-registry), and the embedded one
 * beside the embedded log. Both hand out ids that never change their meaning.
 */
export interface SchemaRegistry {
  /** Registers `schema` (canonical JSON text) for `<topic>-value` where it is new, with BACKWARD_TRANSITIVE compatibility; its id. @throws NW_SCHEMA_INCOMPATIBLE */
  register(subject: string, schema: string): Promise<number>;
  /** The schema text behind an id. @throws NW_SCHEMA_UNKNOWN */
  schema(id: number): Promise<string>;
  close(): Promise<void>;
}

/** Length of the Confluent prefix. */
export const WIRE_PREFIX = 5;

/** Writes the prefix into the first {@link WIRE_PREFIX} bytes. */
export function writeWirePrefix(target: Uint8Array, schemaId: number): void {
  target[0] = 0;
  target[1] = schemaId >>> 24;
  target[2] = schemaId >>> 16;
  target[3] = schemaId >>> 8;
  target[4] = schemaId;
}

/** The schema id of a framed value, or -1 where it has no Confluent prefix. */
export function readWireSchemaId(value: Uint8Array): number {
  if (value.length < WIRE_PREFIX || value[0] !== 0) return -1;
  return ((value[1] << 24) | (value[2] << 16) | (value[3] << 8) | value[4]) >>> 0;
}
