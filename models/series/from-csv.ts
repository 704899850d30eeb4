/**
 * Series for the training, or to test models on, from a CSV file: `node -r ./bin/ts.cjs models/series/from-csv.ts --in FILE --out FOLDER [--window-ms 300000]`.
 *
 * The file is long or wide, plain or gzip. Long: columns `time`, `subject`, `bytes` and any of the other counted features; a row a window. Wide: `time` and a column of bytes a subject, as traffic
 * matrices are; `--scale` makes bytes a window of what the figures are (of Mbit/s and 5 minutes: 37500000). Times are ISO 8601, UTC where no zone is named. What is missing is not a number.
 *
 * A model is as free as what it was trained on: look at the licence of the data before you pass one on.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { FeatureColumns, SERIES_COLUMNS } from './features';
import { SeriesWriter } from './series-file';

/** Features that are counted; the others follow from them. */
const COUNTED = SERIES_COLUMNS.slice(0, 7);
/** Windows of a series at most: 20 years of minutes. */
const MOST_WINDOWS = 10_512_000;

/** Windows of one subject: their start and what was counted in each. */
export type Windows = Map<number, Float64Array>;

/** Reads CSV text. @throws Error that names the line that is not as it should be */
export function readCsv(text: string, scale: number): Map<string, Windows> {
  const lines = text.split(/\r?\n/).filter((line) => line !== '');
  const head = (lines[0] ?? '').split(',');
  const timeAt = head.indexOf('time');
  if (timeAt < 0) throw new Error(`line 1: there is no column 'time'`);
  const subjectAt = head.indexOf('subject');
  const subjects = new Map<string, Windows>();
  const put = (subject: string, timeMs: number, column: number, value: number): void => {
    let windows = subjects.get(subject);
    if (windows === undefined) subjects.set(subject, (windows = new Map()));
    let counted = windows.get(timeMs);
    if (counted === undefined) windows.set(timeMs, (counted = new Float64Array(COUNTED.length).fill(NaN)));
    counted[column] = value;
  };
  for (let i = 1; i < lines.length; i++) {
    const cells = lines[i].split(',');
    const zoned = /(Z|[+-]\d\d:?\d\d)$/.test(cells[timeAt]) ? cells[timeAt] : `${cells[timeAt].replace(' ', 'T')}Z`;
    const timeMs = Date.parse(zoned);
    if (Number.isNaN(timeMs)) throw new Error(`line ${i + 1}: '${cells[timeAt]}' is no time`);
    cells.forEach((cell, at) => {
      if (at === timeAt || at === subjectAt) return;
      const column = subjectAt < 0 ? 0 : COUNTED.indexOf(head[at] as (typeof COUNTED)[number]);
      if (column < 0) return;
      const value = cell === '' ? NaN : Number(cell);
      put(subjectAt < 0 ? head[at] : cells[subjectAt], timeMs, column, column === 0 ? value * scale : value);
    });
  }
  return subjects;
}

/** Every window from the first to the last; those that are missing are not known. @throws Error too many windows */
export function columnsOf(windows: Windows, windowMs: number): { startMs: number; columns: FeatureColumns } {
  let startMs = Infinity, lastMs = -Infinity;
  for (const at of windows.keys()) {
    startMs = Math.min(startMs, at);
    lastMs = Math.max(lastMs, at);
  }
  const rows = Math.floor((lastMs - startMs) / windowMs) + 1;
  if (rows > MOST_WINDOWS) throw new Error(`${rows} windows of ${windowMs} ms from the first to the last: is that their length?`);
  const columns = new FeatureColumns(rows);
  const missing = new Float64Array(COUNTED.length).fill(NaN);
  for (let row = 0; row < rows; row++) columns.set(row, startMs + row * windowMs, windows.get(startMs + row * windowMs) ?? missing);
  return { startMs, columns };
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { in: { type: 'string' }, out: { type: 'string' }, 'window-ms': { type: 'string', default: '300000' }, scale: { type: 'string', default: '1' } } });
  if (values.in === undefined || values.out === undefined) throw new Error('--in FILE or --out FOLDER is missing');
  const bytes = readFileSync(values.in);
  const subjects = readCsv((values.in.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString(), Number(values.scale));
  const writer = new SeriesWriter(values.out, `from ${values.in}`, false);
  for (const [subject, windows] of subjects) {
    const { startMs, columns } = columnsOf(windows, Number(values['window-ms']));
    await writer.add(subject, startMs, Number(values['window-ms']), columns);
  }
  await writer.close();
  process.stderr.write(`${subjects.size} series\n`);
}

if (require.main === module) {
  main().catch((error: Error) => {
    process.stderr.write(`from-csv: ${error.message}\n`);
    process.exitCode = 1;
  });
}
