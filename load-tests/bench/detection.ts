/**
 * CPU per flow of features and detectors beside that of aggregation: `measure` with `features` and `interface-features`, and `pulse` with `detect`,
 * fed with the same batches of flows.unique as `aggregate`, in turn, in one process. No log beneath: what is appended is handed to who reads it, so that
 * the figure is the processors' own.
 *
 *   node -r ./bin/ts.cjs load-tests/bench/detection.ts [--zipf] [--minutes=5] [keys…]     default 1000 200000 1000000
 *
 * Keys, their draw and rounds are those of processors.ts: a round is a minute of event time at 200,000 flows a second in one
 * partition. CPU is user and system time of the process. The target is 0.5 CPU-us a flow for all of them together but `aggregate`. Prints a
 * table, and one JSON line a size with the raw rounds.
 */
import { cpus } from 'node:os';
import { seeded } from '../../domain/simulate/random';
import type { OutgoingRecord } from '../../infra/log/log';
import { TOPOLOGY } from '../../processors/topology';
import { FLOWS_UNIQUE } from '../../topics';
import { batches, cpuMs, RATE, ROWS, Stage } from './stage';

/** In the order in which they are fed. */
const NAMES: readonly string[] = ['aggregate', 'measure', 'features', 'interface-features', 'pulse', 'detect'];
const BASE = 'aggregate';
const COMMIT_MS = 300;
const CHECKPOINT_MS = 10_000;
const ROUND_MS = 60_000;
const EPOCH = 1_760_000_000_000;

const mean = (values: number[]): number => Number((values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(3));

/** Made in pieces so that making the input is not measured. */
function measure(keys: number, rounds: number, zipf: boolean): Record<string, unknown> {
  const next = seeded(keys);
  const draw = zipf ? (): number => Math.floor((keys + 1) ** next()) - 1 : (): number => Math.floor(next() * keys);
  const clock = { ms: EPOCH, sequence: 0 };
  const waiting = new Map<string, { value: Buffer; timestampMs: number }[]>();
  const stages = TOPOLOGY.filter(({ name }) => NAMES.includes(name))
    .sort((a, b) => NAMES.indexOf(a.name) - NAMES.indexOf(b.name))
    .map((processor) => {
      const onward = ({ topic, value, timestampMs }: OutgoingRecord): void => void waiting.get(topic)?.push({ value: value!, timestampMs: timestampMs! });
      return { name: processor.name, input: processor.input.name, stage: new Stage(processor, {}, onward) };
    });
  for (const { input } of stages) waiting.set(input, []);
  let committedAt = clock.ms;
  let checkpointAt = clock.ms;
  const work = (flows: number): Map<string, number> => {
    const spent = new Map(stages.map(({ name }) => [name, 0]));
    for (let left = flows; left > 0; ) {
      const piece = [...batches(keys, Math.min(left, (RATE * COMMIT_MS) / 1000), draw, clock)];
      left -= piece.length * ROWS;
      const commits = clock.ms - committedAt >= COMMIT_MS;
      const checkpoint = commits && clock.ms - checkpointAt >= CHECKPOINT_MS;
      for (const { name, input, stage } of stages) {
        const records = input === FLOWS_UNIQUE.name ? piece.map((value) => ({ value, timestampMs: Math.floor(clock.ms) })) : waiting.get(input)!.splice(0);
        const at = cpuMs();
        for (const { value, timestampMs } of records) stage.give(value, timestampMs);
        if (commits) stage.commit(checkpoint);
        spent.set(name, spent.get(name)! + cpuMs() - at);
      }
      if (commits) committedAt = clock.ms;
      if (checkpoint) checkpointAt = clock.ms;
    }
    return spent;
  };
  const flows = (RATE * ROUND_MS) / 1000;
  // Until windows have come and gone.
  work(1.5 * flows);
  const spent = Array.from({ length: rounds }, () => work(flows));
  const perFlow = (name: string): number[] => spent.map((round) => Number(((1000 * round.get(name)!) / flows).toFixed(3)));
  const by = Object.fromEntries(stages.map(({ name }) => [name, mean(perFlow(name))]));
  const onTop = stages.filter(({ name }) => name !== BASE).map(({ name }) => by[name]);
  return {
    keys,
    ...by,
    onTopOfAggregate: Number(onTop.reduce((sum, value) => sum + value, 0).toFixed(3)),
    stateMiB: Math.round(stages.filter(({ name }) => name !== BASE).reduce((sum, { stage }) => sum + stage.task.size.bytes, 0) / 2 ** 20),
    rssMiB: Math.round(process.memoryUsage.rss() / 2 ** 20),
    rounds: Object.fromEntries(stages.map(({ name }) => [name, perFlow(name)])),
  };
}

const options = process.argv.slice(2).filter((argument) => argument.startsWith('--'));
const sizes = process.argv.slice(2).filter((argument) => !argument.startsWith('--')).map(Number);
const zipf = options.includes('--zipf');
const rounds = Number(options.find((option) => option.startsWith('--minutes='))?.slice(10) ?? 5);
const results = (sizes.length > 0 ? sizes : [1000, 200_000, 1_000_000]).map((keys) => measure(keys, rounds, zipf));
console.table(results.map(({ rounds: _, ...row }) => row));
const machine = { node: process.version, cpu: cpus()[0].model, draw: zipf ? 'zipf' : 'uniform', rate: RATE, commitMs: COMMIT_MS, checkpointMs: CHECKPOINT_MS };
for (const result of results) console.log(JSON.stringify({ bench: 'detection', ...machine, ...result }));
