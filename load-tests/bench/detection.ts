/**
 * CPU per flow of features and detectors beside that of aggregation: `measure` with `features` and `interface-features`, `connections`, and `pulse` with `detect`,
 * these two once for every address and once for protected networks, which hold a quarter to a half of the hosts. All are fed with the same batches of flows.unique as
 * `aggregate`, in turn, in one process. No log beneath: what is appended is handed to who reads it, so that the figure is the processors' own.
 *
 *   node -r ./bin/ts.cjs load-tests/bench/detection.ts [--zipf] [--minutes=3] [keys…]     default 1000 25000 200000
 *
 * Keys, their draw and rounds are those of processors.ts, an eighth as many hosts: a round is a minute of event time at 200,000 flows a second in one
 * partition; the figure is the median of the rounds, after one and a half that are not counted. CPU is user and system time of the process. The target is 0.5 CPU-us a flow
 * for all of them together but `aggregate`. `measure-observed` is beside that, fed with the same flows as another device would report them. Prints a table, the
 * sums, and one JSON line a size with the raw rounds.
 */
import { cpus } from 'node:os';
import { seeded } from '../../domain/simulate/random';
import { TOPOLOGY } from '../../processors/topology';
import { FLOWS_OBSERVATIONS, FLOWS_UNIQUE } from '../../topics';
import { batches, cpuMs, hostsOf, RATE, ROWS, Stage } from './stage';

/** A processor, by what it is called here, and who reads what it puts out. */
interface Part {
  readonly name: string;
  readonly processor: string;
  readonly feeds: readonly string[];
  readonly settings?: Record<string, unknown>;
}

/** In the order in which they are fed. */
const parts = (networks: readonly string[]): readonly Part[] => [
  { name: 'aggregate', processor: 'aggregate', feeds: [] },
  { name: 'measure', processor: 'measure', feeds: ['features', 'interface-features'] },
  { name: 'features', processor: 'features', feeds: ['connections'] },
  { name: 'interface-features', processor: 'interface-features', feeds: ['connections'] },
  { name: 'connections', processor: 'connections', feeds: [] },
  { name: 'pulse', processor: 'pulse', feeds: ['detect'] },
  { name: 'detect', processor: 'detect', feeds: [] },
  { name: 'pulse of networks', processor: 'pulse', feeds: ['detect of networks'], settings: { networks } },
  { name: 'detect of networks', processor: 'detect', feeds: [], settings: { networks } },
  { name: 'measure-observed', processor: 'measure-observed', feeds: [] },
];
const FEATURES = ['measure', 'features', 'interface-features', 'connections'];
/** What is added up. */
const SUMS = { onTop: [...FEATURES, 'pulse', 'detect'], onTopWithNetworks: [...FEATURES, 'pulse of networks', 'detect of networks'] };
const OF_FLOWS: readonly string[] = [FLOWS_UNIQUE.name, FLOWS_OBSERVATIONS.name];
const COMMIT_MS = 300;
const CHECKPOINT_MS = 10_000;
const ROUND_MS = 60_000;
const EPOCH = 1_760_000_000_000;

const rounded = (value: number): number => Number(value.toFixed(3));
const median = (values: readonly number[]): number => [...values].sort((one, other) => one - other)[values.length >> 1];

/** The first of the hosts: a power of two of them. */
const networksOf = (keys: number): string[] => [`10.0.0.0/${32 - Math.floor(Math.log2(hostsOf(keys) / 2))}`];

/** Stages, by the names of the parts, each with what waits for it. */
function stagesOf(keys: number): { name: string; isOfFlows: boolean; waiting: { value: Buffer; timestampMs: number }[]; stage: Stage }[] {
  const processorOf = ({ processor }: Part) => TOPOLOGY.find(({ name }) => name === processor)!;
  const waiting = new Map(parts(networksOf(keys)).map(({ name }) => [name, [] as { value: Buffer; timestampMs: number }[]]));
  const inputs = new Map(parts([]).map((part) => [part.name, processorOf(part).input.name]));
  return parts(networksOf(keys)).map((part) => {
    const stage = new Stage(processorOf(part), part.settings ?? {}, ({ topic, value, timestampMs }) => {
      for (const reader of part.feeds) if (inputs.get(reader) === topic) waiting.get(reader)!.push({ value: value!, timestampMs: timestampMs! });
    });
    return { name: part.name, isOfFlows: OF_FLOWS.includes(inputs.get(part.name)!), waiting: waiting.get(part.name)!, stage };
  });
}

/** Made in pieces so that making the input is not measured. */
function measure(keys: number, rounds: number, zipf: boolean): Record<string, unknown> {
  const next = seeded(keys);
  const draw = zipf ? (): number => Math.floor((keys + 1) ** next()) - 1 : (): number => Math.floor(next() * keys);
  const clock = { ms: EPOCH, sequence: 0 };
  const stages = stagesOf(keys);
  let committedAt = clock.ms;
  let checkpointAt = clock.ms;
  const work = (flows: number): Map<string, number> => {
    const spent = new Map(stages.map(({ name }) => [name, 0]));
    for (let left = flows; left > 0; ) {
      const piece = [...batches(keys, Math.min(left, (RATE * COMMIT_MS) / 1000), draw, clock)];
      left -= piece.length * ROWS;
      const commits = clock.ms - committedAt >= COMMIT_MS;
      const checkpoint = commits && clock.ms - checkpointAt >= CHECKPOINT_MS;
      for (const { name, isOfFlows, waiting, stage } of stages) {
        const records = isOfFlows ? piece.map((value) => ({ value, timestampMs: Math.floor(clock.ms) })) : waiting.splice(0);
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
  const perFlow = (name: string): number[] => spent.map((round) => rounded((1000 * round.get(name)!) / flows));
  const sums = Object.entries(SUMS).map(([sum, names]) => [sum, rounded(median(spent.map((round) => names.reduce((all, name) => all + (1000 * round.get(name)!) / flows, 0))))]);
  return {
    keys,
    ...Object.fromEntries(stages.map(({ name }) => [name, median(perFlow(name))])),
    ...Object.fromEntries(sums),
    stateMiB: Math.round(stages.filter(({ name }) => SUMS.onTop.includes(name)).reduce((sum, { stage }) => sum + stage.task.size.bytes, 0) / 2 ** 20),
    rssMiB: Math.round(process.memoryUsage.rss() / 2 ** 20),
    rounds: Object.fromEntries(stages.map(({ name }) => [name, perFlow(name)])),
  };
}

const options = process.argv.slice(2).filter((argument) => argument.startsWith('--'));
const sizes = process.argv.slice(2).filter((argument) => !argument.startsWith('--')).map(Number);
const zipf = options.includes('--zipf');
const rounds = Number(options.find((option) => option.startsWith('--minutes='))?.slice(10) ?? 3);
const results = (sizes.length > 0 ? sizes : [1000, 25_000, 200_000]).map((keys) => measure(keys, rounds, zipf));
const machine = { node: process.version, cpu: cpus()[0].model, draw: zipf ? 'zipf' : 'uniform', rate: RATE, commitMs: COMMIT_MS, checkpointMs: CHECKPOINT_MS };
for (const result of results) console.log(JSON.stringify({ bench: 'detection', ...machine, ...result }));
console.table(results.map(({ rounds: _, ...row }) => row));
for (const row of results) console.log(`${row.keys} keys: features and detectors ${row.onTop} CPU-us a flow (${row.onTopWithNetworks} with protected networks), aggregate ${row.aggregate}`);
