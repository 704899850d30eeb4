/**
 * Runs a processor once more over a range of the log that it has processed before: the records of its input and the
 * silences that it was told of, in the order in which it met them. No output of a processor depends on anything else, so
 * the same range gives the same events.
 */
import { hasCode, type NetWeaverError } from '../../infra/errors';
import type { LogReader, LogRecord, OutgoingRecord } from '../../infra/log/log';
import type { Silence } from '../../schemas';
import { SILENCES, type Topic, type TopicCodec } from '../../topics';
import { StepFailure, Task, type Output, type TaskSetting } from './task';

/** A range of one partition of the input: events of offsets from `from` up to but not including `to`; silences before `to` belong to it. */
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
  /** Of the input. */
  readonly codec: TopicCodec<unknown>;
  /** Of this processor and partition, in the order of the log. */
  readonly silences: readonly Silence[];
}

/** The event's offset and, of an event of silence, its time, from its id (`<processor>/<partition>/<offset>-[s<time>-]<n>`). */
export function momentOf(id: string): { readonly offset: number; readonly silenceMs: number | null } | null {
  const match = /\/(\d+)-(?:s(\d+)-)?\d+$/.exec(id);
  return match === null ? null : { offset: Number(match[1]), silenceMs: match[2] === undefined ? null : Number(match[2]) };
}

/** True where an event with this id belongs to the range. */
export function isWithin(id: string, { from, to }: RerunRange, silences: readonly Silence[]): boolean {
  const moment = momentOf(id);
  if (moment === null || moment.offset < from || moment.offset > to) return false;
  return moment.offset < to || silences.some(({ sourceOffset, time }) => sourceOffset === to && time === moment.silenceMs);
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

const NOWHERE: Output = { append: () => undefined };

/** Runs a range; `emit` gets the events of the range, in order. A record whose step fails goes to dead-letters as it did, with the state before it. */
export async function rerun(range: RerunRange, { setting, reader, codec, silences }: RerunWith, emit: (record: OutgoingRecord) => void | Promise<void>): Promise<void> {
  const failures: StepFailure[] = [];
  let emitted = 0;
  for (;;) {
    const task = new Task(setting, range.partition);
    for (const failure of failures) task.setAside(failure);
    try {
      let events = 0;
      let pending: OutgoingRecord[] = [];
      const output: Output = { append: (record) => void pending.push(record) };
      const flush = async (): Promise<void> => {
        // After a failure what was sent before is not sent again.
        for (const record of pending) if (events++ >= emitted) await emit(record);
        pending = [];
        emitted = Math.max(emitted, events);
      };
      for await (const moment of moments(range, setting, reader, silences)) {
        const before = momentBefore(moment, range);
        if ('time' in moment) {
          task.next = moment.sourceOffset;
          task.silence(moment.time, before ? NOWHERE : output);
        } else {
          const value = await inOurSchema(moment, codec);
          if (before) task.replay(moment, value);
          else task.process(moment, output, value);
        }
        await flush();
        task.tally.reset();
      }
      return;
    } catch (error) {
      if (!(error instanceof StepFailure)) throw error;
      failures.push(error);
    }
  }
}

const momentBefore = (moment: LogRecord | Silence, { from }: RerunRange): boolean => ('time' in moment ? moment.sourceOffset : moment.offset) < from;

/** Records of the input and silences, each silence before the first record that was not read when it came. */
async function* moments({ partition, begin, to }: RerunRange, { processor, names }: TaskSetting, reader: LogReader, silences: readonly Silence[]): AsyncGenerator<LogRecord | Silence> {
  let next = silences.findIndex(({ sourceOffset }) => sourceOffset >= begin);
  if (next < 0) next = silences.length;
  const input: Topic = processor.input;
  for await (const record of reader.read({ topic: names.get(input)!.name, partition }, begin, to)) {
    while (next < silences.length && silences[next].sourceOffset <= record.offset) yield silences[next++];
    yield record;
  }
  while (next < silences.length && silences[next].sourceOffset <= to) yield silences[next++];
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
