/**
 * Writes the code for arrays of records as columns: one typed array a field, filled without an allocation a row; an optional record
 * stays bytes, and its column says where they lie. Numbers are read and written in place, so that a row costs no call; the decoder reads from its own copy of the value, which has room behind
 * its end for one row, so that one check a row suffices.
 */
import { arraysOf, isPart, maxRowBytes, minRowBytes, recordsOf, rowFields, upperCase } from './model';
import type { FieldModel, PartField, RecordModel, Scalar, ScalarField } from './model';
import { readScalar, writeScalar } from './objects';

const COLUMN: Record<Exclude<Scalar['kind'], 'bytes'>, string> = {
  int: 'Int32Array',
  long: 'Float64Array',
  double: 'Float64Array',
  boolean: 'Uint8Array',
  enum: 'Uint8Array',
  ip: 'Uint8Array',
  string: 'string[]',
};

const columnType = (type: Scalar): string => COLUMN[type.kind as keyof typeof COLUMN];

const unitOfColumn: Partial<Record<Scalar['kind'], string>> = {
  ip: ' 16 bytes a row; IPv4 as IPv4-mapped, none all zero.',
  enum: ' The index of the symbol.',
  boolean: ' 1 for true.',
};

/** Names of a part's columns: where its bytes begin and end. */
const partColumns = (name: string): readonly string[] => [`${name}At`, `${name}End`];

function declare(field: ScalarField | PartField): string {
  const { name, doc } = field;
  if (isPart(field)) return `  /** ${doc} Where its bytes begin in \`source\`, and where they end: 0 where there is none. */\n${partColumns(name).map((column) => `  ${column}: Int32Array = new Int32Array(0);`).join('\n')}`;
  const { type } = field;
  const lines = [`  /** ${doc}${unitOfColumn[type.kind] ?? ''} */`, type.kind === 'string' ? `  ${name}: string[] = [];` : `  ${name}: ${columnType(type)} = new ${columnType(type)}(0);`];
  if (type.kind === 'ip') lines.push(`  /** The same memory as \`${name}\`: 4 little-endian words a row. */`, `  ${name}Words: Int32Array = new Int32Array(0);`);
  return lines.join('\n');
}

/** Makes a field's column longer. */
export function grow(field: ScalarField | PartField): string {
  const { name, type } = field;
  if (isPart(field)) return partColumns(name).map((column) => `    this.${column} = grown(this.${column}, capacity);\n`).join('');
  if (type.kind === 'string') return '';
  if (type.kind === 'ip') return `    this.${name} = grown(this.${name}, capacity * ${16});\n    this.${name}Words = new Int32Array(this.${name}.buffer);\n`;
  return `    this.${name} = grown(this.${name}, capacity);\n`;
}

/** Reads a row's field at `p` into row `i`. Variables: b (byte), v (low bits), h (high bits). */
function readColumn(field: ScalarField | PartField): string {
  const { name } = field;
  if (isPart(field)) {
    const [at, end] = partColumns(name).map((column) => `${column}Column[i]`);
    return `      b = bytes[p++];
      ${at} = ${end} = 0;
      if (b === 2) {
        reader.position = p;
        skip${field.type.of.name}(reader);
        ${at} = p - gap;
        p = reader.position;
        ${end} = p - gap;
      } else if (b !== 0) throw malformed('${name} is no branch of its union.');`;
  }
  const { type } = field;
  const local = `${name}Column`;
  const more = (target: string, shift: number): string => `b = bytes[p++];\n        ${target} |= (b & 127) << ${shift};`;
  switch (type.kind) {
    case 'int':
    case 'enum':
      return `      b = bytes[p++];
      v = b & 127;
      if (b > 127) {
        ${more('v', 7)}
        if (b > 127) {
        ${more('v', 14)}
        if (b > 127) {
        ${more('v', 21)}
        if (b > 127) {
          b = bytes[p++];
          if (b > 15) throw malformed('${name} is beyond 32 bits.');
          v |= b << 28;
        }}}
      }
${
  type.kind !== 'enum'
    ? `      ${local}[i] = (v >>> 1) ^ -(v & 1);`
    : `      if (v >= ${2 * type.symbols.length} || v < 0 || (v & 1) === 1) throw malformed('${name} is no symbol of ${type.name}.');\n      ${local}[i] = v >>> 1;`
}`;
    case 'long':
      return `      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        ${more('v', 7)}
        if (b > 127) {
        ${more('v', 14)}
        if (b > 127) {
        ${more('v', 21)}
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        ${more('h', 7)}
        if (b > 127) {
        ${more('h', 14)}
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('${name} is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) ${local}[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        ${local}[i] = (v & 1) === 1 ? -1 - x : x;
      }`;
    case 'ip':
      return `      b = bytes[p++];
      w = i << 2;
      if (b === 8) {
        ${local}[w] = 0;
        ${local}[w + 1] = 0;
        ${local}[w + 2] = IPV4_MAPPED_WORD;
        ${local}[w + 3] = bytes[p] | (bytes[p + 1] << 8) | (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
        p += 4;
      } else if (b === 0) {
        ${local}[w] = 0;
        ${local}[w + 1] = 0;
        ${local}[w + 2] = 0;
        ${local}[w + 3] = 0;
      } else if (b === 32) {
        for (let last = w + 4; w < last; w++, p += 4) ${local}[w] = bytes[p] | (bytes[p + 1] << 8) | (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
      } else throw malformed('${name} is no address.');`;
    case 'boolean':
      return `      b = bytes[p++];\n      if (b > 1) throw malformed('${name} is no boolean.');\n      ${local}[i] = b;`;
    case 'double':
      return `      ${local}[i] = reader.view.getFloat64(p, true);\n      p += 8;`;
    default:
      return `      reader.position = p;\n      ${local}[i] = reader.string();\n      p = reader.position;`;
  }
}

/** Writes row `row`'s field at `p`. */
function writeColumn(field: ScalarField | PartField): string {
  const { name } = field;
  if (isPart(field)) {
    const [at, end] = partColumns(name).map((column) => `columns.${column}[row]`);
    return `  v = ${end};
  target[p++] = v === 0 ? 0 : 2;
  if (v !== 0) p += columns.source.copy(target, p, ${at}, v);`;
  }
  const { type } = field;
  const varint = `  while (v > 127) {
    target[p++] = v | 128;
    v >>>= 7;
  }
  target[p++] = v;`;
  switch (type.kind) {
    case 'int':
      return `  v = columns.${name}[row];\n  v = ((v << 1) ^ (v >> 31)) >>> 0;\n${varint}`;
    case 'enum':
      return `  v = columns.${name}[row] << 1;\n${varint}`;
    case 'long':
      return `  x = columns.${name}[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);`;
    case 'ip':
      return `  p = writeIpRow(target, p, columns.${name}Words, row << 2);`;
    case 'boolean':
      return `  target[p++] = columns.${name}[row];`;
    case 'double':
      return `  p = writeDouble(target, p, columns.${name}[row]);`;
    default:
      return `  p = writeString(target, p, columns.${name}[row]);`;
  }
}

function rowObject(field: ScalarField | PartField): string {
  const { name, type } = field;
  if (isPart(field)) {
    const [at, end] = partColumns(name).map((column) => `this.${column}[row]`);
    return `      ${name}: ${end} === 0 ? null : take${field.type.of.name}(objectReader.within(this.source, ${at}, ${end})),\n`;
  }
  if (type.kind === 'ip') return `      ${name}: formatIpRow(this.${name}, row * ${16}),\n`;
  if (type.kind === 'enum') return `      ${name}: ${upperCase(type.name)}_SYMBOLS[this.${name}[row]],\n`;
  if (type.kind === 'boolean') return `      ${name}: this.${name}[row] === 1,\n`;
  return `      ${name}: this.${name}[row],\n`;
}

/** Names of the column class itself. */
const RESERVED: readonly string[] = ['length', 'rowStart', 'source', 'capacity', 'reserve', 'at', 'decode', 'decodeRows'];

const uses = (fields: readonly (ScalarField | PartField)[], ...kinds: readonly (Scalar['kind'] | 'part')[]): boolean => fields.some(({ type }) => kinds.includes(type.kind));

const SKIP: Partial<Record<FieldModel['type']['kind'], string>> = { string: 'skipBytes()', bytes: 'skipBytes()', map: 'skipTexts()' };

/** Steps over a record without making anything of it. */
function skipper(model: RecordModel): string {
  const line = ({ name, type }: FieldModel): string => {
    if (type.kind === 'array' || type.kind === 'part' || type.kind === 'optional') throw new Error(`${model.name}.${name}: a part of a row holds scalars and maps`);
    return `  reader.${SKIP[type.kind] ?? (type.kind === 'enum' ? `index(${type.symbols.length})` : `${type.kind}()`)};\n`;
  };
  return `function skip${model.name}(reader: AvroReader): void {\n${model.fields.map(line).join('')}}\n`;
}

/** The loop over the rows of a block. Of the fields that `isWanted` does not name the bytes are checked as ever, and no more. */
export function decodeRows(row: RecordModel, isWanted: (field: string) => boolean = () => true): string {
  const fields = rowFields(row);
  const wanted = fields.filter((field) => isWanted(field.name));
  const locals = [uses(fields, 'int', 'long', 'enum', 'ip', 'boolean', 'part') && 'b = 0', uses(wanted, 'int', 'long', 'enum') && 'v = 0', uses(wanted, 'long') && 'h = 0', uses(wanted, 'ip') && 'w = 0'].filter(Boolean);
  const views = wanted.flatMap((field) => (isPart(field) ? partColumns(field.name).map((column) => `${column}: ${column}Column`) : [`${field.name}${field.type.kind === 'ip' ? 'Words' : ''}: ${field.name}Column`]));
  return `  protected decodeRows(reader: AvroReader, count: number): void {
    const { bytes, end } = reader;
    const { rowStart, ${views.join(', ')} } = this;
    const first = this.length;
    const gap = reader.position - rowStart[first];
    let p = reader.position;
${locals.length === 0 ? '' : `    let ${locals.join(', ')};\n`}    for (let i = first, last = first + count; i < last; i++) {
${fields.map((field) => (isWanted(field.name) ? readColumn(field) : skipColumn(field))).join('\n')}
      if (p > end) throw malformed('The bytes end within ${row.name}.');
      if (gap > 0) bytes.copyWithin(rowStart[i], rowStart[i] + gap, p);
      rowStart[i + 1] = p - gap;
    }
    this.length = first + count;
    reader.position = p;
  }
`;
}

/** Steps over a row's field at `p`, and refuses what {@link readColumn} refuses. */
function skipColumn({ name, type }: ScalarField | PartField): string {
  const longer = (bytes: number): string => Array.from({ length: bytes }, () => 'bytes[p++] > 127 && ').join('');
  switch (type.kind) {
    case 'int':
      return `      if (${longer(4)}bytes[p++] > 15) throw malformed('${name} is beyond 32 bits.');`;
    case 'long':
      return `      if (${longer(7)}bytes[p++] > 31) throw malformed('${name} is beyond 2^53.');`;
    case 'ip':
      return `      b = bytes[p++];\n      if (b !== 0 && b !== 8 && b !== 32) throw malformed('${name} is no address.');\n      p += b >>> 1;`;
    default:
      throw new Error(`${name}: a selection takes every ${type.kind}`);
  }
}

/** The column class and the row writer of a record that is an array's item. */
export function rowColumns(row: RecordModel): string {
  const fields = rowFields(row);
  const { name } = row;
  const strings = fields.filter(({ type }) => type.kind === 'string').map((field) => field.name);
  const bound = `${upperCase(name)}_MAX_BYTES`;
  if (fields.some((field) => RESERVED.includes(field.name))) throw new Error(`${name}: ${RESERVED.join(', ')} are taken`);
  const parts = fields.filter(isPart);
  return `${[...new Set(parts.flatMap(({ type }) => [...recordsOf(type.of), type.of]))].map(skipper).join('\n')}/** Most bytes that one ${name} takes${strings.length > 0 ? `, the UTF-8 of ${strings.join(', ')} left out` : ''}${parts.length > 0 ? `, what is in ${parts.map((part) => part.name).join(', ')} left out` : ''}. */
export const ${bound} = ${maxRowBytes(row)};

/** Rows of ${name} as columns. \`length\` rows are in use; the arrays may be longer and are replaced by \`reserve\` and \`decode\`. */
export class ${name}Columns {
  length = 0;
  /** Byte offset of each row in the \`bytes\` of the batch it was decoded from; one more for the end of the last. */
  rowStart: Int32Array = new Int32Array(1);
${fields.map(declare).join('\n')}
${parts.length > 0 ? `  /** The bytes that ${parts.map((part) => part.name).join(', ')} lie in: those of the batch decoded last. */\n  source: Buffer = Buffer.alloc(0);\n` : ''}  protected capacity = 0;

  /** Makes room for so many rows; what is there is kept. */
  reserve(rows: number): void {
    if (rows <= this.capacity) return;
    const capacity = Math.max(64, rows, 2 * this.capacity);
    this.rowStart = grown(this.rowStart, capacity + 1);
${fields.map(grow).join('')}    this.capacity = capacity;
  }

  /** One row as an object. */
  at(row: number): ${name} {
    return {
${fields.map(rowObject).join('')}    };
  }

  /** Reads an array's blocks. Rows of later blocks are moved up to the earlier, so that all rows lie one after the other. */
  decode(reader: AvroReader): void {
    this.length = 0;
${parts.length > 0 ? '    this.source = reader.bytes;\n' : ''}    this.rowStart[0] = reader.position;
    for (let count = reader.block(${minRowBytes(row)}); count > 0; count = reader.block(${minRowBytes(row)})) {
      if (this.length === 0) this.rowStart[0] = reader.position;
      this.reserve(this.length + count);
      this.decodeRows(reader, count);
    }
  }

${decodeRows(row)}}

/** Writes one row at \`position\`, where ${bound} bytes${strings.length > 0 ? ' and the texts' : ''}${parts.length > 0 ? ' and the parts' : ''} must have room; the new position. @throws NW_SCHEMA_MALFORMED a number that is not whole or beyond 2^53. */
export function write${name}(target: ${uses(fields, 'string', 'double') ? 'Buffer' : 'Uint8Array'}, position: number, columns: ${name}Columns, row: number): number {
  let p = position;
${uses(fields, 'int', 'long', 'enum', 'part') ? '  let v = 0;\n' : ''}${uses(fields, 'long') ? '  let x = 0;\n' : ''}${fields.map(writeColumn).join('\n')}
  return p;
}
`;
}

/** The class of a record that holds arrays, with the arrays as columns, and its encoder. */
export function batchColumns(model: RecordModel): string {
  const { name } = model;
  const arrays = arraysOf(model);
  const slack = Math.max(...arrays.map(({ row }) => maxRowBytes(row)));
  if (model.fields.some((field) => ['bytes', 'reader', 'decode', 'clear'].includes(field.name))) throw new Error(`${name}: bytes, reader, decode and clear are taken where there are arrays`);
  const member = ({ name: field, doc, type }: RecordModel['fields'][number]): string => {
    if (type.kind === 'array') return `  /** ${doc} */\n  readonly ${field} = new ${type.of.name}Columns();\n`;
    if (type.kind === 'optional' || type.kind === 'part' || type.kind === 'map') throw new Error(`${name}.${field}: the generator knows no ${type.kind} beside arrays`);
    const initial = type.kind === 'enum' ? `'${type.symbols[0]}'` : type.kind === 'boolean' ? 'false' : type.kind === 'string' || type.kind === 'ip' ? "''" : type.kind === 'bytes' ? 'Buffer.alloc(0)' : '0';
    const annotation = type.kind === 'enum' ? `: ${type.name}` : type.kind === 'bytes' ? ': Buffer' : '';
    return `  /** ${doc} */\n  ${field}${annotation} = ${initial};\n`;
  };
  const write = ({ name: field, type }: RecordModel['fields'][number]): string => {
    if (type.kind !== 'array') return `  ${writeScalar(type as Scalar, `columns.${field}`)}\n`;
    const row = type.of;
    const texts = rowFields(row).filter((f) => f.type.kind === 'string');
    const parts = rowFields(row).filter(isPart);
    const room = [`${upperCase(row.name)}_MAX_BYTES`, ...texts.map((f) => `3 * columns.${field}.${f.name}[row].length`), ...parts.map((f) => partColumns(f.name).map((column) => `columns.${field}.${column}[row]`).reverse().join(' - '))].join(' + ');
    return `  if (columns.${field}.length > 0) writer.long(columns.${field}.length);
  for (let row = 0; row < columns.${field}.length; row++) {
    writer.reserve(${room});
    writer.position = write${row.name}(writer.bytes, writer.position, columns.${field}, row);
  }
  writer.long(0);
`;
  };
  return `/** ${name} with its arrays as columns. One instance decodes many values, one after the other, and keeps its memory. */
export class ${name}Columns {
${model.fields.map(member).join('')}  /** A copy of the value last decoded, where \`rowStart\` of the columns points into. */
  bytes: Buffer = Buffer.alloc(0);
  private readonly reader = new AvroReader();

  /** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED: then there are no rows. */
  decode(value: Uint8Array): void {
    const room = value.length + ${slack};
    if (this.bytes.length < room) this.bytes = Buffer.alloc(Math.max(room, 2 * this.bytes.length));
    this.bytes.set(value);
    this.bytes.fill(0, value.length, room);
    const { reader } = this;
    try {
      reader.begin(this.bytes, value.length);
${model.fields.map(({ name: field, type }) => (type.kind === 'array' ? `      this.${field}.decode(reader);\n` : `      this.${field} = ${readScalar(type as Scalar)};\n`)).join('')}      reader.finish();
    } catch (error) {
      this.clear();
      throw error;
    }
  }

  /** No rows. */
  clear(): void {
${arrays.map(({ field }) => `    this.${field.name}.length = 0;\n`).join('')}  }
}

/** Encodes with the Confluent prefix. @throws NW_SCHEMA_MALFORMED a value that the schema does not allow. */
export function encode${name}Columns(columns: ${name}Columns, schemaId: number): Buffer {
  writer.begin(schemaId);
${model.fields.map(write).join('')}  return writer.finish();
}
`;
}

/** What the code of a record needs of `../avro` and `../ip`. */
export function imports(model: RecordModel): { readonly avro: string[]; readonly ip: string[] } {
  const rows = arraysOf(model).flatMap(({ row }) => rowFields(row));
  const avro = ['AvroReader', 'AvroWriter'];
  if (rows.length > 0) avro.push('grown', 'malformed', 'takeRows');
  if (uses(rows, 'ip')) avro.push('writeIpRow');
  if (uses(rows, 'long')) avro.push('writeLong');
  if (uses(rows, 'double')) avro.push('writeDouble');
  if (uses(rows, 'string')) avro.push('writeString');
  return { avro, ip: uses(rows, 'ip') ? ['formatIpRow', 'IPV4_MAPPED_WORD'] : [] };
}
