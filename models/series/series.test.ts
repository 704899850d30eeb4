/** Series for the training: of CSV files, of the database, of simulated traffic; a row a window, whatever is missing is not a number. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '../../connectors/sinks/timescale/migrate';
import { startEmbedded, type Server, type TestDatabase } from '../../connectors/sinks/timescale/testing/databases';
import { FeatureColumns, SERIES_COLUMNS, trendOf } from './features';
import { columnsOf, readCsv } from './from-csv';
import { seriesFromDatabase } from './from-database';
import { simulateData } from './simulate';

const FIVE_MIN = 300_000;
const NOON = Date.UTC(2026, 0, 5, 12);
const WIDTH = SERIES_COLUMNS.length;

/** Rows of a folder by series. */
function read(folder: string): { name: string; startMs: number; rows: number[][] }[] {
  const { series } = JSON.parse(readFileSync(join(folder, 'series.json'), 'utf8')) as { series: { name: string; startMs: number; offset: number; rows: number }[] };
  const bytes = readFileSync(join(folder, 'series.f32'));
  const all = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  return series.map(({ name, startMs, offset, rows }) => ({ name, startMs, rows: Array.from({ length: rows }, (_, row) => Array.from(all.subarray((offset + row) * WIDTH, (offset + row + 1) * WIDTH))) }));
}

describe('features', () => {
  test('the time of day and of the week, which begins on Monday; the moving average, the trend', () => {
    const columns = new FeatureColumns(3);
    [100, 200, 300].forEach((bytes, row) => columns.set(row, NOON + row * FIVE_MIN, [bytes, NaN, NaN, NaN, NaN, NaN, NaN]));
    const [, , last] = [0, 1, 2].map((row) => Array.from(columns.rows.subarray(row * WIDTH, (row + 1) * WIDTH)));
    expect(last[7]).toBeCloseTo(0.5 + 10 / 1440, 5);
    expect(last[8]).toBeCloseTo((0.5 + 10 / 1440) / 7, 5);
    expect(last[9]).toBeCloseTo(0.5, 5);
    expect(last[10]).toBeCloseTo(100 + (2 / 13) * 100 + (2 / 13) * (300 - 100 - (2 / 13) * 100), 3);
  });

  test.each<[string, number[], number]>([['of one value is not known', [1], NaN], ['of none but zeros is none', [0, 0], 0], ['of what halves', [4, 2], -2 / 3]])('the trend %s', (_, values, trend) => {
    expect(Math.round(1e9 * trendOf(values)) / 1e9).toEqual(Math.round(1e9 * trend) / 1e9);
  });
});

describe('CSV files', () => {
  test('long: a row a window, in any order; columns that are missing, cells that are empty and windows that are not there are not known', () => {
    const windows = readCsv(`time,subject,bytes,flows,colour\n2026-01-05T12:10:00Z,a,30,3,red\n2026-01-05 12:00:00,a,10,,red\n2026-01-05T12:00:00Z,b,1,1,blue\n`, 1);
    const { startMs, columns } = columnsOf(windows.get('a')!, FIVE_MIN);
    expect([startMs, columns.length, windows.size]).toEqual([NOON, 3, 2]);
    const column = (at: number): number[] => [0, 1, 2].map((row) => columns.rows[row * WIDTH + at]);
    expect([column(0), column(1), column(2)]).toEqual([[10, NaN, 30], [NaN, NaN, NaN], [NaN, NaN, 3]]);
  });

  test('wide: a column a subject, scaled to bytes', () => {
    const windows = readCsv('time,x,y\n2026-01-05T12:00:00,1,2\n2026-01-05T12:05:00,3,4\n', 10);
    expect([...windows.keys()]).toEqual(['x', 'y']);
    expect(columnsOf(windows.get('y')!, FIVE_MIN).columns.rows[WIDTH]).toBe(40);
  });

  test.each<[string, string, RegExp]>([['without a column of times', 'when,x\n1,2\n', /line 1/], ['with a time that is none', 'time,x\n2026-01-05T12:00:00,1\nnoon,2\n', /line 3: 'noon'/]])('%s', (_, text, message) => {
    expect(() => readCsv(text, 1)).toThrow(message);
  });

  test('two windows a century apart are no series of minutes', () => {
    expect(() => columnsOf(new Map([0, 4e12].map((at) => [at, new Float64Array(7)])), 60_000)).toThrow(/length/);
  });
});

describe('simulated series', () => {
  const folder = mkdtempSync(join(tmpdir(), 'netweaver-series-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('equal seeds give equal bytes, others do not; rates follow the day', async () => {
    const make = async (name: string, seed: number): Promise<Buffer> => {
      await simulateData({ out: join(folder, name), series: 4, days: 2, windowMs: 1_800_000, seed });
      return readFileSync(join(folder, name, 'series.f32'));
    };
    const once = await make('one', 1);
    expect((await make('again', 1)).equals(once)).toBe(true);
    expect((await make('other', 2)).equals(once)).toBe(false);
    for (const { rows } of read(join(folder, 'one'))) {
      expect(rows).toHaveLength(96);
      for (const row of rows) expect(row[4] + row[5] + row[6] > 0.999 || row[1] === 0).toBe(true);
    }
  });
});

describe('the database', () => {
  let server: Server;
  let database: TestDatabase;
  const folder = mkdtempSync(join(tmpdir(), 'netweaver-series-'));
  beforeAll(async () => {
    server = await startEmbedded();
    database = await server.database();
    await migrate(database.pool);
    await database.pool.query('CREATE TABLE traffic_features_all PARTITION OF traffic_features DEFAULT');
  });
  afterAll(async () => {
    await database.drop();
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  test('a series a subject, of one length of windows; what is NULL, and a window that is missing, is not known', async () => {
    const insert = (minute: number, subject: string, windowMs: number, bytes: number, flows: number | null): Promise<unknown> =>
      database.pool.query(`INSERT INTO traffic_features (time, window_ms, kind, subject, bytes, packets, flows, gap) VALUES ($1, $2, 'link', $3, $4, 1, $5, 0)`, [new Date(NOON + minute * 60_000), windowMs, subject, bytes, flows]);
    for (const [minute, bytes, flows] of [[0, 10, 1], [5, 20, null], [15, 40, 4]] as const) await insert(minute, 'l1/ahead', FIVE_MIN, bytes, flows);
    await insert(0, 'l1/ahead', 60_000, 77, 7);
    await insert(0, 'short/back', FIVE_MIN, 1, 1);
    expect(await seriesFromDatabase(database.pool, { out: folder, windowMs: FIVE_MIN, sinceMs: NOON, leastWindows: 2 })).toBe(1);
    const [{ name, startMs, rows }] = read(folder);
    expect([name, startMs, rows.map((row) => row[0]), rows.map((row) => row[2])]).toEqual(['link l1/ahead', NOON, [10, 20, NaN, 40], [1, NaN, NaN, 4]]);
  });
});
