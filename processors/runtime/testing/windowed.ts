/** Window sets under the test driver: rows go in as JSON, a record many rows; what the windows send comes out as JSON. */
import { section } from '../../../infra/config/section';
import { LATE_RECORDS } from '../../../schemas';
import { FLOWS_RAW, LATE, type Topic } from '../../../topics';
import { Driver } from '../driver';
import type { Context, Processor, ProcessorTask } from '../processor';
import { HoppingWindows, type HoppingOptions } from '../windows/hopping';
import type { ResultKind, Results } from '../windows/results';
import { SessionWindows, type SessionOptions } from '../windows/sessions';
import { StreamTime, type StreamTimeOptions } from '../windows/stream-time';

/** A row: key, event time, value. */
export type Row = readonly [key: number, time: number, value: number];

/** A row that went out. The columns are the sum of the values, how many there were, the smallest and the largest. */
export interface Sent {
  readonly kind: ResultKind;
  readonly key: number;
  readonly start: number;
  readonly end: number;
  readonly sum: number;
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly id: number;
  readonly gone: boolean;
  readonly revision: number;
  /** Time of receipt of the record with which it went out, or of the silence. */
  readonly sentAt: number;
}

type Common = 'name' | 'keyWords' | 'columns' | 'bytesColumn' | 'emit';
/** What a test says of its windows. Time: see {@link StreamTimeOptions}; what a test does not say lets nothing happen. */
export interface WindowedOptions {
  readonly time?: Partial<StreamTimeOptions>;
  readonly hopping?: Omit<HoppingOptions, Common>;
  readonly sessions?: Omit<SessionOptions, Common>;
}

const SENT: Topic = { ...LATE, name: 'sent', record: LATE_RECORDS, partitions: 'flowPartitions' };
const NOTHING = section('windowed', 'For tests.', {});
const DAY = 86_400_000;

/** A processor with those windows. */
export function windowed({ time = {}, hopping, sessions }: WindowedOptions): Processor<typeof NOTHING> {
  return {
    name: 'windowed', doc: '', delivery: 'exactly once', input: FLOWS_RAW, outputs: [SENT], section: NOTHING, windows: () => [],
    create(): ProcessorTask {
      const clock = new StreamTime({ name: 'time', pastMs: DAY, aheadMs: DAY, idleMs: 1000 * DAY, ...time });
      const common = { keyWords: 1, columns: ['sum', 'sum', 'min', 'max'], bytesColumn: 0, emit } as const;
      const sets = [...(hopping ? [new HoppingWindows(clock, { ...common, name: 'h', ...hopping })] : []), ...(sessions ? [new SessionWindows(clock, { ...common, name: 's', ...sessions })] : [])];
      let given: { received: number; rows: Row[] } = { received: 0, rows: [] };
      return {
        stores: [...clock.stores, ...sets.flatMap(({ stores }) => stores)],
        decode: (value) => void (given = JSON.parse(String(value)) as typeof given),
        step(context) {
          const { rows, received } = given;
          if (!clock.begin(rows.length, Float64Array.from(rows, ([, at]) => at), received, context)) return;
          for (const set of sets) set.add(Int32Array.from(rows, ([key]) => key), Float64Array.from(rows.flatMap(([, , value]) => [value, 1, value, value])), context);
          clock.end(context);
        },
        due: () => clock.due(),
        silence: (timeMs, context) => clock.silence(timeMs, context),
      };
    },
  };
}

function emit({ kind, count, keys, values, starts, ends, ids, gone, revisions, causes }: Results, context: Context): void {
  const rows = Array.from({ length: count }, (_, i): Omit<Sent, 'sentAt'> => ({ kind, key: keys[i], start: starts[i], end: ends[i], sum: values[4 * i], count: values[4 * i + 1], min: values[4 * i + 2], max: values[4 * i + 3], id: ids[i], gone: gone[i] === 1, revision: revisions[i] }));
  context.emit(SENT, context.partition, null, Buffer.from(JSON.stringify(rows)), { timeMs: ends[0], causes });
}

/** A driver of {@link windowed}. */
export class Windowed extends Driver<typeof NOTHING> {
  constructor(options: WindowedOptions) {
    super(windowed(options));
  }

  /** A record of rows, received at `received`: where nothing is said, when the last of them happened. */
  rows(rows: readonly Row[], { received = Math.max(...rows.map(([, at]) => at)), partition = 0 } = {}): number {
    return this.feed(Buffer.from(JSON.stringify({ received, rows })), { partition, timestampMs: received });
  }

  /** What went out, of one partition or of all. */
  sent(partition?: number): Sent[] {
    this.commit();
    return this.outputs.filter((output) => output.topic === SENT && (partition === undefined || output.partition === partition)).flatMap(({ value, timestampMs }) => (JSON.parse(String(value)) as Sent[]).map((one) => ({ ...one, sentAt: timestampMs })));
  }
}
