/**
 * Flow batches under construction: one for each partition of `flows.raw`. Rows are written as Avro bytes straight into
 * their partition's buffer; a datagram's entry joins the table of each partition that got one of its flows. A finished batch
 * is byte for byte what an Avro library makes of the same FlowBatch: each array in one block.
 */
import { WIRE_PREFIX, writeWirePrefix } from '../../infra/registry/registry';
import type { BatchMemory } from './batch-memory';
import { writeLong, writeSignedInt, writeVarint } from './varint';

/** No row is longer, but for what it says in texts: 5 bytes an int, 10 a long, 17 an address. */
const LONGEST_ROW = 256;
const LONGEST_ENTRY = 96;

/** A batch of one partition under construction. Transcoders write at `position` of `rows` and move it on. */
export class BatchBuilder {
  rows: Uint8Array;
  view: DataView;
  position = 0;
  /** Rows in `rows`. */
  flows = 0;
  /** Datagrams in the table; the last is the present one. */
  datagrams = 0;
  /** Which of {@link FlowPartitions.begin}'s datagrams is the last in the table, and the serial of the first. */
  turn = -1;
  firstSerial = -1;
  private table = new Uint8Array(4096);
  private tableLength = 0;

  constructor(
    readonly partition: number,
    capacity: number,
  ) {
    this.rows = new Uint8Array(capacity);
    this.view = new DataView(this.rows.buffer);
  }

  /** Bytes so far. */
  get size(): number {
    return this.tableLength + this.position;
  }

  /** Makes room for a row of `length` bytes. */
  reserve(length: number): void {
    if (this.position + length <= this.rows.length) return;
    const grown = new Uint8Array(this.rows.length * 2);
    grown.set(this.rows.subarray(0, this.position));
    this.rows = grown;
    this.view = new DataView(grown.buffer);
  }

  /** Puts a datagram's entry into the table. */
  enter(entry: Uint8Array, length: number, turn: number, serial: number): void {
    if (this.datagrams === 0) this.firstSerial = serial;
    if (this.tableLength + LONGEST_ENTRY > this.table.length) {
      const grown = new Uint8Array(this.table.length * 2);
      grown.set(this.table.subarray(0, this.tableLength));
      this.table = grown;
    }
    for (let i = 0, to = this.tableLength; i < length; i++) this.table[to + i] = entry[i];
    this.tableLength += length;
    this.datagrams++;
    this.turn = turn;
  }

  /** The finished record value, in memory of its own (out of `memory` where there is one), and an empty builder. */
  take(schemaId: number, memory?: BatchMemory): Buffer {
    const length = WIRE_PREFIX + this.tableLength + this.position + 22;
    const value = memory?.take(length) ?? Buffer.allocUnsafeSlow(length);
    writeWirePrefix(value, schemaId);
    let at = WIRE_PREFIX;
    if (this.datagrams > 0) {
      at = writeLong(value, at, this.datagrams);
      value.set(this.table.subarray(0, this.tableLength), at);
      at += this.tableLength;
    }
    value[at++] = 0;
    if (this.flows > 0) {
      at = writeLong(value, at, this.flows);
      value.set(this.rows.subarray(0, this.position), at);
      at += this.position;
    }
    value[at++] = 0;
    this.position = this.flows = this.datagrams = this.tableLength = 0;
    this.turn = this.firstSerial = -1;
    return value.subarray(0, at);
  }
}

/** The datagram that rows belong to, as its entry will say. Times in milliseconds since the epoch. */
export interface DatagramHeader {
  readonly exporter: Uint8Array;
  readonly domain: number;
  readonly protocol: number;
  readonly sequence: number;
  readonly contentHash: number;
  readonly exportMs: number;
  readonly receiveMs: number;
  /** Datagrams that it stands for where the collector limits its exporter's rate: 1 itself alone. */
  readonly thinning: number;
  /** True where the exporter multiplied its counters by the sampling rate. */
  readonly scaled: boolean;
}

/** All partitions' batches. */
export class FlowPartitions {
  readonly builders: readonly BatchBuilder[];
  /** Rows written for the present datagram. */
  rows = 0;
  private readonly scale: number;
  private readonly entry = new Uint8Array(LONGEST_ENTRY);
  private entryLength = 0;
  private longestRow = LONGEST_ROW;
  private turn = -1;
  private serial = -1;

  /**
   * A batch of `cutBytes` is `full` when the next datagram has flows for it: the callback takes it. So batches are cut between
   * datagrams only, and one of them may be larger by what one datagram holds.
   */
  constructor(
    partitions: number,
    private readonly cutBytes = Infinity,
    private readonly full: (builder: BatchBuilder) => void = () => undefined,
  ) {
    const capacity = Math.min(Number.isFinite(cutBytes) ? cutBytes + (cutBytes >> 2) : 1 << 16, 1 << 20);
    this.builders = Array.from({ length: partitions }, (_, partition) => new BatchBuilder(partition, capacity));
    this.scale = partitions / 4294967296;
  }

  /** Rows may have texts of so many bytes more. */
  makeRoom(bytes: number): void {
    this.longestRow += bytes;
  }

  /** Begins a datagram. `serial` never falls; data that came before its template has that of the datagram that brought it. */
  begin(header: DatagramHeader, serial: number): void {
    const { entry } = this;
    const { exporter } = header;
    let at = writeVarint(entry, 0, exporter.length * 2);
    for (let i = 0; i < exporter.length; i++) entry[at++] = exporter[i];
    at = writeLong(entry, at, header.domain);
    at = writeVarint(entry, at, header.protocol * 2);
    at = writeLong(entry, at, header.sequence);
    at = writeSignedInt(entry, at, header.contentHash);
    at = writeLong(entry, at, header.exportMs);
    at = writeLong(entry, at, header.receiveMs);
    at = writeLong(entry, at, header.thinning);
    entry[at++] = header.scaled ? 1 : 0;
    this.entryLength = at;
    this.turn++;
    this.serial = serial;
    this.rows = 0;
  }

  /** The builder of a flow hash, with room for a row, which is counted. */
  at(hash: number): BatchBuilder {
    const builder = this.builders[Math.floor((hash >>> 0) * this.scale)];
    if (builder.turn !== this.turn) {
      if (builder.size >= this.cutBytes) this.full(builder);
      builder.enter(this.entry, this.entryLength, this.turn, this.serial);
    }
    builder.reserve(this.longestRow);
    builder.flows++;
    this.rows++;
    return builder;
  }
}
