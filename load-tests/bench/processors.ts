/**
 * CPU per flow of the processors: decode, deduplicate, decode again, aggregate, and write the changelog, with so many live
 * 5-tuples in one partition. No log beneath: appended records are counted and dropped, so that the figure is the processors' own.
 *
 *   node -r ./bin/ts.cjs load-tests/bench/processors.ts [--zipf] [--minutes=5] [keys…]     default 1000 10000 200000 1000000 2000000 10000000
 *
 * Keys are drawn uniformly, the worst case for caches, for the changelog and for what the windows put out; with `--zipf` the
 * n-th key is drawn in proportion to 1/n, as traffic is. A round is a minute of event time: a window of a minute goes out in
 * each, one of five minutes in one of five, and the figure is the mean over all rounds, so that nothing of it is left out.
 * CPU is user and system time of the process, the threads of the garbage collector included.
 *
 * `decodeAlone` is one decoding, measured beside (each of dedup and aggregate has one within): it says how fast the machine
 * was. Prints a table, and one JSON line a size with the raw rounds.
 */
import { cpus } from 'node:os';
import { seeded } from '../../domain/simulate/random';
import { aggregate } from '../../processors/aggregate';
import { dedup } from '../../processors/dedup';
import type { Processor } from '../../processors/runtime/processor';
import { FlowBatchColumns } from '../../schemas';
import { FLOWS_UNIQUE } from '../../topics';
import { batches, cpuMs, RATE, ROWS, Stage } from './stage';

const COMMIT_MS = 300;
const CHECKPOINT_MS = 10_000;
/** Of event time. */
const ROUND_MS = 60_000;
/** Room for every key: the largest bounds that the settings allow. */
const MOST_KEYS = 16_000_000;
const EPOCH = 1_760_000_000_000;

const us = (ms: number, flows: number): number => Number(((1000 * ms) / flows).toFixed(3));
const mean = (values: number[]): number => Number((values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(3));
const mebibytes = (bytes: number): number => Math.round(bytes / 2 ** 20);

/** CPU milliseconds by part. */
interface Spent {
  decode: number;
  dedup: number;
  aggregate: number;
  commit: number;
}

/** Made in pieces so that making the input is not measured. */
function measure(keys: number, rounds: number, zipf: boolean): Record<string, unknown> {
  const next = seeded(keys);
  const draw = zipf ? (): number => Math.floor((keys + 1) ** next()) - 1 : (): number => Math.floor(next() * keys);
  const clock = { ms: EPOCH, sequence: 0 };
  const unique: Buffer[] = [];
  const first = new Stage(dedup as unknown as Processor, { maxFlows: MOST_KEYS }, ({ topic, value }) => void (topic === FLOWS_UNIQUE.name && unique.push(value!)));
  const second = new Stage(aggregate as unknown as Processor, { maxKeys: MOST_KEYS }, () => undefined);
  let committedAt = clock.ms;
  let checkpointAt = clock.ms;
  const columns = new FlowBatchColumns();
  const work = (flows: number): Spent => {
    const spent = { decode: 0, dedup: 0, aggregate: 0, commit: 0 };
    for (let left = flows; left > 0; ) {
      const piece = [...batches(keys, Math.min(left, (RATE * COMMIT_MS) / 1000), draw, clock)];
      left -= piece.length * ROWS;
      unique.length = 0;
      let at = cpuMs();
      const lap = (): number => {
        const before = at;
        at = cpuMs();
        return at - before;
      };
      for (const value of piece) columns.decode(value);
      spent.decode += lap();
      for (const value of piece) first.give(value);
      spent.dedup += lap();
      for (const value of unique) second.give(value);
      spent.aggregate += lap();
      if (clock.ms - committedAt >= COMMIT_MS) {
        const checkpoint = clock.ms - checkpointAt >= CHECKPOINT_MS;
        first.commit(checkpoint);
        second.commit(checkpoint);
        committedAt = clock.ms;
        if (checkpoint) checkpointAt = clock.ms;
      }
      spent.commit += lap();
    }
    return spent;
  };
  const flows = (RATE * ROUND_MS) / 1000;
  // Until every key is known and windows have come and gone.
  work(2.5 * flows);
  first.pages = second.pages = first.bytes = second.bytes = 0;
  let peak = 0;
  const spent = Array.from({ length: rounds }, () => {
    const round = work(flows);
    peak = Math.max(peak, first.task.size.bytes + second.task.size.bytes);
    return round;
  });
  const total = spent.map((round) => us(round.dedup + round.aggregate + round.commit, flows));
  return {
    keys,
    cpuUsPerFlow: mean(total),
    decodeAlone: mean(spent.map((round) => us(round.decode, flows))),
    dedup: mean(spent.map((round) => us(round.dedup, flows))),
    aggregate: mean(spent.map((round) => us(round.aggregate, flows))),
    commit: mean(spent.map((round) => us(round.commit, flows))),
    changelogBytesPerFlow: Number(((first.pages + second.pages) / (rounds * flows)).toFixed(1)),
    dedupMiB: mebibytes(first.task.size.bytes),
    aggregateMiB: mebibytes(second.task.size.bytes),
    stateMiBPerMillionKeys: Math.round(mebibytes(peak) / (keys / 1e6)),
    rssMiB: mebibytes(process.memoryUsage.rss()),
    rounds: total,
  };
}

const options = process.argv.slice(2).filter((argument) => argument.startsWith('--'));
const sizes = process.argv.slice(2).filter((argument) => !argument.startsWith('--')).map(Number);
const zipf = options.includes('--zipf');
const rounds = Number(options.find((option) => option.startsWith('--minutes='))?.slice(10) ?? 5);
const results = (sizes.length > 0 ? sizes : [1000, 10_000, 200_000, 1_000_000, 2_000_000, 10_000_000]).map((keys) => measure(keys, rounds, zipf));
console.table(results.map(({ rounds: _, ...row }) => row));
const machine = { node: process.version, cpu: cpus()[0].model, draw: zipf ? 'zipf' : 'uniform', rate: RATE, commitMs: COMMIT_MS, checkpointMs: CHECKPOINT_MS };
for (const result of results) console.log(JSON.stringify({ bench: 'processors', ...machine, ...result }));
