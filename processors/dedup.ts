/**
 * Removes from the flows what was reported twice.
 *
 * 1. A datagram sent twice (a collector that was restarted before it acknowledged, a doubled path): equal exporter,
 *    observation domain, sequence number and content. All its flows go. Two different records of one exporter always
 *    stay: they are the slices of a long flow.
 * 2. A flow that several exporters report because it passes them all. The first to report a 5-tuple owns it: its records
 *    stay. Those of other exporters are its observations: they go to flows.observations, and are counted by `observers`
 *    of the owner's later records. When the owner has been silent about the flow for `ownerMs` of event time, the next
 *    exporter to report it takes over. A record of another exporter that ended before the owner's first began is a
 *    different flow and stays.
 *
 * An exporter is an address: its observation domains (line cards, sub-agents) are one exporter. Records without addresses
 * (frames that are not IP) are never one flow. Consequences to know: after a flow moved to another path, up to `ownerMs`
 * of it are counted at the old owner only; exporters whose clocks differ by more than `clockSkewMs` may have short flows
 * counted twice, by more than `ownerMs` all; an sFlow agent and a NetFlow exporter on one path are two exporters of one
 * flow, and whichever was first stands for it, with the precision that it has.
 *
 * Delivery: exactly once, from flows.raw to flows.unique and flows.observations: one record for each that has flows for
 * them, same partition, same order. State: about 48 bytes an IPv4 flow and 30 a datagram, each at most twice.
 */
import { flag, section, whole, type ValuesOf } from '../infra/config/section';
import { WIRE_PREFIX, writeWirePrefix } from '../infra/registry/registry';
import { FlowTupleBatchColumns } from '../schemas';
import { LONG_BYTES, writeLong } from '../schemas/avro';
import { isIpv4At } from '../schemas/ip';
import { FLOWS_OBSERVATIONS, FLOWS_RAW, FLOWS_UNIQUE, type Topic } from '../topics';
import { MAX_OWNERS, OWNER, ownerAndSpan, SEEN_HIGH, SEEN_LOW, sinceOf, UNTIL, WORDS } from './dedup/flow-row';
import { dedupViews } from './dedup/views';
import { checkDatagrams } from './runtime/flow-batch';
import type { Context, Processor, ProcessorTask } from './runtime/processor';
import { AgeingTable } from './runtime/state/ageing-table';
import { Cells } from './runtime/state/cells';
import { Table } from './runtime/state/table';

/** Keys of `dedup`. */
export const dedupSection = section('dedup', 'Removal of flows reported twice.', {
  datagramMs: whole({ doc: 'How long a datagram is remembered, so that the same one sent again is known; unit: milliseconds.', default: 120_000, min: 1000, max: 86_400_000 }),
  acrossExporters: flag({ doc: 'Whether a flow that several exporters report is kept from one of them only.', default: true }),
  ownerMs: whole({ doc: 'How long an exporter owns a flow after its last record of it: more than the active timeout of the exporters; unit: milliseconds of event time.', default: 120_000, min: 1000, max: 86_400_000 }),
  clockSkewMs: whole({ doc: 'How much the clocks of exporters may differ; unit: milliseconds.', default: 10_000, min: 0, max: 3_600_000 }),
  maxDatagrams: whole({ doc: 'Datagrams remembered in a partition; beyond, the oldest give way. Twice as many may be held, 40 bytes each.', default: 1_000_000, min: 1000, max: 16_000_000 }),
  maxFlows: whole({ doc: 'Flows remembered in a partition, IPv4 and IPv6 each; beyond, the oldest give way. Twice as many may be held, 48 bytes each, of IPv6 72.', default: 2_000_000, min: 1000, max: 16_000_000 }),
});

type Settings = ValuesOf<typeof dedupSection>;

/** Flows looked up together. */
const MOST_TOGETHER = 512;
/** In the place of the number of the exporter of a datagram that came before; -1 stands for an exporter that is not remembered. */
const SENT_BEFORE = -2;

class DedupTask implements ProcessorTask {
  private readonly batch = new FlowTupleBatchColumns();
  /** Numbers of exporters: the row of the address. Those beyond are never taken for duplicates. */
  readonly exporters = new Table({ name: 'exporters', keyWords: 4, ints: 0, doubles: 0, maxRows: MAX_OWNERS });
  readonly datagrams: AgeingTable;
  readonly flows4: AgeingTable;
  readonly flows6: AgeingTable;
  /** 0: latest time of receipt. */
  private readonly clock = new Cells('clock', 1);
  readonly stores;
  readonly views;
  private readonly ownerSeconds: number;
  private readonly skewSeconds: number;
  /** Number of the exporter of each datagram of the batch, -1 or {@link SENT_BEFORE}. */
  private exporterOf = new Int32Array(64);
  /** A datagram to look up. */
  private readonly one = { key: new Int32Array(5), rows: new Int32Array(1), fresh: new Uint8Array(1) };
  /** Flows to look up together: their numbers in the batch, keys, rows in a table. */
  private readonly run4 = new Run(4);
  private readonly run6 = new Run(10);
  /** For each flow of the batch the exporters known to have reported it, negative for an observation; 0 where it was sent before. */
  private observers = new Int8Array(1024);

  constructor(private readonly settings: Settings) {
    this.ownerSeconds = Math.ceil(settings.ownerMs / 1000);
    this.skewSeconds = Math.ceil(settings.clockSkewMs / 1000);
    this.datagrams = new AgeingTable({ name: 'datagrams', keyWords: 5, ints: 0, doubles: 0, maxRows: settings.maxDatagrams }, settings.datagramMs);
    const flows = { ints: WORDS, doubles: 0, maxRows: settings.maxFlows };
    this.flows4 = new AgeingTable({ name: 'flows4', keyWords: 4, ...flows }, settings.ownerMs);
    this.flows6 = new AgeingTable({ name: 'flows6', keyWords: 10, ...flows }, settings.ownerMs);
    this.stores = [this.exporters, ...this.datagrams.stores, ...this.flows4.stores, ...this.flows6.stores, this.clock];
    this.views = dedupViews(this);
  }

  streamTime(): number | null {
    return this.clock.values[0] || null;
  }

  decode(value: Buffer): void {
    this.batch.decode(value);
    checkDatagrams(this.batch);
  }

  step(context: Context): void {
    const { datagrams, flows } = this.batch;
    context.received(flows.length);
    for (let row = 0; row < datagrams.length; row++) {
      if (datagrams.receiveTime[row] > this.clock.values[0]) this.clock.set(0, datagrams.receiveTime[row]);
    }
    const now = this.clock.values[0];
    const evictedBefore = this.evicted();
    this.datagrams.advance(now);
    this.flows4.advance(now);
    this.flows6.advance(now);
    this.knowDatagrams(context);
    this.divide(context);
    const evicted = this.evicted() - evictedBefore;
    if (evicted > 0) context.discarded('state-evicted', evicted);
  }

  /** Fills {@link exporterOf}. */
  private knowDatagrams(context: Context): void {
    const { datagrams } = this.batch;
    if (this.exporterOf.length < datagrams.length) this.exporterOf = new Int32Array(2 * datagrams.length);
    for (let row = 0; row < datagrams.length; row++) {
      for (let word = 0; word < 4; word++) this.exporters.key[word] = datagrams.exporterWords[4 * row + word];
      let exporter = this.exporters.find();
      if (exporter < 0) exporter = this.exporters.upsert();
      this.exporterOf[row] = exporter;
      if (exporter < 0) {
        context.discarded('exporter-not-remembered', 1);
        continue;
      }
      const { key, rows, fresh } = this.one;
      key[0] = exporter;
      key[1] = datagrams.observationDomain[row];
      key[2] = datagrams.observationDomain[row] / 4294967296;
      key[3] = datagrams.sequence[row];
      key[4] = datagrams.contentHash[row];
      if (this.datagrams.has(key)) this.exporterOf[row] = SENT_BEFORE;
      else this.datagrams.upsertAll(key, 1, rows, fresh);
    }
  }

  /** Decides for every flow of the batch where it goes, and emits it there. */
  private divide(context: Context): void {
    const { flows, bytes } = this.batch;
    const { rowStart, length, datagram } = flows;
    const { acrossExporters } = this.settings;
    if (this.observers.length < length) this.observers = new Int8Array(2 * length);
    const { observers, exporterOf } = this;
    for (let row = 0; row < length; row++) {
      const exporter = exporterOf[datagram[row]];
      observers[row] = exporter === SENT_BEFORE ? 0 : 1;
      if (acrossExporters && exporter >= 0) this.take(row);
    }
    this.observe(this.run4, this.flows4);
    this.observe(this.run6, this.flows6);
    let unique = 0, uniqueBytes = 0, observations = 0, observationBytes = 0;
    for (let row = 0; row < length; row++) {
      const seen = observers[row];
      if (seen === 0) continue;
      const size = rowStart[row + 1] - rowStart[row];
      bytes[rowStart[row + 1] - 1] = 2 * Math.abs(seen);
      if (seen > 0) {
        unique++;
        uniqueBytes += size;
      } else {
        observations++;
        observationBytes += size;
      }
    }
    const sentTwice = length - unique - observations;
    if (sentTwice > 0) context.discarded('datagram-sent-twice', sentTwice);
    if (unique > 0) this.emit(context, FLOWS_UNIQUE, 1, unique, uniqueBytes);
    if (observations > 0) this.emit(context, FLOWS_OBSERVATIONS, -1, observations, observationBytes);
  }

  /** Emits the batch with the flows whose {@link observers} have that sign, their rows copied as bytes. */
  private emit(context: Context, topic: Topic, sign: number, rows: number, rowBytes: number): void {
    const { bytes, datagrams, flows } = this.batch;
    const datagramsFrom = datagrams.rowStart[0];
    const datagramsTo = datagrams.rowStart[datagrams.length];
    const out = Buffer.allocUnsafeSlow(WIRE_PREFIX + (datagramsTo - datagramsFrom) + rowBytes + 2 * LONG_BYTES + 2);
    writeWirePrefix(out, context.schemaId(topic));
    let position = writeLong(out, WIRE_PREFIX, datagrams.length);
    position += bytes.copy(out, position, datagramsFrom, datagramsTo);
    out[position++] = 0;
    position = writeLong(out, position, rows);
    const { rowStart, length } = flows;
    const { observers } = this;
    for (let row = 0; row < length; ) {
      if (sign * observers[row] <= 0) {
        row++;
        continue;
      }
      const from = row;
      while (row < length && sign * observers[row] > 0) row++;
      position += bytes.copy(out, position, rowStart[from], rowStart[row]);
    }
    out[position++] = 0;
    context.emit(topic, context.partition, null, out.subarray(0, position));
    context.sent(rows);
  }

  /** Puts a flow into the run of its kind, by its 5-tuple. */
  private take(row: number): void {
    const { srcAddrWords, dstAddrWords, srcPort, dstPort, proto } = this.batch.flows;
    const at = 4 * row;
    const isV4 = isIpv4At(srcAddrWords, at) && isIpv4At(dstAddrWords, at);
    const run = isV4 ? this.run4 : this.run6;
    const { keys } = run;
    let key = run.count * (isV4 ? 4 : 10);
    if (isV4) {
      keys[key++] = srcAddrWords[at + 3];
      keys[key++] = dstAddrWords[at + 3];
    } else {
      let addressed = 0;
      for (let word = 0; word < 4; word++, key++) {
        keys[key] = srcAddrWords[at + word];
        keys[key + 4] = dstAddrWords[at + word];
        addressed |= keys[key] | keys[key + 4];
      }
      if (addressed === 0) return;
      key += 4;
    }
    keys[key] = (srcPort[row] << 16) | (dstPort[row] & 0xffff);
    keys[key + 1] = proto[row];
    run.flows[run.count++] = row;
    if (run.count === MOST_TOGETHER) this.observe(run, isV4 ? this.flows4 : this.flows6);
  }

  /** Takes note of who reports the flows of a run, and empties it: sets how many exporters have reported each, negative where another's record of it stands. */
  private observe(run: Run, table: AgeingTable): void {
    const { flows } = this.batch;
    const { observers, exporterOf, ownerSeconds, skewSeconds } = this;
    table.upsertAll(run.keys, run.count, run.rows, run.fresh);
    const { words, wordsPerRow, intsAt } = table.young;
    for (let i = 0; i < run.count; i++) {
      const row = run.flows[i];
      const exporter = exporterOf[flows.datagram[row]];
      const start = Math.floor(flows.start[row] / 1000) | 0;
      const end = Math.floor(flows.end[row] / 1000) | 0;
      const cell = run.rows[i] * wordsPerRow + intsAt;
      const place = exporter % 63;
      const until = words[cell + UNTIL];
      const since = sinceOf(words, cell);
      const beyond = (end - until) | 0;
      const before = (since - end) | 0;
      const earlier = (since - start) | 0;
      if (run.fresh[i] === 1 || beyond > ownerSeconds || before > ownerSeconds) {
        words[cell + OWNER] = ownerAndSpan(exporter, (end - start) | 0);
        words[cell + UNTIL] = end;
        words[cell + SEEN_LOW] = 0;
        words[cell + SEEN_HIGH] = 0;
      } else if ((words[cell + OWNER] & 0xffff) !== exporter) {
        if (before > skewSeconds) continue;
        words[cell + SEEN_LOW + (place >> 5)] |= 1 << place;
        observers[row] = -ones(words[cell + SEEN_LOW]) - ones(words[cell + SEEN_HIGH]);
        continue;
      } else if (beyond > 0 || earlier > 0) {
        const last = beyond > 0 ? end : until;
        words[cell + OWNER] = ownerAndSpan(exporter, (last - (earlier > 0 ? start : since)) | 0);
        words[cell + UNTIL] = last;
      }
      words[cell + SEEN_LOW + (place >> 5)] |= 1 << place;
      observers[row] = ones(words[cell + SEEN_LOW]) + ones(words[cell + SEEN_HIGH]);
    }
    run.count = 0;
  }

  private evicted(): number {
    return this.datagrams.evicted + this.flows4.evicted + this.flows6.evicted;
  }
}

/** Flows whose keys are looked up together. */
class Run {
  count = 0;
  readonly flows = new Int32Array(MOST_TOGETHER);
  readonly rows = new Int32Array(MOST_TOGETHER);
  readonly fresh = new Uint8Array(MOST_TOGETHER);
  readonly keys: Int32Array;

  constructor(keyWords: number) {
    this.keys = new Int32Array(keyWords * MOST_TOGETHER);
  }
}

/** Bits set in a word. */
function ones(word: number): number {
  let v = word - ((word >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** The processor. */
export const dedup: Processor<typeof dedupSection> = {
  name: 'dedup',
  doc: 'Removes datagrams sent twice, and tells one exporter\'s records of a flow from those of the others.',
  delivery: 'exactly once, from flows.raw to flows.unique and flows.observations',
  input: FLOWS_RAW,
  outputs: [FLOWS_UNIQUE, FLOWS_OBSERVATIONS],
  section: dedupSection,
  windows: () => [],
  create: (settings) => new DedupTask(settings),
};
