/**
 * Walks a value by its schema and checks every bound, building nothing: what must be true before a value is given to
 * avsc's resolver, which believes the counts that it reads.
 */
import type { AvroReader } from './avro';
import type { FieldType, RecordModel } from './generator/model';
import { minRowBytes } from './generator/model';

function skip(reader: AvroReader, type: FieldType): void {
  switch (type.kind) {
    case 'int':
      reader.int();
      return;
    case 'long':
      reader.long();
      return;
    case 'double':
      reader.double();
      return;
    case 'boolean':
      reader.boolean();
      return;
    case 'string':
    case 'bytes':
      reader.skipBytes();
      return;
    case 'ip':
      reader.ip();
      return;
    case 'enum':
      reader.index(type.symbols.length);
      return;
    case 'map':
      reader.skipTexts();
      return;
    case 'part':
      if (reader.index(2) === 1) skipRecord(reader, type.of);
      return;
    case 'optional':
      if (reader.index(2) === 1) skip(reader, type.of);
      return;
    case 'array': {
      const least = minRowBytes(type.of);
      for (let count = reader.block(least); count > 0; count = reader.block(least)) {
        for (let i = 0; i < count; i++) skipRecord(reader, type.of);
      }
    }
  }
}

/** Steps over a record. @throws NW_SCHEMA_MALFORMED */
export function skipRecord(reader: AvroReader, model: RecordModel): void {
  for (const { type } of model.fields) skip(reader, type);
}
