/** The TypeScript file made from one schema. */
import { batchColumns, imports, rowColumns } from './columns';
import { arraysOf, record } from './model';
import type { AvroJson } from './model';
import { objectCode } from './objects';
import { selectedColumns, type Selection } from './selected';

/** The generated file's text. `source` is the schema's path below `schemas/`. */
export function codeOf(schema: AvroJson, source: string, selections: readonly Selection[] = []): string {
  const model = record(schema);
  const arrays = arraysOf(model);
  const { avro, ip } = imports(model);
  const { namespace, name } = schema as { namespace: string; name: string };
  const fullName = `${namespace}.${name}`;
  return [
    `// Made from ${source} by \`npm run generate\`. Change the schema, not this file.`,
    `import { ${avro.join(', ')} } from '../avro';\nimport type { RecordType } from '../avro';\n${ip.length > 0 ? `import { ${ip.join(', ')} } from '../ip';\n` : ''}`,
    'const writer = new AvroWriter();\nconst objectReader = new AvroReader();\n',
    objectCode(model, JSON.stringify(schema), fullName),
    ...arrays.map(({ row }) => rowColumns(row)),
    ...(arrays.length > 0 ? [batchColumns(model)] : []),
    ...selections.map((selection) => selectedColumns(model, selection)),
  ].join('\n');
}
