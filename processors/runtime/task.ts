import type { LogRecord, OutgoingRecord, Position } from '../../infra/log/log';
import { NetWeaverError, type ErrorCode } from '../../infra/errors';
import type { Turn } from '../../schemas';
import { DEAD_LETTERS, eventHeaders, isForAnother, LATE, SILENCES, TURNS, type Topic } from '../../topics';
import { headRecord, writePages, type Head, type Restore } from './changelog';
import type { Context, EmitOptions, Late, Processor, ProcessorTask, RecordSteps, Resources } from './processor';
import type { StoreView } from './state/view';
import { RunHistory } from './run-history';
import { Tally } from './tally';

/** What a task of any partition of a processor works with. */
export interface TaskSetting {
  readonly processor: Processor;
  /** Values of the processor's section. */
  readonly settings: Record<string, unknown>;
  readonly configHash: string;
  /** Names on the log, partitions and schema ids, of all that {@link topicsOf} says. */
  readonly names: ReadonlyMap<Topic, { readonly name: string; readonly partitions: number; readonly schemaId: number }>;
  /** Name of the changelog topic. */
  readonly changelog: string;
  readonly resources: Resources;
}

/** Topics that the tasks of a processor read and write, the changelog apart. */
export const topicsOf = ({ input, tables = [], outputs }: Processor): readonly Topic[] => [input, ...tables, ...outputs, DEAD_LETTERS, LATE, SILENCES, ...(tables.length > 0 ? [TURNS] : [])];

/** Where a task's outputs go. */
export interface Output {
  append(record: OutgoingRecord): void;
  /** Of the transaction's span. */
  readonly traceparent?: string;
}

/** Errors of the log that have nothing to do with a record. */
const OF_THE_LOG: ReadonlySet<ErrorCode> = new Set(['NW_LOG_FENCED', 'NW_LOG_ABORTED', 'NW_LOG_UNREACHABLE', 'NW_LOG_DISK_FULL']);

/** A step threw: what it left behind must be undone, then the record goes to dead-letters without being tried again. */
export class StepFailure extends Error {
  constructor(
    readonly partition: number,
    readonly offset: number,
    override readonly cause: unknown,
    /** 0: of the input; else of the table of that number, from 1. */
    readonly from: number,
  ) {
    super(`${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

/** Largest value that a dead letter carries: with what is said of it, it must fit a record of the log. */
const LETTER_BYTES = 2 ** 20;
const NOWHERE: Output = { append: () => undefined };
/** Turns that a record of processing.turns holds at most. */
const TURNS_MOST = 4096;

/**
 * One partition of a processor: gives records to its step, makes records of what the step emits, saves and restores its
 * stores. Knows no log and no clock.
 */
export class Task implements Context {
  /** Offset of the next record. */
  next = 0;
  /** Counts since the last commit. */
  readonly tally = new Tally();
  offset = 0;
  timestampMs = 0;
  readonly configHash: string;
  private readonly work: ProcessorTask;
  private output: Output = NOWHERE;
  private record: LogRecord | null = null;
  private emitted = 0;
  /** Of what is worked on now, 0 is the input, then come the tables; and a part of the ids of what is emitted where that is no record of the input. */
  private from = 0;
  private beside = '';
  /** Offset of the next record of each table. */
  private readonly tableNexts: number[];
  /** What came before records of the input since the last commit: tables read, silences; kept where there are tables. */
  private turns: Turn[] = [];
  private readonly names: readonly string[];
  /** Offsets whose step failed, by input: straight to dead-letters. */
  private readonly poison: readonly Map<number, string>[];
  /** False where what was read may not be there again. */
  private readonly rereads: boolean;
  private mustCheckpoint = false;
  /** `next` of the last commit, and of the last checkpoint. */
  private committed = 0;
  private checkpointed = 0;
  private history = RunHistory.after(undefined);

  constructor(
    private readonly setting: TaskSetting,
    readonly partition: number,
  ) {
    const { processor } = setting;
    const { tables = [] } = processor;
    this.work = processor.create(setting.settings as never, setting.resources);
    this.configHash = setting.configHash;
    if (tables.length !== (this.work.tables?.length ?? 0) || (tables.length > 0 && this.work.stores.length === 0)) throw new Error(`${processor.name}: ${tables.length} tables need as many steps, and a store.`);
    this.names = [processor.input, ...tables].map((topic) => this.named(topic).name);
    this.poison = this.names.map(() => new Map<number, string>());
    this.tableNexts = tables.map(() => 0);
    this.rereads = processor.input.cleanup !== 'compact';
  }

  /** Entries and bytes of the stores. */
  get size(): { entries: number; bytes: number } {
    let entries = 0;
    let bytes = 0;
    for (const store of this.work.stores) {
      entries += store.entries;
      bytes += store.bytes;
    }
    return { entries, bytes };
  }

  /** The stores to be seen, and stream time. */
  get views(): readonly StoreView[] {
    return this.work.views ?? [];
  }

  get streamTime(): number | null {
    return this.work.streamTime?.() ?? null;
  }

  /** False where the task begins every time anew. */
  get keepsState(): boolean {
    return this.work.stores.length > 0;
  }

  /** True where a commit has something to say. */
  get hasUncommitted(): boolean {
    return this.next !== this.committed || this.mustCheckpoint;
  }

  /** True where the changelog does not hold the state as it is. */
  get needsCheckpoint(): boolean {
    return this.keepsState && (this.next !== this.checkpointed || this.mustCheckpoint);
  }

  /** Goes on from an offset, with the state that it has. */
  startAt(next: number): void {
    this.next = this.committed = next;
    if (this.checkpointed < 0) this.checkpointed = next;
  }

  /** Works on the next record of the input; `value` is its value in the version of the schema that is decoded, or why it cannot be. @throws StepFailure */
  process(record: LogRecord, output: Output, value: Buffer | NetWeaverError | null = record.value): void {
    this.begin(record.offset, record.timestampMs, output);
    this.next = record.offset + 1;
    this.take(this.work, record, value);
  }

  /** As {@link process}, of the next record of a table, numbered from 0. The next commit is a checkpoint. @throws StepFailure */
  processTable(table: number, record: LogRecord, output: Output, value: Buffer | NetWeaverError | null = record.value): void {
    this.begin(record.offset, record.timestampMs, output);
    this.mustCheckpoint = true;
    this.tableNexts[table] = record.offset + 1;
    this.noteTurn(record.topic, record.offset + 1);
    this.from = table + 1;
    this.beside = `t${this.from}.${record.offset}-`;
    try {
      this.take(this.work.tables![table], record, value);
    } finally {
      this.from = 0;
      this.beside = '';
    }
  }

  /** Offset of the next record of a table, numbered from 0. */
  nextOf(table: number): number {
    return this.tableNexts[table];
  }

  private take(steps: RecordSteps, record: LogRecord, value: Buffer | NetWeaverError | null): void {
    this.record = record;
    if (isForAnother(record.headers, this.setting.processor.name)) return;
    const poison = this.poison[this.from].get(record.offset);
    if (poison !== undefined) {
      this.deadLetter('NW_PROCESSOR_FAILED', poison);
      this.poison[this.from].delete(record.offset);
      this.mustCheckpoint = true;
      return;
    }
    try {
      if (value instanceof NetWeaverError) throw value;
      if (value !== null) steps.decode(value, record.key);
      else if (record.key !== null && steps.decodeTombstone !== undefined) steps.decodeTombstone(record.key);
      else throw new NetWeaverError('NW_SCHEMA_MALFORMED', 'The record has no value.');
    } catch (error) {
      this.deadLetter(error instanceof NetWeaverError ? error.code : 'NW_PROCESSOR_FAILED', (error as Error).message);
      return;
    }
    try {
      steps.step(this);
    } catch (error) {
      // A log that does not take what the step puts out says nothing of the record.
      if (error instanceof NetWeaverError && OF_THE_LOG.has(error.code)) throw error;
      throw new StepFailure(this.partition, record.offset, error, this.from);
    }
  }

  /** After this the record is not tried again: it goes to dead-letters when it comes. */
  setAside({ from, offset, message }: StepFailure): void {
    this.poison[from].set(offset, message);
  }

  /** True where a partition that has been silent until `timeMs` has something to do. */
  isDue(timeMs: number): boolean {
    return (this.work.due?.() ?? Infinity) <= timeMs;
  }

  /**
   * Tells the task that the partition has been silent until `timeMs`, and puts that on the log. The next commit must be a checkpoint, which
   * {@link commit} sees to: reading the input again would not show what the clock decided.
   */
  silence(timeMs: number, output: Output): void {
    this.begin(this.next, timeMs, output);
    this.record = null;
    this.beside = `s${timeMs}-`;
    this.mustCheckpoint = true;
    if (this.tableNexts.length > 0) this.addTurn({ sourceOffset: this.next, table: '', next: 0, records: 0, silentUntil: timeMs });
    this.emit(SILENCES, 0, Buffer.from(`${this.setting.processor.name}/${this.partition}`), SILENCES.record.encode({ ...this.source(), time: timeMs }, this.schemaId(SILENCES)));
    this.work.silence?.(timeMs, this);
    this.beside = '';
  }

  /** Adds where the group is then to be. */
  addPositions(positions: Position[]): void {
    const { partition } = this;
    positions.push({ topic: this.names[0], partition, next: this.next });
    this.tableNexts.forEach((next, table) => positions.push({ topic: this.names[table + 1], partition, next }));
  }

  /** Appends what the changelog needs for this commit: how far the task is and, when asked or needed, the changed pages. Returns bytes of pages. */
  commit(checkpoint: boolean, output: Output): number {
    this.committed = this.next;
    if (!this.keepsState) return 0;
    this.writeTurns(output);
    let bytes = 0;
    if (checkpoint || this.mustCheckpoint || !this.rereads) {
      bytes = writePages(this.work.stores, this.setting.changelog, this.partition, (record) => output.append(record));
      this.checkpointed = this.next;
      this.history.checkpointed();
      this.mustCheckpoint = false;
    }
    output.append(headRecord(this.work.stores, this.setting.changelog, this.partition, { next: this.next, checkpoint: this.checkpointed, runs: this.history.runs, ...(this.tableNexts.length > 0 && { tables: this.tablePlaces() }) }));
    return bytes;
  }

  /** Takes on the state of a changelog; how far the partition is, null where the changelog is empty. Records from `checkpoint` to `next` are to be {@link replay}ed, then {@link startAt} called. @throws NW_STATE_UNUSABLE */
  restore(changelog: Restore): Head | null {
    this.tally.reset();
    this.mustCheckpoint = false;
    this.turns = [];
    const head = changelog.into(this.work.stores);
    this.checkpointed = head?.checkpoint ?? -1;
    this.history = RunHistory.after(head?.runs);
    this.next = Math.max(0, this.checkpointed);
    this.tableNexts.forEach((_, table) => (this.tableNexts[table] = head?.tables?.[this.names[table + 1]] ?? 0));
    return head;
  }

  /** Works on a record whose outputs are committed already. */
  replay(record: LogRecord, value: Buffer | NetWeaverError | null = record.value): void {
    this.process(record, NOWHERE, value);
    this.tally.reset();
  }

  // what the step may do

  schemaId(topic: Topic): number {
    return this.named(topic).schemaId;
  }

  partitionsOf(topic: Topic): number {
    return this.named(topic).partitions;
  }

  emit(topic: Topic, partition: number, key: Buffer | null, value: Buffer | null, options?: EmitOptions): void {
    const to = this.named(topic);
    const timeMs = options?.timeMs ?? this.timestampMs;
    const own = options?.causes === null ? [] : [{ topic: this.names[this.from], partition: this.partition, first: options?.causes?.first ?? this.offset, last: options?.causes?.last ?? this.offset }];
    const ranges = options?.joined === undefined ? own : [...own, ...options.joined.map(({ topic: joined, first, last }) => ({ topic: this.named(joined).name, partition: this.partition, first, last }))];
    this.output.append({
      topic: to.name,
      partition: partition % to.partitions,
      key,
      value,
      // Not the time of the event, by which the log would drop the windows of a replayed capture at once.
      timestampMs: this.timestampMs,
      headers: eventHeaders({
        id: `${this.setting.processor.name}/${this.partition}/${this.from === 0 ? this.offset : this.next}-${this.beside}${this.emitted++}`,
        source: `/netweaver/${this.setting.processor.name}/${this.partition}`,
        type: topic.record.name,
        timeMs,
        causes: { ranges, config: this.configHash },
        traceparent: this.output.traceparent,
      }),
    });
  }

  late({ rows, earliest, latest, bytes, streamTime }: Late): void {
    this.tally.discarded('late', rows);
    const source = this.source();
    this.emit(LATE, 0, this.place(), LATE.record.encode({ ...source, rows, earliest, latest, bytes, streamTime }, this.schemaId(LATE)));
  }

  deadLetter(code: ErrorCode, message: string): void {
    this.tally.error(code);
    const { key = null, value: bytes = null } = this.record ?? {};
    const tooLarge = bytes !== null && bytes.length > LETTER_BYTES;
    const value = tooLarge ? null : bytes;
    if (tooLarge) message += ` Its ${bytes.length} bytes do not fit a dead letter; they are at its source.`;
    this.emit(DEAD_LETTERS, 0, this.place(), DEAD_LETTERS.record.encode({ ...this.source(), code, message, time: this.timestampMs, key, value }, this.schemaId(DEAD_LETTERS)));
  }

  received(rows: number): void {
    this.tally.received(rows);
  }

  sent(rows: number): void {
    this.tally.sent(rows);
  }

  sentEarly(rows: number): void {
    this.tally.sentEarly(rows);
  }

  discarded(reason: string, rows: number): void {
    this.tally.discarded(reason, rows);
  }

  failed(code: ErrorCode): void {
    this.tally.error(code);
  }

  private begin(offset: number, timestampMs: number, output: Output): void {
    this.offset = offset;
    this.timestampMs = timestampMs;
    this.output = output;
    this.emitted = 0;
  }

  private tablePlaces(): Record<string, number> {
    return Object.fromEntries(this.tableNexts.map((next, table) => [this.names[table + 1], next]));
  }

  private noteTurn(table: string, next: number): void {
    const last = this.turns.at(-1);
    if (last === undefined || last.table !== table || last.sourceOffset !== this.next) {
      this.addTurn({ sourceOffset: this.next, table, next, records: 1, silentUntil: 0 });
      return;
    }
    last.next = next;
    last.records++;
  }

  private addTurn(turn: Turn): void {
    if (this.turns.length >= TURNS_MOST) this.writeTurns(this.output);
    this.turns.push(turn);
  }

  /** Puts on the log in which order the inputs were read: nothing else says it. */
  private writeTurns(output: Output): void {
    if (this.turns.length === 0) return;
    const { setting, partition, turns, names } = this;
    const { name, schemaId } = this.named(TURNS);
    const value = TURNS.record.encode({ component: setting.processor.name, sourceTopic: names[0], sourcePartition: partition, turns }, schemaId);
    const place = `${setting.processor.name}/${partition}`;
    const id = `${place}/turns-${turns[0].sourceOffset}.${this.tableNexts.join('.')}`;
    output.append({ topic: name, partition: 0, key: Buffer.from(place), value, timestampMs: this.timestampMs, headers: eventHeaders({ id, source: `/netweaver/${place}`, type: TURNS.record.name, timeMs: this.timestampMs, traceparent: output.traceparent }) });
    this.turns = [];
  }

  private source(): { component: string; sourceTopic: string; sourcePartition: number; sourceOffset: number } {
    return { component: this.setting.processor.name, sourceTopic: this.names[this.from], sourcePartition: this.partition, sourceOffset: this.offset };
  }

  private place(): Buffer {
    return Buffer.from(`${this.names[this.from]}/${this.partition}/${this.offset}`);
  }

  private named(topic: Topic): { name: string; partitions: number; schemaId: number } {
    const named = this.setting.names.get(topic);
    if (named === undefined) throw new Error(`${topic.name} is not declared by ${this.setting.processor.name}.`);
    return named;
  }
}
