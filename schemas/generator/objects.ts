/** Writes the code for records as plain objects: interfaces, enumerations, encoder and decoder. */
import { enumsOf, minRowBytes, recordsOf, upperCase } from './model';
import type { FieldModel, FieldType, RecordModel, Scalar } from './model';

const docBlock = (doc: string, indent = ''): string => (doc === '' ? '' : `${indent}/** ${doc} */\n`);

function typeName(type: FieldType): string {
  switch (type.kind) {
    case 'optional':
      return `${typeName(type.of)} | null`;
    case 'array':
      return `${type.of.name}[]`;
    case 'part':
      return `${type.of.name} | null`;
    case 'map':
      return 'Record<string, string>';
    case 'enum':
      return type.name;
    case 'boolean':
      return 'boolean';
    case 'bytes':
      return 'Buffer';
    case 'string':
    case 'ip':
      return 'string';
    default:
      return 'number';
  }
}

/** The symbols of an enumeration, with the type of its values and its indices. */
function enumeration({ name, doc, symbols }: Extract<Scalar, { kind: 'enum' }>): string {
  const constant = upperCase(name);
  return `${docBlock(`Symbols of ${name}, by index. ${doc}`.trim())}export const ${constant}_SYMBOLS = [${symbols.map((s) => `'${s}'`).join(', ')}] as const;
${docBlock(`A symbol of ${name}.`)}export type ${name} = (typeof ${constant}_SYMBOLS)[number];
${docBlock(`Index of each symbol of ${name}, as columns hold it.`)}export const ${constant} = { ${symbols.map((s, i) => `${s}: ${i}`).join(', ')} } as const;
`;
}

const interfaceOf = (model: RecordModel): string =>
  `${docBlock(model.doc)}export interface ${model.name} {\n${model.fields.map((f) => `${docBlock(f.doc, '  ')}  ${f.name}: ${typeName(f.type)};\n`).join('')}}\n`;

/** Expression that reads a scalar. */
export function readScalar(type: Scalar): string {
  if (type.kind === 'enum') return `${upperCase(type.name)}_SYMBOLS[reader.index(${type.symbols.length})]`;
  return `reader.${type.kind === 'bytes' ? 'blob' : type.kind}()`;
}

/** Statement that writes a scalar. */
export function writeScalar(type: Scalar, value: string): string {
  if (type.kind === 'enum') return `writer.symbol(${value}, ${upperCase(type.name)}_SYMBOLS);`;
  return `writer.${type.kind === 'bytes' ? 'blob' : type.kind}(${value});`;
}

function writeField({ name, type }: FieldModel): string {
  const value = `value.${name}`;
  if (type.kind === 'array') return `  if (${value}.length > 0) writer.long(${value}.length);\n  for (const row of ${value}) put${type.of.name}(row);\n  writer.long(0);\n`;
  if (type.kind === 'map') return `  writer.texts(${value});\n`;
  if (type.kind === 'part') return `  writer.long(${value} === null ? 0 : 1);\n  if (${value} !== null) put${type.of.name}(${value});\n`;
  if (type.kind === 'optional') return `  writer.long(${value} === null ? 0 : 1);\n  if (${value} !== null) ${writeScalar(type.of, value)}\n`;
  return `  ${writeScalar(type, value)}\n`;
}

function readField({ name, type }: FieldModel): string {
  if (type.kind === 'array') return `    ${name}: takeRows(reader, ${minRowBytes(type.of)}, take${type.of.name}),\n`;
  if (type.kind === 'map') return `    ${name}: reader.texts(),\n`;
  if (type.kind === 'part') return `    ${name}: reader.index(2) === 0 ? null : take${type.of.name}(reader),\n`;
  if (type.kind === 'optional') return `    ${name}: reader.index(2) === 0 ? null : ${readScalar(type.of)},\n`;
  return `    ${name}: ${readScalar(type)},\n`;
}

const putter = (model: RecordModel): string => `function put${model.name}(value: ${model.name}): void {\n${model.fields.map(writeField).join('')}}\n`;

const taker = (model: RecordModel): string => `const take${model.name} = (reader: AvroReader): ${model.name} => ({\n${model.fields.map(readField).join('')}});\n`;

/** The code for a record as an object. */
export function objectCode(model: RecordModel, schemaText: string, fullName: string): string {
  const inner = recordsOf(model);
  const { name } = model;
  return [
    ...enumsOf(model).map(enumeration),
    ...inner.map(interfaceOf),
    interfaceOf(model),
    `/** The schema's text, as it is registered. */\nexport const ${upperCase(name)}_SCHEMA =\n  '${schemaText.replace(/\\/g, '\\\\').replace(/'/g, "\\'")}';\n`,
    ...[...inner, model].map(putter),
    ...[...inner, model].map(taker),
    `/** Encodes with the Confluent prefix. @throws NW_SCHEMA_MALFORMED a value that the schema does not allow. */
export function encode${name}(value: ${name}, schemaId: number): Buffer {
  writer.begin(schemaId);
  put${name}(value);
  return writer.finish();
}

/** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED */
export function decode${name}(value: Uint8Array): ${name} {
  objectReader.begin(value);
  const result = take${name}(objectReader);
  objectReader.finish();
  return result;
}

/** ${name} with its code, as a topic holds it. */
export const ${upperCase(name)}: RecordType<${name}> = { name: '${fullName}', schema: ${upperCase(name)}_SCHEMA, encode: encode${name}, decode: decode${name} };
`,
  ].join('\n');
}
