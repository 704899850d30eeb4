/**
 * Runs a processor without a log: feed records, read outputs, let it fall silent, commit, restart it from its changelog.
 * For tests and for replaying decisions. The task is the one that runs on a log; the same input gives the same bytes.
 */
import type { Section, ValuesOf } from '../../infra/config/section';
import type { Models } from '../../infra/inference/model';
import { NO_MODELS } from '../../infra/inference/open';
import type { Headers, LogRecord, OutgoingRecord } from '../../infra/log/log';
import type { Topic } from '../../topics';
import { Restore } from './changelog';
import type { Processor } from './processor';
import type { StoreView } from './state/view';
import { StepFailure, Task, topicsOf, type TaskSetting } from './task';

/** A record that came out. */
export interface DrivenRecord {
  readonly topic: Topic;
  readonly partition: number;
  readonly key: Buffer | null;
  readonly value: Buffer;
  readonly timestampMs: number;
  readonly headers: Headers;
}

/** Where a record is fed to, and what it has beside its value. */
export interface FedAt {
  readonly partition?: number;
  readonly timestampMs?: number;
  readonly headers?: Headers;
  readonly key?: Buffer | null;
}

/** Schema id that outputs are framed with. */
export const DRIVER_SCHEMA_ID = 1;
const CHANGELOG = 'changelog';

/** What was fed to a partition, in that order; `table` is -1 for the input. */
interface Fed {
  readonly records: { readonly table: number; readonly record: LogRecord }[];
  /** Of the input alone, and how many of each table. */
  readonly input: LogRecord[];
  readonly ofTable: number[];
}

/** See the file's head. */
export class Driver<S extends Section> {
  /** Everything that came out and was committed. */
  readonly outputs: DrivenRecord[] = [];
  /** The changelog after compaction, by partition and key. */
  readonly changelog = new Map<number, Map<string, Buffer>>();
  private readonly setting: TaskSetting;
  private readonly topics: ReadonlyMap<string, Topic>;
  private readonly tasks = new Map<number, Task>();
  private readonly fed = new Map<number, Fed>();
  private pending: OutgoingRecord[] = [];

  constructor(processor: Processor<S>, settings: Partial<ValuesOf<S>> = {}, private readonly partitions = 4, models: Models = NO_MODELS) {
    const defaults = Object.fromEntries(Object.entries(processor.section.keys).map(([name, key]) => [name, key.default]));
    const topics = topicsOf(processor as unknown as Processor);
    this.topics = new Map(topics.map((topic) => [topic.name, topic]));
    this.setting = {
      processor: processor as unknown as Processor,
      settings: { ...defaults, ...settings },
      configHash: 'driver',
      names: new Map(topics.map((topic) => [topic, { name: topic.name, partitions: topic.partitions === 'one' ? 1 : partitions, schemaId: DRIVER_SCHEMA_ID }])),
      changelog: CHANGELOG,
      resources: { models },
    };
  }

  /** Gives a value to the processor as the next record of a partition of its input. Where its step throws, the record goes to dead-letters as on a log. Returns its offset. */
  feed(value: Buffer | null, at: FedAt = {}): number {
    return this.give(-1, value, at);
  }

  /** As {@link feed}, of one of its tables; null is a tombstone. */
  feedTable(topic: Topic, key: Buffer, value: Buffer | null, at: Omit<FedAt, 'key'> = {}): number {
    const table = this.setting.processor.tables?.indexOf(topic) ?? -1;
    if (table < 0) throw new RangeError(`${topic.name} is no table of ${this.setting.processor.name}.`);
    return this.give(table, value, { ...at, key });
  }

  private give(table: number, value: Buffer | null, { partition = 0, timestampMs = 0, headers = {}, key = null }: FedAt): number {
    const { processor, names } = this.setting;
    const fed = this.fedTo(partition);
    const offset = table < 0 ? fed.input.length : fed.ofTable[table]++;
    const record: LogRecord = { topic: names.get(table < 0 ? processor.input : processor.tables![table])!.name, partition, offset, timestampMs, key, value, headers };
    fed.records.push({ table, record });
    if (table < 0) fed.input.push(record);
    try {
      this.work(this.task(partition), table, record);
    } catch (error) {
      if (!(error instanceof StepFailure)) throw error;
      this.recover(error);
    }
    return offset;
  }

  private work(task: Task, table: number, record: LogRecord): void {
    if (table < 0) task.process(record, this.output);
    else task.processTable(table, record, this.output);
  }

  /** The partition is silent and it is `timeMs`: what the runtime does when the processor says that something is due. */
  silence(timeMs: number, partition = 0): void {
    const task = this.task(partition);
    if (task.isDue(timeMs)) task.silence(timeMs, this.output);
  }

  /** Commits outputs and changelog. */
  commit(checkpoint = true): void {
    for (const task of this.tasks.values()) task.commit(checkpoint, this.output);
    for (const record of this.pending) this.accept(record);
    this.pending = [];
  }

  /** Forgets all that was not committed, and every task's memory; begins again from the changelog and goes over the input that was not committed once more. */
  restart(): void {
    this.pending = [];
    const partitions = [...this.tasks.keys()];
    this.tasks.clear();
    for (const partition of partitions) this.resume(partition);
  }

  /** What came out on a topic, decoded. */
  values<T>(topic: Topic<T>): T[] {
    return this.outputs.filter((output) => output.topic.name === topic.name).map((output) => topic.record.decode(output.value));
  }

  /** Rows let go since the last commit, by reason. */
  discards(partition = 0): Record<string, number> {
    return Object.fromEntries(this.task(partition).tally.discards);
  }

  /** Rows that went out before their window was over, since the last commit. */
  early(partition = 0): number {
    return this.task(partition).tally.early;
  }

  /** Entries and bytes of the stores. */
  size(partition = 0): { entries: number; bytes: number } {
    return this.task(partition).size;
  }

  /** The stores of a partition, to be seen. */
  views(partition = 0): readonly StoreView[] {
    return this.task(partition).views;
  }

  private readonly output = { append: (record: OutgoingRecord): void => void this.pending.push(record) };

  /** The task of a partition, as it stands. */
  task(partition: number): Task {
    let task = this.tasks.get(partition);
    if (task === undefined) {
      if (partition >= this.partitions) throw new RangeError(`partition ${partition} of ${this.partitions}`);
      this.tasks.set(partition, (task = new Task(this.setting, partition)));
      this.load(task);
    }
    return task;
  }

  private load(task: Task): void {
    const restore = new Restore();
    for (const [key, value] of this.changelog.get(task.partition) ?? []) restore.add({ key: Buffer.from(key), value });
    const head = task.restore(restore);
    for (const record of this.fedTo(task.partition).input.slice(head?.checkpoint ?? 0, head?.next ?? 0)) task.replay(record);
    task.startAt(head?.next ?? 0);
  }

  private resume(partition: number): void {
    const task = this.task(partition);
    for (const { table, record } of this.fedTo(partition).records) if (record.offset >= (table < 0 ? task.next : task.nextOf(table))) this.work(task, table, record);
  }

  private recover(failure: StepFailure): void {
    this.pending = [];
    for (const task of this.tasks.values()) {
      if (task.partition === failure.partition) task.setAside(failure);
      this.load(task);
    }
    for (const partition of this.tasks.keys()) this.resume(partition);
  }

  private accept(record: OutgoingRecord): void {
    if (record.topic !== CHANGELOG) {
      const topic = this.topics.get(record.topic)!;
      this.outputs.push({ topic, partition: record.partition, key: record.key, value: record.value!, timestampMs: record.timestampMs!, headers: record.headers! });
      return;
    }
    let log = this.changelog.get(record.partition);
    if (log === undefined) this.changelog.set(record.partition, (log = new Map()));
    if (record.value === null) log.delete(record.key!.toString());
    else log.set(record.key!.toString(), record.value);
  }

  private fedTo(partition: number): Fed {
    let fed = this.fed.get(partition);
    if (fed === undefined) this.fed.set(partition, (fed = { records: [], input: [], ofTable: (this.setting.processor.tables ?? []).map(() => 0) }));
    return fed;
  }
}
