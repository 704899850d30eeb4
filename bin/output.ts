import { NetWeaverError } from '../infra/errors';

/** How rows are printed. */
export interface PrintOptions {
  /** One JSON object a line instead of a table. */
  readonly json: boolean;
  /** Which columns, in which order; by default those of the first row. */
  readonly columns?: readonly string[];
}

/** Prints rows to standard output: an aligned table for people, JSON lines for programs. */
export function printRows(rows: readonly Record<string, unknown>[], options: PrintOptions): void {
  const columns = options.columns ?? Object.keys(rows[0] ?? {});
  const lines = options.json ? rows.map((row) => jsonLine(options.columns === undefined ? row : pick(row, columns))) : table(rows, columns);
  if (lines.length > 0) process.stdout.write(lines.join('\n') + '\n');
}

const pick = (row: Record<string, unknown>, columns: readonly string[]): Record<string, unknown> => Object.fromEntries(columns.map((column) => [column, row[column]]));

/** One line of JSON. Whole numbers beyond 2^53 stay exact as text, bytes become hexadecimal. */
export const jsonLine = (value: unknown): string =>
  JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item === 'bigint') return Number.isSafeInteger(Number(item)) ? Number(item) : item.toString();
    const bytes = item as { type?: string; data?: number[] } | null;
    return bytes !== null && typeof item === 'object' && bytes.type === 'Buffer' && Array.isArray(bytes.data) ? Buffer.from(bytes.data).toString('hex') : item;
  });

const cell = (value: unknown): string => {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (typeof value === 'object') return jsonLine(value);
  // A tab or an escape sequence in a name must not move the cursor.
  return String(value).replace(/[\x00-\x1f\x7f-\x9f]/g, ' ');
};

/** The lines of a table: a head, then a row each; columns of numbers stand to the right. */
export function table(rows: readonly Record<string, unknown>[], columns: readonly string[]): string[] {
  const cells = rows.map((row) => columns.map((column) => cell(row[column])));
  const right = columns.map((column) => rows.length > 0 && rows.every((row) => ['number', 'bigint', 'undefined'].includes(typeof row[column]) || row[column] === null));
  const widths = columns.map((column, i) => Math.max(column.length, ...cells.map((row) => row[i].length)));
  const line = (row: readonly string[]): string => row.map((text, i) => (right[i] ? text.padStart(widths[i]) : text.padEnd(widths[i]))).join('  ').trimEnd();
  return columns.length === 0 ? [] : [line(columns), ...cells.map(line)];
}

/** `1234567` → `1.23 M`; at most three digits that count. */
export function short(value: number): string {
  const units = ['', ' k', ' M', ' G', ' T', ' P'];
  let unit = 0;
  let rest = value;
  while (Math.abs(rest) >= 999.5 && unit < units.length - 1) {
    rest /= 1000;
    unit++;
  }
  const digits = unit === 0 && Number.isInteger(rest) ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.max(1, Math.abs(rest)))));
  return rest.toFixed(digits) + units[unit];
}

/** Prints an error for a person to standard error and sets the exit code of the process. */
export function reportError(error: unknown): void {
  if (error instanceof NetWeaverError) {
    process.stderr.write(error.explain() + '\n');
    process.exitCode = error.exitCode;
  } else {
    process.stderr.write(`netweaver: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  }
}
