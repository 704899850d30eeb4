import { hashAddress, hashWord } from '../../domain/sketch/hash';
import { hllRank, hllRegister } from '../../domain/sketch/hyperloglog';
import type { FlowBatchColumns } from '../../schemas';
import { BYTES, bytesOf, DESTINATIONS, DURATION, FLOWS, ICMP, INTERFACES, PACKETS, PORTS_TO, SOURCES, SUMS, TCP, UDP } from '../features/subjects';
import { sameExporters, scaled } from '../runtime/flow-batch';
import { InterfaceKeys } from '../runtime/interface-keys';
import type { Table } from '../runtime/state/table';
import type { HostFlows, HostTables } from './host-tables';

/** Flows that are added together. */
export const MOST_TOGETHER = 256;
/** Longer than this no flow lasts. */
const DAY_MS = 86_400_000;
const ICMP4 = 1, TCP6 = 6, UDP17 = 17, ICMP6 = 58;
const NO_SUM = -1;

/** Flows of one window that are added to its tables together: their numbers in the batch, and what is asked of them several times. */
export class Run implements HostFlows {
  count = 0;
  private batch!: FlowBatchColumns;
  private readonly flows = new Int32Array(MOST_TOGETHER);
  /** Of each: packets and bytes scaled, duration, which sum its protocol has, hashes of its ends and its destination port. */
  readonly packets = new Float64Array(MOST_TOGETHER);
  readonly bytes = new Float64Array(MOST_TOGETHER);
  readonly durations = new Float64Array(MOST_TOGETHER);
  readonly sums = new Int32Array(MOST_TOGETHER);
  readonly sources = new Int32Array(MOST_TOGETHER);
  readonly destinations = new Int32Array(MOST_TOGETHER);
  readonly ports = new Int32Array(MOST_TOGETHER);
  /** Keys to look up and their rows; for each end the place of its interface among them, -1 where it has none. */
  private readonly keys = new Int32Array(2 * 6 * MOST_TOGETHER);
  readonly rows = new Int32Array(2 * MOST_TOGETHER);
  private readonly places = new Int32Array(2 * MOST_TOGETHER);
  private readonly interfaces = new InterfaceKeys(this.keys, this.places, false);
  /** For each datagram of the batch the first of those right before it that have its exporter too. */
  private exporters = new Int32Array(0);

  /** Flows of this batch follow. */
  begin(batch: FlowBatchColumns): void {
    this.batch = batch;
    this.exporters = sameExporters(batch.datagrams, this.exporters);
    this.interfaces.begin(batch, this.exporters);
  }

  clear(): void {
    this.count = 0;
  }

  /** Takes the flows of the batch from `first` to `end`, which is not among them, that are of a slot, as many as there is room for: they are of none then. Where it stopped. */
  take(slots: Int16Array, slot: number, first: number, end: number): number {
    const { flows } = this;
    let { count } = this;
    let flow = first;
    for (; flow < end && count < MOST_TOGETHER; flow++) {
      if (slots[flow] !== slot) continue;
      slots[flow] = -1;
      flows[count++] = flow;
    }
    this.count = count;
    return flow;
  }

  /** Bytes of a flow of the batch, scaled. */
  bytesOf(flow: number): number {
    const { bytes, samplingRate } = this.batch.flows;
    return scaled(bytes[flow], samplingRate[flow]);
  }

  /** Works out what is asked of the flows. */
  measure(): void {
    const { count, flows: run, packets, bytes, durations, sums, sources, destinations, ports } = this;
    const { srcAddrWords, dstAddrWords, dstPort, proto, packets: exported, bytes: exportedBytes, samplingRate, start, end } = this.batch.flows;
    for (let i = 0; i < count; i++) {
      const flow = run[i];
      packets[i] = scaled(exported[flow], samplingRate[flow]);
      bytes[i] = scaled(exportedBytes[flow], samplingRate[flow]);
      const duration = end[flow] - start[flow];
      durations[i] = duration > 0 && duration < DAY_MS ? duration : 0;
      const protocol = proto[flow];
      sums[i] = protocol === TCP6 ? TCP : protocol === UDP17 ? UDP : protocol === ICMP4 || protocol === ICMP6 ? ICMP : NO_SUM;
      sources[i] = hashAddress(srcAddrWords, 4 * flow);
      destinations[i] = hashAddress(dstAddrWords, 4 * flow);
      ports[i] = hashWord(dstPort[flow]);
    }
  }

  /** Adds the flows to the hosts that sent and received them. The sums have room for all of them. */
  addHosts(hosts: HostTables, sums: Table, sketches: Table): void {
    const { count, flows: run, keys, rows, places } = this;
    const { srcAddrWords, dstAddrWords } = this.batch.flows;
    let known = 0;
    for (let i = 0; i < count; i++) known = this.address(dstAddrWords, 4 * run[i], i, known);
    for (let i = 0; i < count; i++) known = this.address(srcAddrWords, 4 * run[i], count + i, known);
    sums.upsertAll(keys, known, rows);
    if (known < 2 * count) for (let i = 2 * count - 1; i >= 0; i--) rows[i] = places[i] < 0 ? -1 : rows[places[i]];
    hosts.add(this, sums, sketches);
  }

  /** Adds the flows to the interfaces that they came in by and went out by. The table has room for all of them. */
  addInterfaces(table: Table): void {
    const { count, keys, rows, places } = this;
    table.upsertAll(keys, this.interfaces.take(this.flows, count), rows);
    const registers = bytesOf(table);
    const { packets, bytes, durations, sums, sources, destinations, ports } = this;
    const { doubles, doublesPerRow, doublesAt, wordsPerRow, intsAt } = table;
    const { precision, buckets, registers: perSketch } = INTERFACES;
    const mask = buckets - 1;
    const sourcesAt = SUMS + SOURCES * buckets, portsAt = SUMS + PORTS_TO * buckets, destinationsAt = SUMS + DESTINATIONS * buckets;
    for (let i = 0; i < count; i++) {
      const some = packets[i];
      const allBytes = bytes[i];
      const duration = durations[i];
      const sum = sums[i];
      const source = sourcesAt + (sources[i] & mask);
      const port = portsAt + (ports[i] & mask);
      const destination = destinationsAt + (destinations[i] & mask);
      const peerRegister = hllRegister(precision, sources[i]);
      const peerRank = hllRank(precision, sources[i]);
      const portRegister = perSketch + hllRegister(precision, ports[i]);
      const portRank = hllRank(precision, ports[i]);
      // A direction of an interface is one end or the other of all its flows.
      for (let end = i; end < 2 * count; end += count) {
        if (places[end] < 0) continue;
        const row = rows[places[end]];
        const at = row * doublesPerRow + doublesAt;
        doubles[at + BYTES] += allBytes;
        doubles[at + PACKETS] += some;
        doubles[at + FLOWS]++;
        doubles[at + DURATION] += duration;
        if (sum >= 0) doubles[at + sum] += some;
        doubles[at + source] += some;
        doubles[at + port] += some;
        doubles[at + destination] += some;
        const sketch = 4 * (row * wordsPerRow + intsAt);
        if (peerRank > registers[sketch + peerRegister]) registers[sketch + peerRegister] = peerRank;
        if (portRank > registers[sketch + portRegister]) registers[sketch + portRegister] = portRank;
      }
    }
  }

  /** Puts an address behind the first `known` keys, and its place into {@link places}; how many there are then. One that is all zero is none. */
  private address(words: Int32Array, from: number, to: number, known: number): number {
    const { keys, places } = this;
    if ((words[from] | words[from + 1] | words[from + 2] | words[from + 3]) === 0) {
      places[to] = -1;
      return known;
    }
    const key = 4 * known;
    keys[key] = words[from];
    keys[key + 1] = words[from + 1];
    keys[key + 2] = words[from + 2];
    keys[key + 3] = words[from + 3];
    places[to] = known;
    return known + 1;
  }
}
