/**
 * Runs a processor once more over a range of the log that it has processed before: the records of its input, those of its tables
 * and the silences that it was told of, in the order in which it met them. No output of a processor depends on anything
 * else, so the same range gives the same events.
 */
import { hasCode, type NetWeaverError } from '../../infra/errors';
import type { LogReader, LogRecord, OutgoingRecord } from '../../infra/log/log';
import type { Silence, Turn, Turns } from '../../schemas';
import { SILENCES, TURNS, type TopicCodec } from '../../topics';
import { StepFailure, Task, type Output, type TaskSetting } from './task';

/** A range of one partition of the input: events of offsets from `from` up to but not including `to`; what came before `to`, silences and records of tables, belongs to it. */
export interface RerunRange {
  readonly partition: number;
  /** First offset that is still on the log: state is built from there. */
  readonly begin: number;
  readonly from: number;
  readonly to: number;
}

/** What a rerun works with. */
export interface RerunWith {
  readonly setting: TaskSetting;
  readonly reader: LogReader;
  /** Of the input and of the tables. */
  readonly codecs: readonly TopicCodec<unknown>[];
  readonly between: Between;
}

/** What a processor met between the records of a partition of its input, in the order of the log. */
export interface Between {
  readonly silences: readonly Silence[];
  /** Empty where it has no tables; else they hold the silences too. */
  readonly turns: readonly Turn[];
}

/** Where an event came from, from its id (`<processor>/<partition>/<offset>-[s<time>-|t<table>.<offset>-]<n>`): a record of the input, a silence before it, a record of a table (numbered from 1) before it. */
export function momentOf(id: string): { readonly offset: number; readonly silenceMs: number | null; readonly table: number; readonly tableOffset: number } | null {
  const match = /\/(\d+)-(?:s(\d+)-|t(\d+)\.(\d+)-)?\d+$/.exec(id);
  return match === null ? null : { offset: Number(match[1]), silenceMs: match[2] === undefined ? null : Number(match[2]), table: Number(match[3] ?? 0), tableOffset: Number(match[4] ?? 0) };
}

/** True where an event with this id belongs to the range. */
export function isWithin(id: string, { from, to }: RerunRange, { silences, turns }: Between, tables: readonly string[]): boolean {
  const moment = momentOf(id);
  if (moment === null || moment.offset < from || moment.offset > to) return false;
  if (moment.offset < to) return true;
  if (moment.table > 0) return turns.some(({ sourceOffset, table, next }) => sourceOffset === to && table === tables[moment.table - 1] && moment.tableOffset < next);
  return silences.some(({ sourceOffset, time }) => sourceOffset === to && time === moment.silenceMs);
}

/** Silences of a processor by partition. Those that an older log kept and this one dropped are missing: `netweaver replay-log` then shows their events as missing. */
export async function readSilences({ processor, names }: TaskSetting, reader: LogReader, codec: TopicCodec<Silence>): Promise<Map<number, Silence[]>> {
  const silences = new Map<number, Silence[]>();
  const { name: topic } = names.get(SILENCES)!;
  for (const { partition, begin, end } of await reader.bounds(topic)) {
    for await (const { value } of reader.read({ topic, partition }, begin, end)) {
      if (value === null) continue;
      const silence = await codec.decode(value);
      if (silence.component !== processor.name) continue;
      const known = silences.get(silence.sourcePartition);
      if (known === undefined) silences.set(silence.sourcePartition, [silence]);
      else known.push(silence);
    }
  }
  return silences;
}

/** Turns of a processor by partition; none where it has no tables. */
export async function readTurns({ processor, names }: TaskSetting, reader: LogReader, codec: TopicCodec<Turns>): Promise<Map<number, Turn[]>> {
  const turns = new Map<number, Turn[]>();
  const topic = names.get(TURNS)?.name;
  if (topic === undefined) return turns;
  for (const { partition, begin, end } of await reader.bounds(topic)) {
    for await (const { value } of reader.read({ topic, partition }, begin, end)) {
      if (value === null) continue;
      const read = await codec.decode(value);
      if (read.component !== processor.name) continue;
      const known = turns.get(read.sourcePartition);
      if (known === undefined) turns.set(read.sourcePartition, [...read.turns]);
      else for (const turn of read.turns) known.push(turn);
    }
  }
  return turns;
}

const NOWHERE: Output = { append: () => undefined };

/**
 * Runs a range; `emit` gets the events of the range, in order. A record whose step fails goes to dead-letters as it did, with the state before it.
 * Resolves to the tables of which fewer records are left than were read: what is replayed of them may differ.
 */
export async function rerun(range: RerunRange, { setting, reader, codecs, between }: RerunWith, emit: (record: OutgoingRecord) => void | Promise<void>): Promise<string[]> {
  const turnsName = setting.names.get(TURNS)?.name;
  const failures: StepFailure[] = [];
  let emitted = 0;
  for (;;) {
    const task = new Task(setting, range.partition);
    for (const failure of failures) task.setAside(failure);
    try {
      let events = 0;
      let pending: OutgoingRecord[] = [];
      const output: Output = { append: (record) => void (record.topic !== turnsName && pending.push(record)) };
      const flush = async (): Promise<void> => {
        // After a failure what was sent before is not sent again.
        for (const record of pending) if (events++ >= emitted) await emit(record);
        pending = [];
        emitted = Math.max(emitted, events);
      };
      const shrunk = new Set<string>();
      const moments = between.turns.length > 0 ? momentsOfTurns(range, setting, reader, between.turns, shrunk) : momentsOfSilences(range, setting, reader, between.silences);
      for await (const { before, table, record, silentUntil } of moments) {
        const known = before < range.from;
        if (record === null) {
          task.next = before;
          task.silence(silentUntil, known ? NOWHERE : output);
        } else if (table < 0) {
          const value = await inOurSchema(record, codecs[0]);
          if (known) task.replay(record, value);
          else task.process(record, output, value);
        } else {
          task.next = before;
          task.processTable(table, record, known ? NOWHERE : output, await inOurSchema(record, codecs[table + 1]));
        }
        await flush();
        task.tally.reset();
      }
      return [...shrunk];
    } catch (error) {
      if (!(error instanceof StepFailure)) throw error;
      failures.push(error);
    }
  }
}

/** A record of the input (table -1) or of a table, or a silence (no record); `before`: it comes before the record of the input there, or is that. */
interface Moment {
  readonly before: number;
  readonly table: number;
  readonly record: LogRecord | null;
  readonly silentUntil: number;
}

const ofInput = (record: LogRecord): Moment => ({ before: record.offset, table: -1, record, silentUntil: 0 });
const ofSilence = (before: number, silentUntil: number): Moment => ({ before, table: -1, record: null, silentUntil });

/** Records of the input and silences, each silence before the first record that was not read when it came. */
async function* momentsOfSilences({ partition, begin, to }: RerunRange, { processor, names }: TaskSetting, reader: LogReader, silences: readonly Silence[]): AsyncGenerator<Moment> {
  let next = silences.findIndex(({ sourceOffset }) => sourceOffset >= begin);
  if (next < 0) next = silences.length;
  const silence = (): Moment => ofSilence(silences[next].sourceOffset, silences[next++].time);
  for await (const record of reader.read({ topic: names.get(processor.input)!.name, partition }, begin, to)) {
    while (next < silences.length && silences[next].sourceOffset <= record.offset) yield silence();
    yield ofInput(record);
  }
  while (next < silences.length && silences[next].sourceOffset <= to) yield silence();
}

/** Records of the input, and what the turns say was between them. Tables of which not all is left are added to `shrunk`. */
async function* momentsOfTurns({ partition, begin, to }: RerunRange, { processor, names }: TaskSetting, reader: LogReader, turns: readonly Turn[], shrunk: Set<string>): AsyncGenerator<Moment> {
  const tables = (processor.tables ?? []).map((table) => names.get(table)!.name);
  const input = new Pieces(reader.read({ topic: names.get(processor.input)!.name, partition }, begin, to));
  const pieces = tables.map((topic) => new Pieces(reader.read({ topic, partition }, 0, turns.reduce((end, turn) => (turn.table === topic ? Math.max(end, turn.next) : end), 0))));
  try {
    for (const { sourceOffset, table: topic, next, records, silentUntil } of turns) {
      if (sourceOffset > to) break;
      for await (const record of input.before(sourceOffset)) yield ofInput(record);
      if (topic === '' && sourceOffset >= begin) yield ofSilence(sourceOffset, silentUntil);
      const table = tables.indexOf(topic);
      if (table < 0) continue;
      let left = 0;
      for await (const record of pieces[table].before(next)) {
        left++;
        yield { before: sourceOffset, table, record, silentUntil: 0 };
      }
      if (left < records) shrunk.add(topic);
    }
    for await (const record of input.before(to)) yield ofInput(record);
  } finally {
    for (const of of [input, ...pieces]) await of.close();
  }
}

/** Reads a partition once, piece by piece. */
class Pieces {
  private readonly records: AsyncIterator<LogRecord>;
  private ahead: LogRecord | null = null;

  constructor(records: AsyncIterable<LogRecord>) {
    this.records = records[Symbol.asyncIterator]();
  }

  /** The next records, up to but not including an offset. */
  async *before(offset: number): AsyncGenerator<LogRecord> {
    for (;;) {
      this.ahead ??= await this.next();
      if (this.ahead === null || this.ahead.offset >= offset) return;
      const record = this.ahead;
      this.ahead = null;
      yield record;
    }
  }

  async close(): Promise<void> {
    await this.records.return?.();
  }

  private async next(): Promise<LogRecord | null> {
    const { done, value } = await this.records.next();
    return done === true ? null : value;
  }
}

async function inOurSchema({ value }: LogRecord, codec: TopicCodec<unknown>): Promise<Buffer | NetWeaverError | null> {
  if (value === null) return null;
  try {
    return await codec.toOwn(value);
  } catch (error) {
    if (hasCode(error, 'NW_SCHEMA_UNKNOWN') || hasCode(error, 'NW_SCHEMA_MALFORMED')) return error;
    throw error;
  }
}
