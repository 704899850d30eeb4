/**
 * Values of a topic to and from bytes: the Confluent wire format with the ids of the registry. What another version of
 * the schema wrote is carried over into the version of this program, so that a decoder of columns or of objects only ever
 * sees its own.
 */
import type { Resolver, Type } from 'avsc';
import { NetWeaverError } from '../infra/errors';
import { readWireSchemaId, WIRE_PREFIX, writeWirePrefix } from '../infra/registry/registry';
import type { SchemaRegistry } from '../infra/registry/registry';
import { AvroReader, malformed } from '../schemas/avro';
import { sameBytes, typeOf } from '../infra/registry/compatibility';
import { record } from '../schemas/generator/model';
import type { AvroJson, RecordModel } from '../schemas/generator/model';
import { skipRecord } from '../schemas/validate';
import { subjectOf } from './names';
import type { Topic } from './catalogue';

/** A schema that others wrote with, and the way from it to ours. */
interface Writer {
  readonly model: RecordModel;
  readonly type: Type;
  readonly resolver: Resolver;
}

/** How long an id that the registry does not know is not asked for again, and how many of them are kept in mind. */
const UNKNOWN_MS = 10_000;
const UNKNOWN_MOST = 1000;

/** Encoder and decoder of one topic. */
export class TopicCodec<T> {
  /** Ids whose bytes are ours: our own, and those that differ in documentation alone. */
  private readonly own: Set<number>;
  private readonly writers = new Map<number, Writer>();
  private readonly unknown = new Map<number, number>();
  private readonly reader = new AvroReader();
  private readonly type: Type;

  private constructor(
    readonly topic: Topic<T>,
    /** Id of this program's schema; 0 where it was opened for reading. */
    readonly schemaId: number,
    private readonly registry: SchemaRegistry,
  ) {
    this.own = new Set(schemaId > 0 ? [schemaId] : []);
    this.type = typeOf(topic.record.schema);
  }

  /**
   * Registers the topic's schema under the subject of `name`, the topic's name on the log.
   * @throws NW_SCHEMA_INCOMPATIBLE, NW_REGISTRY_UNREACHABLE, NW_REGISTRY_REFUSED
   */
  static async open<T>(topic: Topic<T>, name: string, registry: SchemaRegistry): Promise<TopicCodec<T>> {
    return new TopicCodec(topic, await registry.register(subjectOf(name), topic.record.schema), registry);
  }

  /** For reading alone: registers nothing. */
  static forReading<T>(topic: Topic<T>, registry: SchemaRegistry): TopicCodec<T> {
    return new TopicCodec(topic, 0, registry);
  }

  /** @throws NW_SCHEMA_MALFORMED a value that the schema does not allow */
  encode(value: T): Buffer {
    return this.topic.record.encode(value, this.schemaId);
  }

  /** True where the bytes are of this program's schema, so that a generated decoder may read them as they are. */
  isOwn(value: Uint8Array): boolean {
    return this.own.has(readWireSchemaId(value));
  }

  /**
   * The value in this program's schema: itself where it is that already, otherwise resolved from the schema that it was written with.
   * @throws NW_SCHEMA_UNKNOWN the id, or no way from that schema to ours; NW_SCHEMA_MALFORMED the bytes; NW_REGISTRY_UNREACHABLE
   */
  async toOwn(value: Buffer): Promise<Buffer> {
    if (this.isOwn(value)) return value;
    const id = readWireSchemaId(value);
    if (id < 0) throw malformed('The value has no schema id before it.');
    const writer = this.writers.get(id) ?? (await this.meet(id));
    if (writer === undefined) return value;
    skipRecord(this.reader.begin(value), writer.model);
    this.reader.finish();
    const resolved = this.type.toBuffer(this.type.fromBuffer(value.subarray(WIRE_PREFIX), writer.resolver));
    const own = Buffer.allocUnsafe(WIRE_PREFIX + resolved.length);
    writeWirePrefix(own, this.schemaId);
    own.set(resolved, WIRE_PREFIX);
    return own;
  }

  /** Decodes a value of any known version. @throws as {@link toOwn} */
  async decode(value: Buffer): Promise<T> {
    return this.topic.record.decode(await this.toOwn(value));
  }

  /** Learns a schema by its id; `undefined` where its bytes are ours. */
  private async meet(id: number): Promise<Writer | undefined> {
    const until = this.unknown.get(id);
    if (until !== undefined && until > Date.now()) throw new NetWeaverError('NW_SCHEMA_UNKNOWN', `${this.topic.name}: there is no schema ${id}.`);
    const text = await this.registry.schema(id).catch((error: unknown) => {
      if (error instanceof NetWeaverError && error.code === 'NW_SCHEMA_UNKNOWN') this.forget(id);
      throw error;
    });
    try {
      if (sameBytes(text, this.topic.record.schema)) {
        this.own.add(id);
        return undefined;
      }
      const type = typeOf(text);
      const writer: Writer = { model: record(JSON.parse(text) as AvroJson), type, resolver: this.type.createResolver(type) };
      this.writers.set(id, writer);
      return writer;
    } catch (error) {
      throw new NetWeaverError('NW_SCHEMA_UNKNOWN', `${this.topic.name}: schema ${id} cannot be read as ${this.topic.record.name}: ${(error as Error).message}`, { cause: error });
    }
  }

  private forget(id: number): void {
    if (this.unknown.size >= UNKNOWN_MOST) this.unknown.clear();
    this.unknown.set(id, Date.now() + UNKNOWN_MS);
  }
}
