/**
 * `npm run evaluate`: how well traffic is forecast and attacks are found, on the data sets beside the project, with simple rivals in the same table. Writes
 * `load-tests/results/evaluation.md` for people and `evaluation.json` for programs.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { SHIPPED } from '../infra/inference/registry';
import { ROOT } from '../infra/root';
import { evaluateDetection } from './detection/evaluate';
import { evaluateForecasts, type ForecastResult } from './forecast/evaluate';
import { EWMA, LINEAR, PERSISTENCE, seasonalOf, served, type Method } from './forecast/methods';
import { onnxMethods } from './forecast/models';
import { everyNth, forecastSets } from './forecast/sets';
import { detectionTable, forecastTable, type Forecasts } from './tables';

const HELP = `npm run evaluate -- [options]
  --datasets <dir>   where the data sets are; by default ../shared/datasets
  --models <dir>     forecast models (folders with card.yaml and model.onnx) beside the shipped ones; may be given again
  --only <parts>     some of forecast,detection
  --sets <names>     some of the sets of the forecasts, e.g. abilene-a
  --levels <names>   some of total,ingress,origin-destination,link
  --every <n>        each n-th of the series of a level, beginning with the first: for models that take long; the table says so
  --methods <names>  some of the methods of the forecasts, e.g. 'persistence,linear'
  --out <file>       where the results go, without its ending; by default load-tests/results/evaluation
`;
const DAY_MS = 86_400_000;

const SIMPLE: readonly Method[] = [
  PERSISTENCE, seasonalOf('seasonal (day)', DAY_MS), seasonalOf('seasonal (week)', 7 * DAY_MS), EWMA, LINEAR,
  served('linear and learning', { weights: 'fitted', learns: true }), served('linear as shipped', { weights: 'shipped', learns: false }), served('linear as served', { weights: 'shipped', learns: true }),
];

/** A line that is written over by the next. */
const tell = (doing: string): void => void process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${doing}` : `${doing}\n`);

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { datasets: { type: 'string', default: join(ROOT, '../shared/datasets') }, models: { type: 'string', multiple: true, default: [] }, only: { type: 'string', default: 'forecast,detection' }, sets: { type: 'string' }, levels: { type: 'string' }, every: { type: 'string', default: '1' }, methods: { type: 'string' }, out: { type: 'string', default: join(ROOT, 'load-tests/results/evaluation') }, help: { type: 'boolean', default: false } },
  });
  if (values.help) return void process.stdout.write(HELP);
  const parts = values.only.split(',');
  const among = (names: string | undefined, name: string): boolean => names === undefined || names.split(',').includes(name);
  if (!existsSync(values.datasets)) throw new Error(`There are no data sets at ${values.datasets}: --datasets says where they are.`);
  // What is not measured now stays as it was measured before.
  const file = `${resolve(values.out)}.json`;
  const result: Record<string, unknown> = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>) : {};
  if (parts.includes('forecast')) {
    const { sets, absent } = forecastSets(values.datasets);
    for (const path of absent) process.stderr.write(`absent, and left out: ${path}\n`);
    const onnx = onnxMethods([SHIPPED, ...values.models.map((folder) => resolve(folder))]);
    const asked = sets.filter(({ name }) => among(values.sets, name)).map((set) => ({ ...set, levels: set.levels.filter(({ level }) => among(values.levels, level)).map((level) => everyNth(level, Number(values.every))) }));
    const methods = [...SIMPLE, ...onnx.methods].filter(({ name }) => among(values.methods, name));
    const results = evaluateForecasts(asked, methods, tell);
    await onnx.close();
    const again = (of: ForecastResult): boolean => asked.some(({ name, levels }) => name === of.set && levels.some(({ level }) => level === of.level)) && methods.some(({ name }) => name === of.method);
    const all = [...((result.forecast as Forecasts | undefined)?.results.filter((of) => !again(of)) ?? []), ...results];
    result.forecast = {
      sets: sets.filter(({ name }) => all.some(({ set }) => set === name)).map(({ name, doc, horizons }) => ({ name, doc, horizons })),
      absent: absent.map((path) => path.slice(values.datasets.length + 1)), results: all,
    } satisfies Forecasts;
  }
  if (parts.includes('detection')) result.detection = await evaluateDetection(values.datasets, tell);
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(result)}\n`);
  const text = ['# Evaluation', '', '`npm run evaluate`; the same figures for programs: [evaluation.json](evaluation.json).', '', ...forecastTable(result.forecast), ...detectionTable(result.detection)].join('\n');
  writeFileSync(`${resolve(values.out)}.md`, `${text}\n`);
  process.stdout.write(`${text}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
