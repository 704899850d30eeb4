/**
 * Writes simulated series for the training: `node -r ./bin/ts.cjs models/series/simulate.ts --out FOLDER [--series 300] [--days 35] [--window-ms 300000] [--seed 1]`.
 * What is trained on it may be shipped: nothing in it was measured anywhere.
 */
import { parseArgs } from 'node:util';
import { flowClasses, LongSeries } from '../../domain/simulate/long-series';
import { Random } from '../../domain/simulate/random';
import { FeatureColumns } from './features';
import { SeriesWriter } from './series-file';

/** Monday, 2 March 2026, 0 h UTC. */
const START_MS = Date.UTC(2026, 2, 2);

/** What is to be made. */
export interface SimulatedData {
  readonly out: string;
  readonly series: number;
  readonly days: number;
  readonly windowMs: number;
  readonly seed: number;
}

/** Makes the series; `tell` is called after each. */
export async function simulateData({ out, series, days, windowMs, seed }: SimulatedData, tell: (done: number) => void = () => undefined): Promise<void> {
  const writer = new SeriesWriter(out, `simulated: ${series} series of ${days} days in windows of ${windowMs} ms, seed ${seed}`);
  const classes = flowClasses(new Random(seed));
  const rows = Math.floor((days * 86_400_000) / windowMs);
  for (let i = 0; i < series; i++) {
    const one = new LongSeries(new Random(seed * 1_000_003 + i + 1), classes, windowMs);
    const columns = new FeatureColumns(rows);
    for (let row = 0; row < rows; row++) {
      const startMs = START_MS + row * windowMs;
      one.next(startMs);
      columns.set(row, startMs, one.values, one.happening);
    }
    await writer.add(`s${i}`, START_MS, windowMs, columns);
    tell(i + 1);
  }
  await writer.close();
}

if (require.main === module) {
  const { values } = parseArgs({ options: { out: { type: 'string' }, series: { type: 'string', default: '300' }, days: { type: 'string', default: '35' }, 'window-ms': { type: 'string', default: '300000' }, seed: { type: 'string', default: '1' } } });
  if (values.out === undefined) throw new Error('--out FOLDER is missing');
  const series = Number(values.series);
  void simulateData({ out: values.out, series, days: Number(values.days), windowMs: Number(values['window-ms']), seed: Number(values.seed) }, (done) => process.stderr.write(`\r${done}/${series} series`)).then(() => process.stderr.write('\n'));
}
