import { hashAddress, hashWord } from '../../domain/sketch/hash';
import { hllAdd } from '../../domain/sketch/hyperloglog';
import { REFLECTOR_OF } from '../../domain/detect/reflectors';
import type { FlowBatchColumns } from '../../schemas';
import { Table } from '../runtime/state/table';
import { ASKED, BUCKETS, BYTES, FLOWS, HOST_SKETCH, HOST_SUMS, ICMP, LONG_BYTES, LONG_MS, LONG_PACKETS, LONG_SECONDS, OUT_BYTES, OUT_FLOWS, OUT_LONG_BYTES, OUT_LONG_PACKETS, OUT_LONG_SECONDS, OUT_PACKETS, PACKETS, PEERS_AT, PORTS_AT, PRECISION, REFLECTED_BYTES, REFLECTED_PACKETS, SERVICES_AT, SOURCES_AT, SPREAD_AT, SYN, UDP, VARIANCE } from './columns';

/** Hosts looked up together: both ends of half as many flows. */
const TOGETHER = 512;
const TCP_PROTO = 6, UDP_PROTO = 17, ICMP_PROTO = 1, ICMP6_PROTO = 58;
const SYN_FLAG = 2, ACK_FLAG = 16;

/** What makes a host worth a sketch: packets and bytes of a slot. */
export interface Floor {
  readonly packets: number;
  readonly bytes: number;
}

/** What the hosts of a slot received and sent; from the floor on with sketches. */
export class HostSums {
  readonly table: Table;
  /** By number of the host's row. */
  readonly sketches: Table;
  /** Ends of flows that found no room since this was read last. */
  refused = 0;
  private count = 0;
  private readonly keys = new Int32Array(4 * TOGETHER);
  private readonly rows = new Int32Array(TOGETHER);
  /** Number of the flow in its batch; negative and less one where the host is its source. */
  private readonly flowOf = new Int32Array(TOGETHER);
  /** The sketches' memory, seen as bytes and as numbers. */
  private seen: Int32Array = new Int32Array(0);
  private bytes: Uint8Array = new Uint8Array(0);
  private floats: Float32Array = new Float32Array(0);

  constructor(
    private readonly floor: Floor,
    maxHosts: number,
    maxSketches: number,
  ) {
    this.table = new Table({ name: 'hosts', keyWords: 4, ints: 1, doubles: HOST_SUMS, maxRows: maxHosts });
    this.sketches = new Table({ name: 'sketches', keyWords: 1, ints: HOST_SKETCH / 4, doubles: 0, maxRows: maxSketches });
  }

  /** Takes one end of a flow; it counts with the next {@link flush} at the latest. */
  take({ flows }: FlowBatchColumns, row: number, isSource: boolean): boolean {
    const { keys, count } = this;
    const words = isSource ? flows.srcAddrWords : flows.dstAddrWords;
    const [at, key] = [4 * row, 4 * count];
    keys[key] = words[at];
    keys[key + 1] = words[at + 1];
    keys[key + 2] = words[at + 2];
    keys[key + 3] = words[at + 3];
    this.flowOf[count] = isSource ? -1 - row : row;
    return ++this.count === TOGETHER;
  }

  /** Adds up what was taken of a batch. */
  flush(batch: FlowBatchColumns): void {
    const { count, rows, flowOf } = this;
    if (count === 0) return;
    this.table.upsertAll(this.keys, count, rows);
    for (let i = 0; i < count; i++) {
      if (rows[i] < 0) this.refused++;
      else if (flowOf[i] >= 0) this.receive(batch, flowOf[i], rows[i]);
      else this.send(batch, -1 - flowOf[i], rows[i]);
    }
    this.count = 0;
  }

  clear(): void {
    this.table.clear();
    this.sketches.clear();
  }

  /** Bytes of a host's sketches, null where it has none. */
  sketchOf(host: number): Uint8Array | null {
    const row = this.table.words[host * this.table.wordsPerRow + this.table.intsAt] - 1;
    if (row < 0) return null;
    this.look();
    return this.bytes.subarray(this.sketchAt(row), this.sketchAt(row) + HOST_SKETCH);
  }

  private receive({ flows }: FlowBatchColumns, row: number, host: number): void {
    const { doubles } = this.table;
    const at = host * this.table.doublesPerRow + this.table.doublesAt;
    const rate = Math.max(1, flows.samplingRate[row]);
    const ms = flows.end[row] - flows.start[row];
    const part = ms > LONG_MS ? 1000 / ms : 1;
    const packets = Math.max(0, flows.packets[row]) * rate * part;
    const bytes = Math.max(0, flows.bytes[row]) * rate * part;
    const proto = flows.proto[row];
    doubles[at + PACKETS] += packets;
    doubles[at + BYTES] += bytes;
    doubles[at + FLOWS]++;
    let service = 255;
    if (proto === TCP_PROTO) {
      if ((flows.tcpFlags[row] & (SYN_FLAG | ACK_FLAG)) === SYN_FLAG) doubles[at + SYN] += packets;
    } else if (proto === UDP_PROTO) {
      doubles[at + UDP] += packets;
      service = REFLECTOR_OF[flows.srcPort[row] & 0xffff];
      if (service !== 255) {
        doubles[at + REFLECTED_PACKETS] += packets;
        doubles[at + REFLECTED_BYTES] += bytes;
      }
    } else if (proto === ICMP_PROTO || proto === ICMP6_PROTO) doubles[at + ICMP] += packets;
    if (part < 1) {
      doubles[at + LONG_PACKETS] += packets;
      doubles[at + LONG_BYTES] += bytes;
      doubles[at + LONG_SECONDS] += (packets * ms) / 1000;
    }
    // One packet in `rate` drawn at random: each that is exported stands for `rate`, with that squared (less itself) as variance.
    if (rate > 1) doubles[at + VARIANCE] += packets * (rate - 1) * part;
    const sketch = this.sketchFor(host, at + PACKETS);
    if (sketch < 0) return;
    const hash = hashAddress(flows.srcAddrWords, 4 * row);
    hllAdd(this.bytes, sketch + SOURCES_AT, PRECISION, hash);
    hllAdd(this.bytes, sketch + PORTS_AT, PRECISION, hashWord(flows.dstPort[row]));
    this.floats[(sketch + SPREAD_AT) / 4 + (hash & (BUCKETS - 1))] += packets;
    if (service !== 255) this.floats[(sketch + SERVICES_AT) / 4 + service] += bytes;
  }

  private send({ flows }: FlowBatchColumns, row: number, host: number): void {
    const { doubles } = this.table;
    const at = host * this.table.doublesPerRow + this.table.doublesAt;
    const rate = Math.max(1, flows.samplingRate[row]);
    const ms = flows.end[row] - flows.start[row];
    const part = ms > LONG_MS ? 1000 / ms : 1;
    const packets = Math.max(0, flows.packets[row]) * rate * part;
    const bytes = Math.max(0, flows.bytes[row]) * rate * part;
    doubles[at + OUT_PACKETS] += packets;
    doubles[at + OUT_BYTES] += bytes;
    doubles[at + OUT_FLOWS]++;
    if (flows.proto[row] === UDP_PROTO && REFLECTOR_OF[flows.dstPort[row] & 0xffff] !== 255) doubles[at + ASKED] += packets;
    if (part < 1) {
      doubles[at + OUT_LONG_PACKETS] += packets;
      doubles[at + OUT_LONG_BYTES] += bytes;
      doubles[at + OUT_LONG_SECONDS] += (packets * ms) / 1000;
    }
    const sketch = this.sketchFor(host, at + OUT_PACKETS);
    if (sketch >= 0) hllAdd(this.bytes, sketch + PEERS_AT, PRECISION, hashAddress(flows.dstAddrWords, 4 * row));
  }

  /** Where in {@link bytes} a host's sketches begin; -1 where it has none, as its packets and bytes (beside each other, from `at` on) are below the floor, or there is no room. */
  private sketchFor(host: number, at: number): number {
    const { table, sketches, floor } = this;
    const cell = host * table.wordsPerRow + table.intsAt;
    let row = table.words[cell] - 1;
    if (row < 0) {
      if (table.doubles[at] < floor.packets && table.doubles[at + 1] < floor.bytes) return -1;
      sketches.key[0] = host;
      row = sketches.upsert();
      if (row < 0) return -1;
      table.words[cell] = row + 1;
    } else sketches.touch(row);
    this.look();
    return this.sketchAt(row);
  }

  private sketchAt(row: number): number {
    return 4 * (row * this.sketches.wordsPerRow + this.sketches.intsAt);
  }

  private look(): void {
    const { words } = this.sketches;
    if (words === this.seen) return;
    this.seen = words;
    this.bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
    this.floats = new Float32Array(words.buffer, words.byteOffset, words.length);
  }
}
