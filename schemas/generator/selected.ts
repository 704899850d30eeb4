/** Writes the code for columns of which only some are decoded. */
import { decodeRows, grow } from './columns';
import { arraysOf, isPart, rowFields } from './model';
import type { RecordModel } from './model';

/** Columns that are decoded by themselves, the rest left out: for what reads every row and few of its columns. */
export interface Selection {
  /** What the class is called, `BatchColumns` behind it. */
  readonly name: string;
  /** The array. */
  readonly of: string;
  readonly fields: readonly string[];
}

/** The class of a selection. */
export function selectedColumns(model: RecordModel, { name, of, fields }: Selection): string {
  const row = arraysOf(model).find(({ field }) => field.name === of)!.row;
  const unknown = fields.filter((wanted) => !rowFields(row).some((field) => field.name === wanted));
  if (unknown.length > 0) throw new Error(`${name}: ${row.name} has no ${unknown.join(', ')}`);
  const kept = rowFields(row).filter((field) => isPart(field) || fields.includes(field.name));
  const isWanted = (field: string): boolean => kept.some((of) => of.name === field);
  return `/** Of ${row.name} the columns ${fields.join(', ')}; the others stay empty. */
class ${name}Columns extends ${row.name}Columns {
  override reserve(rows: number): void {
    if (rows <= this.capacity) return;
    const capacity = Math.max(64, rows, 2 * this.capacity);
    this.rowStart = grown(this.rowStart, capacity + 1);
${kept.map(grow).join('')}    this.capacity = capacity;
  }

${decodeRows(row, isWanted).replace('protected decodeRows', 'protected override decodeRows')}}

/** {@link ${model.name}Columns} that decode of \`${of}\` only ${fields.join(', ')}: what is refused is the same. */
export class ${name}BatchColumns extends ${model.name}Columns {
  override readonly ${of} = new ${name}Columns();
}
`;
}
