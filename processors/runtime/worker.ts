import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { SpanKind, type Span } from '@opentelemetry/api';
import type { Configuration } from '../../infra/config/configuration';
import { hasCode, NetWeaverError, type ErrorCode } from '../../infra/errors';
import { placeOf } from '../../infra/log/log';
import type { GroupMember, LogReader, LogRecord, OutgoingRecord, Position, TopicPartition, Transaction } from '../../infra/log/log';
import type { RoleContext } from '../../infra/role';
import { extractSpanContext, traceparentOf } from '../../infra/telemetry/propagation';
import type { ValuesOf } from '../../infra/config/section';
import { TopicCodec, topicsSection } from '../../topics';
import type { Processor } from './processor';
import { restoreTask } from './restore';
import { RestoreProgress } from './restore-progress';
import type { Inspected, PartitionState } from './routes';
import type { processingSection } from './settings';
import { Snapshots } from './snapshots/snapshots';
import type { SnapshotStore } from './snapshots/store';
import type { StoreView } from './state/view';
import { TableReader } from './table-reader';
import { StepFailure, Task, type Output, type TaskSetting } from './task';
import { WorkerMetrics } from './worker-metrics';

/** Consumer group of a processor. */
export const groupOf = (processor: string, config: Configuration): string => `${config.get(topicsSection).prefix}netweaver.${processor}`;

/** What a worker runs. */
export interface WorkerOptions {
  readonly context: RoleContext;
  readonly setting: TaskSetting;
  readonly processing: ValuesOf<typeof processingSection>;
  /** Where local copies of the changelog are kept; null for none. */
  readonly snapshots: SnapshotStore | null;
  /** Called once, when the worker cannot go on. */
  readonly fail: (error: Error) => void;
}

/** Errors that pass by themselves. */
const WAITED_FOR: ReadonlySet<ErrorCode> = new Set(['NW_LOG_UNREACHABLE', 'NW_LOG_DISK_FULL', 'NW_REGISTRY_UNREACHABLE']);
const MAX_LINKS = 32;
const RETRY_MS = 1000;
const POLL_MS = 100;
/** How often lag is told. */
const LAG_MS = 1000;
/** What a record costs a transaction beside its key and value. */
const RECORD_BYTES = 200;

/** A transaction in the making. */
interface Open extends Output {
  readonly transaction: Transaction;
  readonly span: Span;
  readonly beganAt: number;
  bytes: number;
  links: number;
}

/**
 * Runs a processor as a member of its group: polls, gives each record to the task of its partition, and commits outputs,
 * changelog and positions as one. While a commit is under way nothing is polled, which is all the backpressure needed.
 *
 * Delivery: exactly once on the log. An aborted transaction is undone (state from the changelog, reading from the last
 * commit) and done again; a fenced worker stops at once.
 */
export class Worker implements Inspected {
  private readonly tasks = new Map<number, Task>();
  private readonly heardAt = new Map<number, number>();
  /** Of a task without state: names and columns. */
  readonly views: readonly StoreView[];
  private readonly metrics: WorkerMetrics;
  private readonly input: string;
  private readonly group: string;
  private readonly codec: TopicCodec<unknown>;
  private readonly tableCodecs: readonly TopicCodec<unknown>[];
  /** Null where the processor has no tables. */
  private tables: TableReader | null = null;
  /** Partitions paused until their tables are read. */
  private readonly heldBack = new Set<number>();
  private member!: GroupMember;
  private reader!: LogReader;
  private open: Open | null = null;
  private checkpointAt = 0;
  private lagAt = 0;
  /** Asked for; and whether every partition in hand is paused. */
  private isPaused: boolean;
  private isHeld = false;
  private restoring: RestoreProgress | null = null;
  private snapshots: Snapshots | null = null;
  /** True from the first time that partitions were given to it, or none. */
  private joined = false;
  /** Lag while nothing is read, by {@link placeOf}. */
  private heldLag: ReadonlyMap<string, number> = new Map();
  private state: string | null = 'not started';
  private stopping = false;
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly options: WorkerOptions) {
    const { processor, names } = options.setting;
    this.input = names.get(processor.input)!.name;
    this.codec = TopicCodec.forReading(processor.input, options.context.registry);
    this.tableCodecs = (processor.tables ?? []).map((table) => TopicCodec.forReading(table, options.context.registry));
    this.group = groupOf(processor.name, options.context.config);
    this.metrics = new WorkerMetrics(options.context.telemetry, processor.name);
    this.isPaused = options.processing.paused.includes(processor.name);
    this.metrics.paused(this.isPaused);
    this.views = processor.create(options.setting.settings as never, options.setting.resources).views ?? [];
  }

  get processor(): Processor {
    return this.options.setting.processor;
  }

  get trouble(): string | null {
    return this.restoring?.text ?? this.state;
  }

  get paused(): boolean {
    return this.isPaused;
  }

  /** Reads nothing more; what was begun is committed, the partitions are kept. */
  pause(): void {
    this.isPaused = true;
    this.metrics.paused(true);
  }

  resume(): void {
    this.isPaused = false;
    this.metrics.paused(false);
  }

  partitions(): readonly PartitionState[] {
    if (this.trouble !== null) return [];
    const lag = this.lag();
    return [...this.tasks.values()]
      .sort((one, other) => one.partition - other.partition)
      .map(({ partition, next, streamTime, views, size }) => ({ partition, next, lag: lag.get(placeOf({ topic: this.input, partition })) ?? 0, streamTime, ...size, views }));
  }

  /** `null` when it is at work, else why not. */
  readiness(): string | null {
    const why = this.trouble ?? (this.isPaused ? 'paused' : null);
    return why === null ? null : `${this.processor.name}: ${why}`;
  }

  async start(): Promise<void> {
    const { log } = this.options.context;
    this.reader = await log.reader();
    this.openSnapshots();
    const { tables = [] } = this.processor;
    if (tables.length > 0) this.tables = new TableReader(await log.tail(), this.reader, tables.map((table) => this.options.setting.names.get(table)!.name));
    this.state = 'joining its group';
    this.checkpointAt = Date.now();
    this.member = await log.member({
      group: this.group,
      topics: [this.input],
      instanceId: `${this.group}-${this.options.processing.instance}`,
      transactional: true,
      onAssign: (partitions) => this.assign(partitions),
      onRevoke: (partitions, lost) => this.revoke(partitions, lost),
    });
    this.running = this.run();
  }

  /** Commits what was begun, with a checkpoint, and leaves the group. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.running;
    if (this.member === undefined) return;
    await this.member.close();
    await this.tables?.close();
    await this.snapshots?.close();
    await this.reader.close();
  }

  private openSnapshots(): void {
    const { context, setting, snapshots: store } = this.options;
    const keepsState = setting.processor.create(setting.settings as never, setting.resources).stores.length > 0;
    if (store !== null && keepsState) this.snapshots = new Snapshots({ store, processor: setting.processor.name, changelog: setting.changelog, reader: this.reader, telemetry: context.telemetry });
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      try {
        const changes = this.tables === null || this.isPaused ? 0 : await this.workTables(this.tables);
        let records: readonly LogRecord[] = await this.member.poll(this.options.processing.pollRecords, changes > 0 ? 0 : this.open === null ? POLL_MS : Math.min(POLL_MS, this.commitInMs()));
        if (this.tables !== null) records = await this.holdBack(this.tables, records);
        if (this.joined) this.state = this.heldBack.size > 0 ? 'reading its tables' : null;
        await this.work(this.isPaused ? await this.hold(records) : records);
        if (!this.isPaused && this.isHeld) await this.release();
        await setImmediate();
      } catch (error) {
        if (!(await this.survives(error as Error))) return;
      }
    }
    // Leaving the group commits the rest; where the last commit fails, the next to run begins at the one before.
  }

  /** Pauses every partition in hand. What came before that took effect is read again later. */
  private async hold(records: readonly LogRecord[]): Promise<readonly LogRecord[]> {
    if (this.isHeld && records.length === 0) return records;
    this.member.pause(this.member.assignment());
    this.isHeld = true;
    if (records.length > 0) await this.member.seek(this.places());
    return [];
  }

  /** Reads on where it stood. Nobody was silent meanwhile: nobody was heard. */
  private async release(): Promise<void> {
    this.isHeld = false;
    this.member.resume(this.member.assignment().filter(({ partition }) => !this.heldBack.has(partition)));
    await this.member.seek(this.places());
    const now = Date.now();
    for (const partition of this.heardAt.keys()) this.heardAt.set(partition, now);
  }

  /** Where the tasks go on. */
  private places(): Position[] {
    return [...this.tasks.values()].map(({ partition, next }) => ({ topic: this.input, partition, next }));
  }

  /** Works on what is at hand of the tables; how many records. */
  private async workTables(tables: TableReader): Promise<number> {
    const records = await tables.poll(this.options.processing.pollRecords);
    for (const record of records) {
      const task = this.tasks.get(record.partition);
      const table = tables.tableOf(record);
      if (task === undefined || record.offset < task.nextOf(table)) continue;
      const output = this.begin();
      this.link(record);
      const { value } = record;
      const codec = this.tableCodecs[table];
      task.processTable(table, record, output, value === null || codec.isOwn(value) ? value : await inOurSchema(value, codec));
      if (output.bytes >= this.options.processing.commitBytes) await this.commit();
    }
    return records.length;
  }

  /** Pauses partitions whose tables are not read yet, and reads on in those whose are. Their records are not lost: reading goes on where the task is. */
  private async holdBack(tables: TableReader, records: readonly LogRecord[]): Promise<readonly LogRecord[]> {
    const waiting = tables.waiting();
    if (waiting.length === 0 && this.heldBack.size === 0) return records;
    const ready = this.places().filter(({ partition }) => this.heldBack.has(partition) && !tables.waits(partition));
    const early = waiting.filter((partition) => !this.heldBack.has(partition)).map((partition) => ({ topic: this.input, partition }));
    this.heldBack.clear();
    for (const partition of waiting) this.heldBack.add(partition);
    if (early.length > 0) this.member.pause(early);
    if (ready.length > 0) {
      await this.member.seek(ready);
      if (!this.isPaused) this.member.resume(ready);
      const now = Date.now();
      for (const { partition } of ready) this.heardAt.set(partition, now);
    }
    return records.filter(({ partition }) => !tables.waits(partition) && !ready.some((at) => at.partition === partition));
  }

  private async work(records: readonly LogRecord[]): Promise<void> {
    const now = Date.now();
    for (const record of records) {
      const task = this.tasks.get(record.partition);
      if (task === undefined || record.offset < task.next) continue;
      this.heardAt.set(record.partition, now);
      const output = this.begin();
      this.link(record);
      await this.give(task, record, output);
      if (output.bytes >= this.options.processing.commitBytes) await this.commit();
    }
    if (now - this.lagAt >= LAG_MS) await this.tellLag(now);
    const idleMs = this.options.setting.processor.idleMs ?? this.options.processing.idleMs;
    for (const [partition, task] of this.tasks) {
      if (!this.isPaused && !this.heldBack.has(partition) && now - this.heardAt.get(partition)! >= idleMs && task.isDue(now)) task.silence(now, this.begin());
    }
    if (this.open === null && this.checkpointDue() && this.some((task) => task.needsCheckpoint)) this.begin();
    if (this.open !== null && this.commitInMs() <= 0) await this.commit();
  }

  private async tellLag(now: number): Promise<void> {
    this.lagAt = now;
    // A member that reads nothing does not learn of the ends.
    if (this.isHeld) this.heldLag = new Map((await this.reader.bounds(this.input)).map(({ partition, end }) => [placeOf({ topic: this.input, partition }), Math.max(0, end - (this.tasks.get(partition)?.next ?? end))]));
    this.metrics.lags(this.tasks, this.input, this.lag());
    if (this.tables !== null) for (const topic of this.tables.topics) this.metrics.tableLags(this.tasks, topic, this.tables.lag());
  }

  private lag(): ReadonlyMap<string, number> {
    return this.isHeld ? this.heldLag : this.member.lag();
  }

  /** Gives a record to its task, in the version of the schema that the task decodes. */
  private async give(task: Task, record: LogRecord, output: Output | null): Promise<void> {
    const { value } = record;
    const own = value === null || this.codec.isOwn(value) ? value : await inOurSchema(value, this.codec);
    if (output === null) task.replay(record, own);
    else task.process(record, output, own);
  }

  private begin(): Open {
    if (this.open !== null) return this.open;
    const span = this.options.context.telemetry.tracer.startSpan(`process ${this.options.setting.processor.name}`, { kind: SpanKind.CONSUMER, attributes: { 'messaging.operation.type': 'process', 'messaging.consumer.group.name': this.group, 'messaging.destination.name': this.input } });
    const transaction = this.member.begin();
    const { snapshots } = this;
    const open: Open = {
      transaction,
      span,
      beganAt: Date.now(),
      bytes: 0,
      links: 0,
      traceparent: traceparentOf(span),
      append(record: OutgoingRecord) {
        transaction.append(record);
        snapshots?.append(record);
        open.bytes += RECORD_BYTES + (record.key?.length ?? 0) + (record.value?.length ?? 0);
      },
    };
    return (this.open = open);
  }

  private link(record: LogRecord): void {
    const { open } = this;
    if (open === null || open.links >= MAX_LINKS || !open.span.isRecording()) return;
    const context = extractSpanContext(record.headers);
    if (context === undefined) return;
    open.span.addLink({ context });
    open.links++;
  }

  private commitInMs(): number {
    return this.open === null ? Infinity : Math.max(0, this.open.beganAt + this.options.processing.commitMs - Date.now());
  }

  private some(holds: (task: Task) => boolean): boolean {
    for (const task of this.tasks.values()) if (holds(task)) return true;
    return false;
  }

  private checkpointDue(): boolean {
    return Date.now() - this.checkpointAt >= this.options.processing.checkpointMs;
  }

  /** Commits the open transaction. @throws as {@link Transaction.commit} */
  private async commit(checkpoint = this.checkpointDue()): Promise<void> {
    const open = this.begin();
    const began = performance.now();
    const positions: Position[] = [];
    for (const task of this.tasks.values()) {
      if (!task.hasUncommitted && !(checkpoint && task.needsCheckpoint)) continue;
      task.commit(checkpoint, open);
      task.addPositions(positions);
    }
    if (checkpoint) this.checkpointAt = Date.now();
    try {
      await open.transaction.commit(positions);
    } finally {
      open.span.end();
    }
    this.open = null;
    this.snapshots?.committed();
    this.metrics.committed(this.tasks, performance.now() - began, Date.now() - open.beganAt);
  }

  /** Undoes the open transaction, because of an error. */
  private async abort(why: unknown): Promise<void> {
    const { open } = this;
    this.open = null;
    if (open === null) return;
    this.metrics.aborted(why instanceof NetWeaverError ? why.code : 'NW_PROCESSOR_FAILED');
    this.snapshots?.aborted();
    open.span.end();
    await open.transaction.abort().catch(() => undefined);
  }

  /** Undoes what was begun and stands at the last commit again; false where the work cannot go on. */
  private async survives(error: Error): Promise<boolean> {
    for (let cause = error; ; ) {
      if (!(await this.isPassing(cause))) return this.failed(cause);
      try {
        await this.abort(cause);
        await this.member.seek(await this.restore(this.member.assignment()));
        return true;
      } catch (next) {
        if (this.stopping) return false;
        cause = next as Error;
      }
    }
  }

  /** True where an error is one to go on after; waits where that helps. */
  private async isPassing(error: Error): Promise<boolean> {
    const { logger } = this.options.context.telemetry;
    const { name } = this.options.setting.processor;
    if (error instanceof StepFailure) {
      logger.error({ processor: name, partition: error.partition, offset: error.offset, err: error.cause }, 'a record failed; it goes to dead-letters');
      this.tasks.get(error.partition)?.setAside(error);
      return true;
    }
    if (error instanceof NetWeaverError && WAITED_FOR.has(error.code)) {
      this.state = error.message;
      logger.warn({ processor: name, code: error.code, detail: error.message }, 'waiting');
      await sleep(RETRY_MS);
      return true;
    }
    return hasCode(error, 'NW_LOG_ABORTED');
  }

  private async failed(error: Error): Promise<boolean> {
    this.state = error.message;
    if (hasCode(error, 'NW_LOG_FENCED')) this.metrics.fenced();
    await this.abort(error);
    this.tasks.clear();
    this.options.fail(error);
    return false;
  }

  private async assign(partitions: readonly TopicPartition[]): Promise<readonly Position[]> {
    this.state = 'restoring state';
    this.isHeld = false;
    for (const { partition } of partitions) {
      this.tasks.set(partition, new Task(this.options.setting, partition));
      this.heldBack.delete(partition);
    }
    const positions = await this.restore(partitions);
    this.joined = true;
    this.state = null;
    return positions;
  }

  /** Brings tasks to their last commit; positions to read from. */
  private async restore(partitions: readonly TopicPartition[]): Promise<Position[]> {
    const { context, setting } = this.options;
    const began = performance.now();
    const progress = (this.restoring = new RestoreProgress(setting.processor.name, context.telemetry.logger, this.metrics));
    const positions: Position[] = [];
    const committed = await context.log.admin.committed(this.group, this.input);
    const begins = new Map((await this.reader.bounds(this.input)).map(({ partition, begin }) => [partition, begin]));
    for (const at of partitions) {
      const task = this.tasks.get(at.partition);
      if (task === undefined) continue;
      const next = await restoreTask(task, at, { log: context.log, reader: this.reader, group: this.group, changelog: setting.changelog, snapshots: this.snapshots, progress, committed, replay: (of, record) => this.give(of, record, null) });
      task.startAt(next ?? begins.get(at.partition) ?? 0);
      positions.push({ ...at, next: task.next });
      this.heardAt.set(at.partition, Date.now());
    }
    await this.tables?.follow(this.tasks, new Set(positions.map(({ partition }) => partition)));
    this.restoring = null;
    progress.finish(partitions.length);
    this.metrics.restored(this.tasks, (performance.now() - began) / 1000);
    return positions;
  }

  private async revoke(partitions: readonly TopicPartition[], lost: boolean): Promise<void> {
    if (lost) await this.abort(new NetWeaverError('NW_LOG_ABORTED', 'The partitions went to another member.'));
    else if (this.some((task) => task.hasUncommitted || task.needsCheckpoint)) {
      try {
        await this.commit(true);
      } catch (error) {
        await this.abort(error);
        if (!(error instanceof NetWeaverError)) throw error;
        this.options.context.telemetry.logger.warn({ processor: this.options.setting.processor.name, code: error.code, detail: error.message }, 'the last transaction was not committed; it will be done again');
      }
    }
    for (const { partition } of partitions) {
      this.tasks.delete(partition);
      this.heardAt.delete(partition);
    }
    this.metrics.left(partitions.map(({ partition }) => partition), this.tasks);
    await this.tables?.follow(this.tasks, new Set());
    if (lost && this.tasks.size > 0) await this.member.seek(await this.restore(this.member.assignment().filter(({ partition }) => this.tasks.has(partition))));
  }
}

/** The value in this program's version of its schema, or why it cannot be. */
async function inOurSchema(value: Buffer, codec: TopicCodec<unknown>): Promise<Buffer | NetWeaverError> {
  try {
    return await codec.toOwn(value);
  } catch (error) {
    if (hasCode(error, 'NW_SCHEMA_UNKNOWN') || hasCode(error, 'NW_SCHEMA_MALFORMED')) return error;
    throw error;
  }
}
