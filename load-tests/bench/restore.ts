/**
 * How long a processor takes to have its state back after a restart: dedup with a million live 5-tuples in one partition,
 * from the changelog alone and from the local copy of it and what came after.
 *
 *     node -r ./bin/ts.cjs load-tests/bench/restore.ts [--keys 1000000] [--checkpoints 1,6,18] [--runs 5] [--kafka host:port]
 *
 * The changelog is written as the worker writes it: 10 s of event time at 100,000 flows a second, drawn uniformly, then a
 * checkpoint, as many as are asked for. Uniform keys are the worst case: each checkpoint writes nearly every page once more.
 * How long the changelog is then, against the state, is for compaction to say: on Kafka it leaves the newest segment alone,
 * 64 MiB as changelogs are created; the embedded log compacts every minute. Measured on each log after each number of
 * checkpoints; on the embedded log also after compaction.
 *
 * `copy`: as the worker keeps it, written after the last checkpoint. `copyBehind`: killed before that was written, so that
 * one checkpoint is read from the changelog. The kinds take turns, after one round that does not count; the log and the copies
 * are in the memory of the system in all cases. The input since the checkpoint, which all read, is left out. Prints a
 * table, medians in milliseconds (`cpu`: of this process, the same three), and one JSON line a row with the raw runs; then what it costs to write every page to the
 * copy: how long it took beside the work, CPU of all threads, and the longest turn of the event loop meanwhile, against that
 * of a loop that has nothing to do for as long.
 */
import { closeSync, cpSync, fsyncSync, mkdtempSync, openSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { seeded } from '../../domain/simulate/random';
import { loadConfiguration } from '../../infra/config/load';
import { EmbeddedLog } from '../../infra/log/embedded/log';
import { KafkaLog } from '../../infra/log/kafka/log';
import { NO_MODELS } from '../../infra/inference/open';
import type { Log, LogReader, OutgoingRecord } from '../../infra/log/log';
import { kafkaSection } from '../../infra/log/settings';
import { openTelemetry } from '../../infra/telemetry/open';
import { telemetrySection } from '../../infra/telemetry/settings';
import { dedup } from '../../processors/dedup';
import type { Processor } from '../../processors/runtime/processor';
import { restoreTask } from '../../processors/runtime/restore';
import { RestoreProgress } from '../../processors/runtime/restore-progress';
import { Snapshots } from '../../processors/runtime/snapshots/snapshots';
import { SnapshotStore } from '../../processors/runtime/snapshots/store';
import { Task, type TaskSetting } from '../../processors/runtime/task';
import { WorkerMetrics } from '../../processors/runtime/worker-metrics';
import { encodeFlowBatchColumns, FLOW_PROTOCOL, FlowBatchColumns } from '../../schemas';
import { IPV4_MAPPED_WORD } from '../../schemas/ip';
import { DEAD_LETTERS, LATE, SILENCES, TURNS } from '../../topics';

const KEYS = option('keys', 1_000_000);
const CHECKPOINTS = text('checkpoints', '1,6,18').split(',').map(Number);
const RUNS = option('runs', 5);
const KAFKA = text('kafka', process.env.NETWEAVER_TEST_KAFKA ?? '');
/** Flows a second of event time, and between two checkpoints. */
const RATE = 100_000;
const CHECKPOINT_FLOWS = 10 * RATE;
const ROWS = 500;
const KINDS = ['changelog', 'copy', 'copyBehind'] as const;
type Kind = (typeof KINDS)[number];
interface Took {
  readonly ms: number;
  readonly cpu: number;
}

const config = loadConfiguration({ sections: [telemetrySection, kafkaSection], environment: {}, sets: ['telemetry.logLevel=error', ...(KAFKA === '' ? [] : [`kafka.brokers=${KAFKA}`])] });
const telemetry = openTelemetry(config, 'cli');
const metrics = new WorkerMetrics(telemetry, dedup.name);

function text(name: string, or: string): string {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? or : process.argv[at + 1];
}

function option(name: string, or: number): number {
  return Number(text(name, String(or)));
}

/** Batches of one datagram; the first flows go through all keys, then they are drawn. */
function* batches(): Generator<Buffer> {
  const next = seeded(1);
  const columns = new FlowBatchColumns();
  const { datagrams, flows } = columns;
  datagrams.reserve(1);
  flows.reserve(ROWS);
  datagrams.length = 1;
  flows.length = ROWS;
  for (let made = 0, sequence = 0; ; made += ROWS, sequence++) {
    const now = 1_760_000_000_000 + Math.floor((1000 * made) / RATE);
    datagrams.exporterWords.set([0, 0, IPV4_MAPPED_WORD, 0x0100000a]);
    datagrams.observationDomain[0] = 1;
    datagrams.protocol[0] = FLOW_PROTOCOL.NETFLOW_V9;
    datagrams.sequence[0] = datagrams.contentHash[0] = sequence;
    datagrams.exportTime[0] = datagrams.receiveTime[0] = now;
    for (let i = 0; i < ROWS; i++) {
      const key = made + i < KEYS ? made + i : Math.floor(next() * KEYS);
      flows.datagram[i] = 0;
      flows.srcAddrWords.set([0, 0, IPV4_MAPPED_WORD, 0x0a000000 | (key >>> 4)], 4 * i);
      flows.dstAddrWords.set([0, 0, IPV4_MAPPED_WORD, 0x0b000001], 4 * i);
      flows.srcPort[i] = 1024 + (key & 15);
      flows.dstPort[i] = 443;
      flows.proto[i] = 6;
      flows.bytes[i] = 1000;
      flows.packets[i] = 10;
      flows.start[i] = now - 1000;
      flows.end[i] = now;
    }
    yield encodeFlowBatchColumns(columns, 1);
  }
}

const settingFor = (changelog: string, input: string): TaskSetting => ({
  processor: dedup as unknown as Processor,
  settings: Object.fromEntries(Object.entries(dedup.section.keys).map(([name, key]) => [name, key.default])),
  configHash: 'bench',
  names: new Map([dedup.input, ...dedup.outputs, DEAD_LETTERS, LATE, SILENCES, TURNS].map((topic) => [topic, { name: topic === dedup.input ? input : topic.name, partitions: 1, schemaId: 1 }])),
  changelog,
  resources: { models: NO_MODELS },
});

/** One log with its changelog and the copies of it. */
class Bench {
  private readonly changelog = `bench-restore-${Date.now().toString(36)}.changelog`;
  private readonly input = `${this.changelog}.input`;
  private readonly setting = settingFor(this.changelog, this.input);
  private readonly source = batches();
  private task!: Task;
  private next = 0;
  private checkpoints = 0;

  constructor(
    readonly log: Log,
    private readonly folder: string,
  ) {}

  private store(kind: Kind): SnapshotStore {
    return SnapshotStore.open(join(this.folder, kind), { reserveBytes: 0, onDamage: (what) => process.stderr.write(`damaged: ${what}\n`) });
  }

  private snapshots(store: SnapshotStore, reader: LogReader): Snapshots {
    return new Snapshots({ store, processor: dedup.name, changelog: this.changelog, reader, telemetry });
  }

  /** Works up to so many checkpoints. What the worker does, without the outputs. */
  async write(checkpoints: number): Promise<void> {
    if (this.checkpoints === 0) {
      await this.log.admin.createTopics([{ name: this.changelog, partitions: 1, cleanup: 'compact' }, { name: this.input, partitions: 1, cleanup: 'delete', retentionMs: -1 }]);
    }
    const reader = await this.log.reader();
    const stores = { copy: this.store('copy'), copyBehind: this.store('copyBehind') };
    const copies = { copy: this.snapshots(stores.copy, reader), copyBehind: this.snapshots(stores.copyBehind, reader) };
    this.task = new Task(this.setting, 0);
    const member = await this.log.member({ group: `${this.changelog}.group`, instanceId: 'bench', topics: [this.input], transactional: true });
    for (const snapshots of Object.values(copies)) this.next = await this.restore(this.task, reader, snapshots);
    this.task.startAt(this.next);
    for (; this.checkpoints < checkpoints; this.checkpoints++) {
      for (let flows = this.checkpoints === 0 ? -KEYS : 0; flows < CHECKPOINT_FLOWS; flows += ROWS) {
        this.task.process({ topic: this.input, partition: 0, offset: this.next++, timestampMs: 0, key: null, value: this.source.next().value as Buffer, headers: {} }, { append: () => undefined });
      }
      this.task.tally.reset();
      // The last one comes after the kill, for this copy.
      if (this.checkpoints === checkpoints - 1) await copies.copyBehind.close();
      const transaction = member.begin();
      this.task.commit(true, {
        append: (record: OutgoingRecord) => {
          transaction.append(record);
          for (const snapshots of Object.values(copies)) snapshots.append(record);
        },
      });
      await transaction.commit([{ topic: this.input, partition: 0, next: this.next }]);
      for (const snapshots of Object.values(copies)) snapshots.committed();
      await sleep(1500); // the copies come by themselves, a second after
    }
    await copies.copy.close();
    for (const store of Object.values(stores)) await store.close();
    for (const kind of ['copy', 'copyBehind']) cpSync(join(this.folder, kind), join(this.folder, `${kind}-kept`), { recursive: true });
    await member.close();
    await reader.close();
  }

  private async restore(task: Task, reader: LogReader, snapshots: Snapshots | null): Promise<number> {
    const progress = new RestoreProgress(dedup.name, telemetry.logger, metrics);
    return (await restoreTask(task, { topic: this.input, partition: 0 }, { log: this.log, reader, group: '', changelog: this.changelog, snapshots, progress, committed: new Map(), replay: async () => undefined })) ?? 0;
  }

  /** One restart; milliseconds by the clock, and of CPU in this process. */
  private async once(kind: Kind, reader: LogReader): Promise<Took> {
    const before = process.cpuUsage();
    const began = performance.now();
    const store = kind === 'changelog' ? null : this.store(kind);
    const snapshots = store && this.snapshots(store, reader);
    const task = new Task(this.setting, 0);
    const next = await this.restore(task, reader, snapshots);
    const ms = performance.now() - began;
    const { user, system } = process.cpuUsage(before);
    if (next !== this.next || task.size.entries !== this.task.size.entries) throw new Error(`${kind}: restored ${task.size.entries} entries up to ${next}, not ${this.task.size.entries} up to ${this.next}`);
    await snapshots?.close();
    await store?.close();
    if (kind !== 'changelog') this.putBack(kind);
    return { ms: Math.round(ms), cpu: Math.round((user + system) / 1000) };
  }

  /** A restart brings its copy up to the end of the changelog; the next is to find it as it was, and on the disk. */
  private putBack(kind: Kind): void {
    rmSync(join(this.folder, kind), { recursive: true });
    cpSync(join(this.folder, `${kind}-kept`), join(this.folder, kind), { recursive: true });
    const file = openSync(join(this.folder, kind, 'data.mdb'), 'r+');
    fsyncSync(file);
    closeSync(file);
  }

  async measure(written: string): Promise<Record<string, unknown>> {
    const reader = await this.log.reader();
    const runs: Record<Kind, Took[]> = { changelog: [], copy: [], copyBehind: [] };
    for (let run = -1; run < RUNS; run++) {
      for (const kind of KINDS) {
        const took = await this.once(kind, reader);
        if (run >= 0) runs[kind].push(took);
      }
    }
    let bytes = 0;
    const [{ begin, end }] = await reader.bounds(this.changelog);
    for await (const { value } of reader.read({ topic: this.changelog, partition: 0 }, begin, end)) bytes += value?.length ?? 0;
    await reader.close();
    const of = (what: keyof Took): number[] => KINDS.map((kind) => median(runs[kind].map((took) => took[what])));
    const [changelog, copy, copyBehind] = of('ms');
    const cpu = of('cpu');
    return {
      log: this.log.kind,
      written,
      changelogMB: Math.round(bytes / 1e6),
      copyFileMB: Math.round(statSync(join(this.folder, 'copy/data.mdb')).size / 1e6),
      changelog,
      copy,
      copyBehind,
      ratio: Number((changelog / copy).toFixed(1)),
      ratioBehind: Number((changelog / copyBehind).toFixed(1)),
      cpu: cpu.join(' / '),
      runs,
    };
  }

  /** What writing every page of the state to the copy costs. */
  async keep(): Promise<Record<string, unknown>> {
    const store = this.store('copy');
    const reader = await this.log.reader();
    const pages = new Map<string, Buffer>();
    const [{ begin, end }] = await reader.bounds(this.changelog);
    for await (const { key, value } of reader.read({ topic: this.changelog, partition: 0 }, begin, end)) if (key !== null && value !== null) pages.set(key.toString(), value);
    const bytes = [...pages.values()].reduce((sum, { length }) => sum + length, 0);
    const copy = await store.take('bench');
    const runs: { saveMs: number; cpuMs: number; longestTurnMs: number; idleTurnMs: number }[] = [];
    for (let checkpoint = 1; checkpoint <= RUNS; checkpoint++) {
      const before = process.cpuUsage();
      const saving = await longestTurn(() => store.save(copy, pages, { offset: 0, run: 'bench', checkpoint }));
      const { user, system } = process.cpuUsage(before);
      const idle = await longestTurn(() => sleep(saving.tookMs));
      runs.push({ saveMs: Math.round(saving.tookMs), cpuMs: Math.round((user + system) / 1000), longestTurnMs: Math.round(saving.turnMs), idleTurnMs: Math.round(idle.turnMs) });
    }
    await store.close();
    await reader.close();
    const of = (name: keyof (typeof runs)[number]): number => median(runs.map((run) => run[name]));
    return { stateMB: Math.round(bytes / 1e6), saveMs: of('saveMs'), cpuMs: of('cpuMs'), longestTurnMs: of('longestTurnMs'), idleTurnMs: of('idleTurnMs'), runs };
  }

  async clear(): Promise<void> {
    for (const topic of [this.changelog, this.input]) await this.log.admin.deleteTopic(topic);
    await this.log.close();
  }
}

/** How long something took, and the longest turn of the event loop meanwhile, looked at every millisecond. */
async function longestTurn(work: () => Promise<unknown>): Promise<{ tookMs: number; turnMs: number }> {
  let turnMs = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    turnMs = Math.max(turnMs, now - last - 1);
    last = now;
  }, 1);
  const began = performance.now();
  await work();
  clearInterval(timer);
  return { tookMs: performance.now() - began, turnMs: Math.max(turnMs, performance.now() - last - 1) };
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1];

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'netweaver-restore-'));
  const rows: Record<string, unknown>[] = [];
  const kept: Record<string, unknown>[] = [];
  const machine = { node: process.version, cpu: cpus()[0].model, keys: KEYS, flowsBetweenCheckpoints: CHECKPOINT_FLOWS };
  const add = (row: Record<string, unknown>): void => {
    rows.push(row);
    console.log(JSON.stringify({ bench: 'restore', ...machine, ...row }));
  };
  try {
    const embedded = new EmbeddedLog({ path: join(folder, 'log'), maintainEveryMs: 0, tombstoneMs: 0, reserveBytes: 0 });
    const logs: Log[] = KAFKA === '' ? [embedded] : [embedded, new KafkaLog(config.get(kafkaSection))];
    for (const log of logs) {
      const bench = new Bench(log, join(folder, log.kind));
      for (const checkpoints of CHECKPOINTS) {
        await bench.write(checkpoints);
        add(await bench.measure(`${checkpoints} checkpoints`));
      }
      if (log === embedded) {
        await embedded.maintain();
        add(await bench.measure('compacted'));
        kept.push(await bench.keep());
        console.log(JSON.stringify({ bench: 'restore-keep', ...machine, ...kept[0] }));
      }
      await bench.clear();
    }
    for (const table of [rows, kept]) console.table(table.map(({ runs: _, ...row }) => row));
  } finally {
    await telemetry.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

void main().then(
  () => process.exit(0),
  (error: Error) => {
    console.error(error);
    process.exit(1);
  },
);
