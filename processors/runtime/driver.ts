/**
 * Runs a processor without a log: feed records, read outputs, let it fall silent, commit, restart it from its changelog.
 * For tests and for replaying decisions. The task is the one that runs on a log; the same input gives the same bytes.
 */
import type { Section, ValuesOf } from '../../infra/config/section';
import type { Headers, LogRecord, OutgoingRecord } from '../../infra/log/log';
import { DEAD_LETTERS, LATE, SILENCES, type Topic } from '../../topics';
import { Restore } from './changelog';
import type { Processor } from './processor';
import type { StoreView } from './state/view';
import { StepFailure, Task, type TaskSetting } from './task';

/** A record that came out. */
export interface DrivenRecord {
  readonly topic: Topic;
  readonly partition: number;
  readonly key: Buffer | null;
  readonly value: Buffer;
  readonly timestampMs: number;
  readonly headers: Headers;
}

/** Schema id that outputs are framed with. */
export const DRIVER_SCHEMA_ID = 1;
const CHANGELOG = 'changelog';

/** See the file's head. */
export class Driver<S extends Section> {
  /** Everything that came out and was committed. */
  readonly outputs: DrivenRecord[] = [];
  /** The changelog after compaction, by partition and key. */
  readonly changelog = new Map<number, Map<string, Buffer>>();
  private readonly setting: TaskSetting;
  private readonly topics: ReadonlyMap<string, Topic>;
  private readonly tasks = new Map<number, Task>();
  private readonly input = new Map<number, LogRecord[]>();
  private pending: OutgoingRecord[] = [];

  constructor(processor: Processor<S>, settings: Partial<ValuesOf<S>> = {}, private readonly partitions = 4) {
    const defaults = Object.fromEntries(Object.entries(processor.section.keys).map(([name, key]) => [name, key.default]));
    const topics: Topic[] = [processor.input, ...processor.outputs, DEAD_LETTERS, LATE, SILENCES];
    this.topics = new Map(topics.map((topic) => [topic.name, topic]));
    this.setting = {
      processor: processor as unknown as Processor,
      settings: { ...defaults, ...settings },
      configHash: 'driver',
      names: new Map(topics.map((topic) => [topic, { name: topic.name, partitions: topic.partitions === 'one' ? 1 : partitions, schemaId: DRIVER_SCHEMA_ID }])),
      changelog: CHANGELOG,
    };
  }

  /** Gives a value to the processor as the next record of a partition. Where its step throws, the record goes to dead-letters as on a log. Returns its offset. */
  feed(value: Buffer | null, { partition = 0, timestampMs = 0, headers = {} }: { partition?: number; timestampMs?: number; headers?: Headers } = {}): number {
    const records = this.recordsOf(partition);
    const record: LogRecord = { topic: this.setting.names.get(this.setting.processor.input)!.name, partition, offset: records.length, timestampMs, key: null, value, headers };
    records.push(record);
    try {
      this.task(partition).process(record, this.output);
    } catch (error) {
      if (!(error instanceof StepFailure)) throw error;
      this.recover(error);
    }
    return record.offset;
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
    for (const record of this.recordsOf(task.partition).slice(head?.checkpoint ?? 0, head?.next ?? 0)) task.replay(record);
    task.startAt(head?.next ?? 0);
  }

  private resume(partition: number): void {
    const task = this.task(partition);
    for (const record of this.recordsOf(partition).slice(task.next)) task.process(record, this.output);
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

  private recordsOf(partition: number): LogRecord[] {
    let records = this.input.get(partition);
    if (records === undefined) this.input.set(partition, (records = []));
    return records;
  }
}
