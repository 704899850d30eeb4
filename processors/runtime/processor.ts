/**
 * A processor is a value: what it reads, writes and keeps, and a pure step. The runtime runs it on a log
 * (`worker.ts`), the test driver without one (`driver.ts`); both make a {@link ProcessorTask} a partition of the input.
 */
import type { Section, ValuesOf } from '../../infra/config/section';
import type { ErrorCode } from '../../infra/errors';
import type { Models } from '../../infra/inference/model';
import type { Topic } from '../../topics';
import type { Store } from './state/store';
import type { StoreView } from './state/view';

/** Windows of event time. Rows that come when stream time is `graceMs` past the end of theirs are late. */
export type Window =
  /** Tumbling; hopping where they begin every `advanceMs`. */
  | { readonly lengthMs: number; readonly advanceMs?: number; readonly graceMs: number }
  /** Sessions: they end where no row of the key came for `gapMs`. */
  | { readonly gapMs: number; readonly graceMs: number };

/** The declaration. */
export interface Processor<S extends Section = Section> {
  /** Also the consumer group, `netweaver.<name>` after the prefix of the topics, and the changelog. Lower case, dashes. */
  readonly name: string;
  /** What it is for, in a sentence. */
  readonly doc: string;
  /** How often its outputs appear for an input, and up to where. */
  readonly delivery: string;
  /** What it reads. State belongs to a partition of the input. */
  readonly input: Topic;
  /**
   * Topics that it joins with the input, each folded into a store by key. A partition of a table is read to its end before the first record of the
   * input is, then as it grows. They have as many partitions as the input, found by the same key: checked at the start (NW_INPUTS_UNLIKE).
   * A commit that took records of a table is a checkpoint: compaction may remove them, so they cannot be counted on to be there again.
   */
  readonly tables?: readonly Topic[];
  readonly outputs: readonly Topic[];
  /** Its configuration: default, unit and meaning of every key. */
  readonly section: S;
  /** Keys of the section that name text files (empty: none). A task gets what is in the file in place of its name. */
  readonly files?: readonly string[];
  /** Without records for so long a partition counts as silent; milliseconds. Default: `processing.idleMs`. */
  readonly idleMs?: number;
  /** Its windows under a configuration; none where it has no windows. */
  windows(settings: ValuesOf<S>): readonly Window[];
  /** A task for one partition, without state. */
  create(settings: ValuesOf<S>, resources: Resources): ProcessorTask;
}

/** What tasks of all partitions share, beside what they are given by records: functions of what they are called with, and of nothing else. */
export interface Resources {
  /** Models that may be run; nothing is loaded before one is opened. */
  readonly models: Models;
}

/** What a task does with the records of a topic. */
export interface RecordSteps {
  /** Takes the record apart, changing no store. What it throws with a code sends the record to dead-letters. */
  decode(value: Buffer, key: Buffer | null): void;
  /** As {@link decode}, of a tombstone: a record with this key and no value. Where it is missing, such a record goes to dead-letters. */
  decodeTombstone?(key: Buffer): void;
  /** Works on what was taken apart. Anything thrown undoes the transaction; the record then goes to dead-letters alone. */
  step(context: Context): void;
}

/**
 * The work on one partition. What it puts out and keeps is a function of its stores and of the records since: everything
 * that must outlive the task lies in `stores`, and no result depends on how records are grouped into transactions.
 */
export interface ProcessorTask extends RecordSteps {
  /** Everything that must outlive the task; the runtime restores and saves it. */
  readonly stores: readonly Store[];
  /** How people see the stores; those left out are kept for the task alone. */
  readonly views?: readonly StoreView[];
  /** Stream time, milliseconds since the epoch; null before the first event. */
  streamTime?(): number | null;
  /** What it does with the records of each of {@link Processor.tables}, in that order. */
  readonly tables?: readonly RecordSteps[];
  /** The time (receive time, milliseconds) from which {@link silence} has something to do; Infinity where it has not. */
  due?(): number;
  /** The partition has been silent and it is `timeMs` now: windows that only wait for records may go out. */
  silence?(timeMs: number, context: Context): void;
}

/** Offsets of the topic that is being read that an output was computed from, both included. */
export interface Causes {
  readonly first: number;
  readonly last: number;
}

/** Offsets of another topic of the processor, in the same partition, that went into an output: the other side of a join. */
export interface JoinedCauses extends Causes {
  readonly topic: Topic;
}

/** How an output is sent. */
export interface EmitOptions {
  /** Time of the event (`ce_time`) in milliseconds since the epoch. Default: the timestamp of the input record, which is that of the output record always. */
  readonly timeMs?: number;
  /** Default: the input record alone. null: nothing of the topic that is being read; then `joined` says what. */
  readonly causes?: Causes | null;
  /** Beside those. Default: none. */
  readonly joined?: readonly JoinedCauses[];
}

/** Rows that came after their window was closed, for the topic `late`. */
export interface Late {
  readonly rows: number;
  /** Event times, milliseconds since the epoch. */
  readonly earliest: number;
  readonly latest: number;
  /** Bytes of the rows, scaled. */
  readonly bytes: number;
  /** Stream time then. */
  readonly streamTime: number;
}

/** What the step is told and what it may do. */
export interface Context {
  /** Where the record comes from; in {@link ProcessorTask.silence} `offset` is that of the next record. */
  readonly partition: number;
  readonly offset: number;
  /** Timestamp of the record, milliseconds since the epoch. */
  readonly timestampMs: number;
  /** Hash of the configuration that the task runs under. */
  readonly configHash: string;
  /** Id to frame values of that topic with. */
  schemaId(topic: Topic): number;
  /** Partitions that an output has, for a step that puts rows of many keys into a record a partition. */
  partitionsOf(topic: Topic): number;
  /** Appends to an output; `partition` is taken modulo the partitions that the topic has. The value is the runtime's from now on; null is a tombstone. */
  emit(topic: Topic, partition: number, key: Buffer | null, value: Buffer | null, options?: EmitOptions): void;
  late(rows: Late): void;
  /** Refuses the record: it goes to dead-letters with its bytes, and nothing else of it should be kept. */
  deadLetter(code: ErrorCode, message: string): void;
  /** Rows in and out, and rows let go on purpose, for the metrics. */
  received(rows: number): void;
  sent(rows: number): void;
  /** Of the rows out, those whose window was not over and that went because there was no room for more. */
  sentEarly(rows: number): void;
  discarded(reason: string, rows: number): void;
  /** Counts an error that cost no record, because something else stepped in. */
  failed(code: ErrorCode): void;
}
