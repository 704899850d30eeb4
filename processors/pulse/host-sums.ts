import { hashWord } from '../../domain/sketch/hash';
import { hllAdd } from '../../domain/sketch/hyperloglog';
import type { Networks } from '../../domain/detect/networks';
import { REFLECTOR_OF } from '../../domain/detect/reflectors';
import { Table } from '../runtime/state/table';
import { ASKED, BUCKETS, BYTES, FLOWS, HOST_SKETCH, HOST_SUMS, ICMP, LONG_BYTES, LONG_PACKETS, LONG_SECONDS, OUT_BYTES, OUT_FLOWS, OUT_LONG_BYTES, OUT_LONG_PACKETS, OUT_LONG_SECONDS, OUT_PACKETS, PACKETS, PEERS_AT, PORTS_AT, PRECISION, REFLECTED_BYTES, REFLECTED_PACKETS, SERVICES_AT, SOURCES_AT, SPREAD_AT, SYN, UDP, VARIANCE } from './columns';
import { MOST_TOGETHER, type Run } from './run';

/** Ends of flows that are looked up together. */
const TOGETHER = 2 * MOST_TOGETHER;
/** What {@link REFLECTOR_OF} says of ports of no such service. */
const NO_SERVICE = 255;
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
  private readonly keys = new Int32Array(4 * TOGETHER);
  private readonly rows = new Int32Array(TOGETHER);
  /** Number of the flow in its run; negative and less one where the host is its source. */
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

  /** Adds up what the ends of flows received and sent that lie in networks, or anywhere where that is null. */
  add(run: Run, networks: Networks | null): void {
    const { keys, rows, flowOf } = this;
    const { first, count: flows } = run;
    const { srcAddrWords, dstAddrWords } = run.flows;
    let count = 0;
    for (let i = 0, at = 4 * first; i < flows; i++, at += 4) {
      if (take(dstAddrWords, at, networks, keys, 4 * count)) flowOf[count++] = i;
      if (take(srcAddrWords, at, networks, keys, 4 * count)) flowOf[count++] = -1 - i;
    }
    this.table.upsertAll(keys, count, rows);
    // Both in one loop, in the order of the flows: a host that gets its sketches for what it sent has them for what it receives next.
    const { doubles, doublesPerRow, doublesAt } = this.table;
    for (let end = 0; end < count; end++) {
      const i = flowOf[end];
      if (rows[end] < 0) this.refused++;
      else if (i >= 0) this.receive(run, i, rows[end], doubles, rows[end] * doublesPerRow + doublesAt);
      else this.send(run, -1 - i, rows[end], doubles, rows[end] * doublesPerRow + doublesAt);
    }
  }

  clear(): void {
    this.table.empty();
    this.sketches.empty();
  }

  /** Copies a host's sketches, as words, to `to`; false where it has none. */
  copySketch(host: number, into: Int32Array, to: number): boolean {
    const { words } = this.sketches;
    const row = this.sketchRow(host);
    if (row < 0) return false;
    const from = row * this.sketches.wordsPerRow + this.sketches.intsAt;
    for (let word = 0; word < HOST_SKETCH / 4; word++) into[to + word] = words[from + word];
    return true;
  }

  /** Row of a host's sketches; -1 where it has none. */
  private sketchRow(host: number): number {
    const { words, wordsPerRow, intsAt } = this.table;
    return words[host * wordsPerRow + intsAt] - 1;
  }

  private receive(run: Run, i: number, host: number, doubles: Float64Array, at: number): void {
    const { flows } = run;
    const row = run.first + i;
    const packets = run.packets[i];
    const bytes = run.bytes[i];
    const allPackets = (doubles[at + PACKETS] += packets);
    const allBytes = (doubles[at + BYTES] += bytes);
    doubles[at + FLOWS]++;
    const proto = flows.proto[row];
    let service = NO_SERVICE;
    if (proto === TCP_PROTO) {
      if ((flows.tcpFlags[row] & (SYN_FLAG | ACK_FLAG)) === SYN_FLAG) doubles[at + SYN] += packets;
    } else if (proto === UDP_PROTO) {
      doubles[at + UDP] += packets;
      service = REFLECTOR_OF[flows.srcPort[row] & 0xffff];
      if (service !== NO_SERVICE) {
        doubles[at + REFLECTED_PACKETS] += packets;
        doubles[at + REFLECTED_BYTES] += bytes;
      }
    } else if (proto === ICMP_PROTO || proto === ICMP6_PROTO) doubles[at + ICMP] += packets;
    if (run.parts[i] < 1) {
      doubles[at + LONG_PACKETS] += packets;
      doubles[at + LONG_BYTES] += bytes;
      doubles[at + LONG_SECONDS] += run.longSeconds[i];
    }
    // One packet in `rate` drawn at random: each that is exported stands for `rate`, with that squared (less itself) as variance.
    const rate = flows.samplingRate[row];
    if (rate > 1) doubles[at + VARIANCE] += packets * (rate - 1) * run.parts[i];
    const sketch = this.sketchRow(host);
    if (sketch >= 0 || allPackets >= this.floor.packets || allBytes >= this.floor.bytes) this.sketchReceived(run, i, host, sketch, service);
  }

  private send(run: Run, i: number, host: number, doubles: Float64Array, at: number): void {
    const { flows } = run;
    const row = run.first + i;
    const packets = run.packets[i];
    const bytes = run.bytes[i];
    const allPackets = (doubles[at + OUT_PACKETS] += packets);
    const allBytes = (doubles[at + OUT_BYTES] += bytes);
    doubles[at + OUT_FLOWS]++;
    if (flows.proto[row] === UDP_PROTO && REFLECTOR_OF[flows.dstPort[row] & 0xffff] !== NO_SERVICE) doubles[at + ASKED] += packets;
    if (run.parts[i] < 1) {
      doubles[at + OUT_LONG_PACKETS] += packets;
      doubles[at + OUT_LONG_BYTES] += bytes;
      doubles[at + OUT_LONG_SECONDS] += run.longSeconds[i];
    }
    const sketch = this.sketchRow(host);
    if (sketch >= 0 || allPackets >= this.floor.packets || allBytes >= this.floor.bytes) this.sketchSent(run, i, host, sketch);
  }

  /** Takes a flow into the sketches of the host that received it, which begin now where it has none. */
  private sketchReceived(run: Run, i: number, host: number, row: number, service: number): void {
    const sketch = this.sketchFor(host, row);
    if (sketch < 0) return;
    const { bytes, floats } = this;
    const hash = run.sources[i];
    hllAdd(bytes, sketch + SOURCES_AT, PRECISION, hash);
    hllAdd(bytes, sketch + PORTS_AT, PRECISION, hashWord(run.flows.dstPort[run.first + i]));
    floats[((sketch + SPREAD_AT) >> 2) + (hash & (BUCKETS - 1))] += run.packets[i];
    if (service !== NO_SERVICE) floats[((sketch + SERVICES_AT) >> 2) + service] += run.bytes[i];
  }

  private sketchSent(run: Run, i: number, host: number, row: number): void {
    const sketch = this.sketchFor(host, row);
    if (sketch >= 0) hllAdd(this.bytes, sketch + PEERS_AT, PRECISION, run.destinations[i]);
  }

  /** Where in {@link bytes} the sketches of a host begin that has that row of them, or gets one where that is -1; -1 where there is no room. */
  private sketchFor(host: number, row: number): number {
    const { table, sketches } = this;
    let found = row;
    if (found < 0) {
      sketches.key[0] = host;
      found = sketches.upsert();
      if (found < 0) return -1;
      table.words[host * table.wordsPerRow + table.intsAt] = found + 1;
    } else sketches.touch(found);
    this.look();
    return 4 * (found * sketches.wordsPerRow + sketches.intsAt);
  }

  private look(): void {
    const { words } = this.sketches;
    if (words === this.seen) return;
    this.seen = words;
    this.bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
    this.floats = new Float32Array(words.buffer, words.byteOffset, words.length);
  }
}

/** Takes the address at `at` among the keys, where it is one, and in one of the networks; false where not. */
function take(words: Int32Array, at: number, networks: Networks | null, keys: Int32Array, to: number): boolean {
  keys[to] = words[at];
  keys[to + 1] = words[at + 1];
  keys[to + 2] = words[at + 2];
  keys[to + 3] = words[at + 3];
  if ((keys[to] | keys[to + 1] | keys[to + 2] | keys[to + 3]) === 0) return false;
  return networks === null || networks.find(words, at) >= 0;
}
