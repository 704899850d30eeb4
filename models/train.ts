/**
 * `npm run models:train`: from nothing to the models of this folder: a virtual environment with PyTorch, simulated series, training with several seeds, test, export, cards.
 * Each part that is done already is left as it is, so that what was broken off goes on; `--fresh` begins anew.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from '../infra/root';
import { simulateData, type SimulatedData } from './series/simulate';

const HELP = `npm run models:train -- [options]
  --quick          little data and few steps: minutes instead of an hour, models that are good for nothing but to see that it works
  --only <names>   some of autoencoder,linear,lstm,transformer
  --series <dir>   series of windows of 5 minutes of your own (models/series has what writes them) in place of simulated ones, for the forecast models
  --out <dir>      where the models go; by default models/, with --quick data/models/quick
  --work <dir>     where everything else goes; by default data/models
  --fresh          forget what an earlier call has made
`;

/** Seeds of each model, in the order in which they are trained. */
const SEEDS: Readonly<Record<string, readonly number[]>> = { autoencoder: [1, 2, 3], linear: [1, 2, 3], lstm: [1, 2], transformer: [1, 2] };

/** The data that the shipped models are trained on, and what --quick makes of it. */
const data = (work: string, quick: boolean): Record<'forecast' | 'minute' | 'ten', SimulatedData> => ({
  forecast: { out: join(work, 'series/forecast'), windowMs: 300_000, seed: 7, ...(quick ? { series: 12, days: 21 } : { series: 320, days: 42 }) },
  minute: { out: join(work, 'series/minute'), windowMs: 60_000, seed: 8, ...(quick ? { series: 10, days: 1 } : { series: 160, days: 4 }) },
  ten: { out: join(work, 'series/ten'), windowMs: 10_000, seed: 9, ...(quick ? { series: 10, days: 0.25 } : { series: 80, days: 1 }) },
});

const say = (text: string): void => void process.stderr.write(`${text}\n`);

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { quick: { type: 'boolean', default: false }, only: { type: 'string' }, series: { type: 'string' }, out: { type: 'string' }, work: { type: 'string' }, fresh: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
  });
  if (values.help) return void process.stdout.write(HELP);
  const { quick } = values;
  const base = resolve(values.work ?? join(ROOT, 'data/models'));
  const work = join(base, quick ? 'quick' : 'full');
  const out = resolve(values.out ?? (quick ? join(work, 'out') : join(ROOT, 'models')));
  const names = values.only?.split(',') ?? Object.keys(SEEDS);
  const unknown = names.find((name) => !Object.hasOwn(SEEDS, name));
  if (unknown !== undefined) throw new Error(`--only: '${unknown}' is none of ${Object.keys(SEEDS).join(', ')}`);
  if (values.fresh) rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });

  const python = await environment(base);
  const { forecast, minute, ten } = data(work, quick);
  const ofForecast = names.some((name) => name !== 'autoencoder');
  const needed = [...(ofForecast && values.series === undefined ? [forecast] : []), ...(names.includes('autoencoder') ? [minute, ten] : [])];
  for (const one of needed) await simulated(one);
  const series = values.series === undefined ? forecast.out : resolve(values.series);

  const runs = join(work, 'runs');
  const script = (name: string): string => join(ROOT, 'models/training', name);
  const threads = ['--threads', String(cpus().length)];
  for (const name of names) {
    for (const seed of quick ? [1] : SEEDS[name]) {
      if (existsSync(join(runs, `${name}-${seed}.pt`))) continue;
      say(`\n== ${name}, seed ${seed}`);
      if (name === 'autoencoder') await run(python, [script('train_autoencoder.py'), '--data', minute.out, ten.out, '--runs', runs, '--seed', String(seed), ...threads, ...(quick ? ['--steps', '300'] : [])]);
      else await run(python, [script('train_forecast.py'), '--model', name, '--data', series, '--runs', runs, '--seed', String(seed), ...threads, ...(quick ? ['--steps', '20'] : [])]);
    }
  }
  say('\n== test, export, cards');
  if (names.includes('autoencoder')) await run(python, ['-W', 'ignore', script('publish_autoencoder.py'), '--data', minute.out, ten.out, '--runs', runs, '--out', join(out, 'autoencoder')]);
  if (ofForecast) await run(python, ['-W', 'ignore', script('publish_forecast.py'), '--data', series, '--runs', runs, '--out', out]);
  if (ofForecast && existsSync(join(runs, 'lstm-1.pt'))) await run(python, ['-W', 'ignore', script('quantise.py'), '--model', join(out, 'lstm'), '--data', series, '--out', join(out, 'lstm-int8')]);
  say(`\nThe models are in ${out}. \`netweaver models verify\` holds them against their cards.`);
}

/** Python of the virtual environment, which is made where it is missing. */
async function environment(base: string): Promise<string> {
  const folder = join(base, 'venv');
  const python = join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  const done = join(folder, 'netweaver.done');
  if (existsSync(done)) return python;
  say(`== a virtual environment in ${folder}: PyTorch and what it brings, 5.5 GB by the network`);
  await run(process.platform === 'win32' ? 'python' : 'python3', ['-m', 'venv', folder]);
  await run(python, ['-m', 'pip', 'install', '--quiet', '--requirement', join(ROOT, 'models/training/requirements.txt')]);
  writeFileSync(done, '');
  return python;
}

async function simulated(what: SimulatedData): Promise<void> {
  const done = join(what.out, 'netweaver.done');
  if (existsSync(done)) return;
  say(`== ${what.series} simulated series of ${what.days} days in windows of ${what.windowMs / 1000} s, in ${what.out}`);
  await simulateData(what, (count) => void (count % 20 === 0 && say(`${count}/${what.series}`)));
  writeFileSync(done, '');
}

/** Runs a program to its end. @throws Error where it fails */
function run(command: string, args: readonly string[]): Promise<void> {
  return new Promise((succeed, fail) => {
    const child = spawn(command, args, { stdio: 'inherit' });
    child.on('error', (error) => fail(new Error(`${command}: ${error.message}. The training needs Python 3.10 or later.`)));
    child.on('exit', (code, signal) => (code === 0 ? succeed() : fail(new Error(`${command} ${args[0]} ended with ${signal ?? code}`))));
  });
}

main().catch((error: Error) => {
  say(`models:train: ${error.message}`);
  process.exitCode = 1;
});
