import { NetWeaverError } from '../../../infra/errors';
import type { Topic } from '../../../topics';
import type { Context, JoinedCauses, RecordSteps } from '../processor';
import { KeyValue } from '../state/key-value';
import { KeyValueView } from '../state/key-value-view';
import type { Cell, ColumnName, StoreView } from '../state/view';

/** What a {@link JoinTable} is. */
export interface JoinTableOptions {
  /** Name of the store. */
  readonly name: string;
  readonly topic: Topic;
  /** Memory of the store; a record that does not fit goes to dead-letters (NW_STATE_FULL). Unit: bytes. */
  readonly maxBytes: number;
  /**
   * What is kept of a record's value, given what is kept now (null: nothing). It must throw on a value that is malformed, which then
   * replaces nothing. The bytes are copied. Default: the value as it is.
   */
  readonly keep?: (value: Buffer, before: Buffer | null) => Uint8Array;
}

/** Before the value: offset of its record, a double. */
const OFFSET_BYTES = 8;

/**
 * A topic as a table: of each key what its latest record says, and where that record lies, which is a cause of whatever the
 * table goes into. A tombstone deletes its key.
 */
export class JoinTable {
  readonly store: KeyValue;
  /** Offset of the record that {@link get} found. */
  offset = 0;
  private readonly topic: Topic;
  private readonly keep: (value: Buffer, before: Buffer | null) => Uint8Array;
  private entry = Buffer.alloc(256);

  constructor({ name, topic, maxBytes, keep = (value) => value }: JoinTableOptions) {
    this.store = new KeyValue({ name, maxBytes });
    this.topic = topic;
    this.keep = keep;
  }

  /** What is kept of a key, valid until the next change; null where there is nothing. */
  get(key: Uint8Array): Buffer | null {
    if (!this.store.find(key)) return null;
    const { valueIn, valueFrom, valueTo } = this.store;
    this.offset = valueIn.readDoubleLE(valueFrom);
    return valueIn.subarray(valueFrom + OFFSET_BYTES, valueTo);
  }

  /** Where that lies which {@link get} found last, for {@link EmitOptions.joined}. */
  causes(): JoinedCauses[] {
    return [{ topic: this.topic, first: this.offset, last: this.offset }];
  }

  /** The table as rows: the key as text, the offset of the record, and what `read` makes of what is kept. */
  view(doc: string, values: readonly ColumnName[], read: (kept: Buffer) => readonly Cell[]): StoreView {
    return new KeyValueView({
      name: this.store.name,
      doc,
      store: this.store,
      key: [{ name: 'key', doc: `Key on ${this.topic.name}.` }],
      readKey: (key) => [key.toString()],
      writeKey: ([key]) => Buffer.from(key),
      values: [{ name: 'offset', doc: `Offset of the record on ${this.topic.name}.` }, ...values],
      readValue: (value) => [value.readDoubleLE(0), ...read(value.subarray(OFFSET_BYTES))],
    });
  }

  /** Steps that fold the topic into the table; `before` is called ahead of a change and `after` behind it, where there is one. */
  steps(before?: (key: Buffer) => void, after?: (key: Buffer, context: Context) => void): RecordSteps {
    let key: Buffer | null = null;
    let value: Uint8Array | null = null;
    return {
      decode: (bytes, of) => {
        if (of === null) throw new NetWeaverError('NW_SCHEMA_MALFORMED', `A record of ${this.topic.name} has no key.`);
        key = of;
        value = this.keep(bytes, this.get(of));
      },
      decodeTombstone: (of) => {
        key = of;
        value = null;
      },
      step: (context) => {
        const of = key!;
        before?.(of);
        context.received(1);
        if (value === null) {
          if (!this.store.delete(of)) return;
        } else if (!this.put(of, value, context.offset)) {
          context.deadLetter('NW_STATE_FULL', `The store ${this.store.name} holds ${this.store.entries} entries in ${this.store.bytes} bytes.`);
          return;
        }
        after?.(of, context);
      },
    };
  }

  private put(key: Buffer, value: Uint8Array, offset: number): boolean {
    const length = OFFSET_BYTES + value.length;
    if (this.entry.length < length) this.entry = Buffer.alloc(2 * length);
    this.entry.writeDoubleLE(offset, 0);
    this.entry.set(value, OFFSET_BYTES);
    return this.store.put(key, this.entry.subarray(0, length));
  }
}
