/**
 * What every host sent in the last five minutes, told every minute.
 *
 * Units: bytes and packets scaled by the sampling rate.
 *
 * Delivery: exactly once, from flows.unique to examples.host-trends and late.
 * State: 56 bytes a host and minute.
 */
import { section, whole, type ValuesOf } from '../../infra/config/section';
import { encodeHostTrafficColumns, FlowBatchColumns, HostTrafficColumns } from '../../schemas';
import { FLOWS_UNIQUE, TRAFFIC_BY_HOST, type Topic } from '../../topics';
import type { Context, Processor, ProcessorTask } from '../runtime/processor';
import type { Store } from '../runtime/state/store';
import { doubleColumn, keyColumn, TableView, type StoreView } from '../runtime/state/view';
import { HoppingWindows } from '../runtime/windows/hopping';
import type { Results } from '../runtime/windows/results';
import { StreamTime } from '../runtime/windows/stream-time';

/** Keys of `hostTrends`. */
export const hostTrendsSection = section('hostTrends', 'What hosts sent in the last five minutes.', {
  graceMs: whole({ doc: 'How long after the end of a window, in stream time, flows may still come; unit: milliseconds.', default: 30_000, min: 0, max: 3_600_000 }),
  maxHosts: whole({ doc: 'Hosts that are kept of a minute; beyond, what there is goes out as partial sums.', default: 100_000, min: 256, max: 3_000_000 }),
});

/** A topic has its schema; this one borrows that of traffic.by-host. */
export const HOST_TRENDS: Topic = { ...TRAFFIC_BY_HOST, name: 'examples.host-trends', writers: ['process: host-trends'], readers: [] };

const LENGTH_MS = 300_000;
const ADVANCE_MS = 60_000;

class HostTrends implements ProcessorTask {
  readonly stores: readonly Store[];
  readonly views: readonly StoreView[];
  private readonly batch = new FlowBatchColumns();
  private readonly time = new StreamTime({ name: 'time', pastMs: 3_600_000, aheadMs: 300_000, idleMs: 30_000 });
  private readonly windows: HoppingWindows;
  private readonly out = new HostTrafficColumns();
  /** Of each flow: when it was received; bytes, packets, flows. */
  private received = new Float64Array(0);
  private values = new Float64Array(0);

  constructor({ graceMs, maxHosts }: ValuesOf<typeof hostTrendsSection>) {
    this.windows = new HoppingWindows(this.time, {
      name: 'hosts',
      keyWords: 4,
      columns: ['sum', 'sum', 'sum'],
      lengthMs: LENGTH_MS,
      advanceMs: ADVANCE_MS,
      graceMs,
      maxKeys: maxHosts,
      bytesColumn: 0,
      emit: (results, context) => this.emit(results, context),
    });
    this.stores = [...this.time.stores, ...this.windows.stores];
    this.views = [
      new TableView({
        name: 'hosts',
        doc: 'What a host sent in a minute of which windows are open.',
        common: [{ name: 'minute', doc: 'Start of the minute.' }],
        columns: [keyColumn.address(0, 4, 'addr', 'Address of the host.'), doubleColumn(0, 'bytes', 'Bytes, scaled.'), doubleColumn(1, 'packets', 'Packets, scaled.'), doubleColumn(2, 'flows', 'Flows.')],
        parts: () => this.windows.parts(),
      }),
    ];
  }

  streamTime(): number | null {
    return this.time.shown;
  }

  decode(value: Buffer): void {
    this.batch.decode(value);
  }

  step(context: Context): void {
    const { datagrams, flows } = this.batch;
    context.received(flows.length);
    if (this.received.length < flows.length) {
      this.received = new Float64Array(2 * flows.length);
      this.values = new Float64Array(6 * flows.length);
    }
    for (let row = 0; row < flows.length; row++) {
      const rate = Math.max(1, flows.samplingRate[row]);
      this.received[row] = datagrams.receiveTime[flows.datagram[row]];
      this.values[3 * row] = flows.bytes[row] * rate;
      this.values[3 * row + 1] = flows.packets[row] * rate;
      this.values[3 * row + 2] = 1;
    }
    if (!this.time.begin(flows.length, flows.end, this.received, context)) return;
    this.windows.add(flows.srcAddrWords, this.values, context);
    this.time.end(context);
  }

  due(): number {
    return this.time.due();
  }

  silence(timeMs: number, context: Context): void {
    this.time.silence(timeMs, context);
  }

  /** Rows of one window, at most a thousand, as a record. */
  private emit({ count, keys, values, starts, ends, causes }: Results, context: Context): void {
    const { out } = this;
    const { rows } = Object.assign(out, { windowStart: starts[0], windowMs: LENGTH_MS, sourcePartition: context.partition });
    rows.reserve(count);
    rows.length = count;
    rows.addrWords.set(keys.subarray(0, 4 * count));
    for (let row = 0; row < count; row++) {
      rows.bytesOut[row] = values[3 * row];
      rows.packetsOut[row] = values[3 * row + 1];
      rows.flowsOut[row] = values[3 * row + 2];
    }
    context.emit(HOST_TRENDS, context.partition, null, encodeHostTrafficColumns(out, context.schemaId(HOST_TRENDS)), { timeMs: ends[0], causes });
  }
}

/** The processor. */
export const hostTrends: Processor<typeof hostTrendsSection> = {
  name: 'host-trends',
  doc: 'Adds up what every host sent in the last five minutes, every minute.',
  delivery: 'exactly once, from flows.unique to examples.host-trends and late',
  input: FLOWS_UNIQUE,
  outputs: [HOST_TRENDS],
  section: hostTrendsSection,
  windows: ({ graceMs }) => [{ lengthMs: LENGTH_MS, advanceMs: ADVANCE_MS, graceMs }],
  create: (settings) => new HostTrends(settings),
};
