/**
 * Series of windows as the training reads them: a folder with `series.json` (what the columns are, where each series lies) and `series.f32` (little-endian
 * float32, row after row, NaN: not known), and `happenings.u8` where it is known what happened in a window.
 */
import { createWriteStream, mkdirSync, writeFileSync, type WriteStream } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { FeatureColumns, SERIES_COLUMNS } from './features';

/** One series within the files. */
interface SeriesEntry {
  readonly name: string;
  readonly startMs: number;
  readonly windowMs: number;
  /** Row that it begins at, and rows. */
  readonly offset: number;
  readonly rows: number;
}

/** Writes such a folder, one series after another. */
export class SeriesWriter {
  private readonly series: SeriesEntry[] = [];
  private readonly rows: WriteStream;
  private readonly happenings: WriteStream | null;
  private written = 0;

  constructor(
    private readonly folder: string,
    private readonly origin: string,
    isLabelled = true,
  ) {
    mkdirSync(folder, { recursive: true });
    this.rows = createWriteStream(join(folder, 'series.f32'));
    this.happenings = isLabelled ? createWriteStream(join(folder, 'happenings.u8')) : null;
  }

  /** Rows of {@link SERIES_COLUMNS}, and what happened in each. */
  async add(name: string, startMs: number, windowMs: number, columns: FeatureColumns): Promise<void> {
    const { rows, happenings, length } = columns;
    this.series.push({ name, startMs, windowMs, offset: this.written, rows: length });
    this.written += length;
    if (!this.rows.write(Buffer.from(rows.buffer, rows.byteOffset, rows.byteLength))) await once(this.rows, 'drain');
    this.happenings?.write(Buffer.from(happenings));
  }

  async close(): Promise<void> {
    for (const stream of [this.rows, this.happenings]) {
      if (stream === null) continue;
      stream.end();
      await once(stream, 'finish');
    }
    writeFileSync(join(this.folder, 'series.json'), `${JSON.stringify({ origin: this.origin, columns: SERIES_COLUMNS, series: this.series }, null, 1)}\n`);
  }
}
