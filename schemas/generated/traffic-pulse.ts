// Made from traffic/traffic-pulse.avsc by `npm run generate`. Change the schema, not this file.
import { AvroReader, AvroWriter, grown, malformed, takeRows, writeIpRow, writeLong } from '../avro';
import type { RecordType } from '../avro';
import { formatIpRow, IPV4_MAPPED_WORD } from '../ip';

const writer = new AvroWriter();
const objectReader = new AvroReader();

/** A host that much was sent to, or that sent much. */
export interface PulseHost {
  /** Address of the host. 4 bytes for IPv4, 16 for IPv6. */
  addr: string;
  /** Packets of the last second of the flows that ended: of flows up to 1.5 s all, of longer ones the packets of one second; scaled; unit: packets. */
  packets: number;
  /** IP bytes, likewise; unit: bytes. */
  bytes: number;
  /** Flow records; unit: flows. */
  flows: number;
  /** Of `packets` those of TCP flows with SYN and without ACK: nobody answered; unit: packets. */
  synPackets: number;
  /** Of `packets` those of UDP; unit: packets. */
  udpPackets: number;
  /** Of `packets` those of ICMP and ICMPv6; unit: packets. */
  icmpPackets: number;
  /** Of `packets` those of UDP from ports of services that are known to amplify; unit: packets. */
  reflectedPackets: number;
  /** Their IP bytes; unit: bytes. */
  reflectedBytes: number;
  /** Of `packets` those of flows longer than 1.5 s; unit: packets. */
  longPackets: number;
  /** Their IP bytes; unit: bytes. */
  longBytes: number;
  /** How long these flows were, weighted by `longPackets`: the sum of both multiplied; unit: packets * s. */
  longSeconds: number;
  /** Variance of `packets` that comes from sampling; unit: packets squared. */
  variance: number;
  /** Packets that it sent, counted as `packets`; unit: packets. */
  outPackets: number;
  /** Their IP bytes; unit: bytes. */
  outBytes: number;
  /** Flow records with it as the source; unit: flows. */
  outFlows: number;
  /** Of `outPackets` those of UDP to the ports of `reflectedPackets`; unit: packets. */
  askedPackets: number;
  /** As `longPackets`, sent; unit: packets. */
  outLongPackets: number;
  /** As `longBytes`, sent; unit: bytes. */
  outLongBytes: number;
  /** As `longSeconds`, sent; unit: packets * s. */
  outLongSeconds: number;
  /** Place of its sketches in `hostSketches`, -1 where there are none; no unit. */
  sketch: number;
}

/** A prefix that much was sent to. */
export interface PulsePrefix {
  /** Its first address. 4 bytes for IPv4, 16 for IPv6. */
  prefix: string;
  /** Its length; unit: bits. */
  bits: number;
  /** Packets of the last second of the flows that ended: of flows up to 1.5 s all, of longer ones the packets of one second; scaled; unit: packets. */
  packets: number;
  /** IP bytes, likewise; unit: bytes. */
  bytes: number;
  /** Flow records; unit: flows. */
  flows: number;
  /** Of `packets` those of TCP flows with SYN and without ACK: nobody answered; unit: packets. */
  synPackets: number;
  /** Of `packets` those of UDP; unit: packets. */
  udpPackets: number;
  /** Of `packets` those of ICMP and ICMPv6; unit: packets. */
  icmpPackets: number;
  /** Of `packets` those of UDP from ports of services that are known to amplify; unit: packets. */
  reflectedPackets: number;
  /** Their IP bytes; unit: bytes. */
  reflectedBytes: number;
  /** Of `packets` those of flows longer than 1.5 s; unit: packets. */
  longPackets: number;
  /** Their IP bytes; unit: bytes. */
  longBytes: number;
  /** How long these flows were, weighted by `longPackets`: the sum of both multiplied; unit: packets * s. */
  longSeconds: number;
}

/** An address that asks many in vain, or talks with many. */
export interface PulseSource {
  /** Address of the source. 4 bytes for IPv4, 16 for IPv6. */
  addr: string;
  /** Flows of TCP that open or close a connection and acknowledge nothing, since it was noticed; unit: flows. */
  probes: number;
  /** Address that the last of such flows went to; none where there was none. */
  lastTarget: string;
  /** Port that it went to; no unit. */
  lastPort: number;
}

/** What is worth a detector's look in a moment of the time of receipt, of one partition of flows: partial sums and sketches, mergeable by addition, by the larger register, and by either bit. */
export interface TrafficPulse {
  /** Start of the moment, in milliseconds since the epoch; a flow belongs to the moment in which it was received. */
  slotStart: number;
  /** Its length; unit: milliseconds. */
  slotMs: number;
  /** Partition of flows.unique that it was made from; no unit. */
  sourcePartition: number;
  /** Hosts above the floor. */
  hosts: PulseHost[];
  /** Prefixes above the floor. */
  prefixes: PulsePrefix[];
  /** Sources that are worth a look. */
  sources: PulseSource[];
  /** 304 bytes a host that has them: HyperLogLogs of 64 registers of the addresses that sent to it, of its ports that were sent to, of the addresses that it sent to; then 32-bit floating point, little-endian: `packets` by the hash of their source, 16 buckets; `reflectedBytes` by service, 12 in the order of the detectors' list. No unit; packets; bytes. */
  hostSketches: Buffer;
  /** 32 bytes a row of `prefixes`: addresses of it that were sent to, bit by the last byte of an IPv4 address, by a hash of others; no unit. */
  prefixSketches: Buffer;
  /** 256 bytes a row of `sources`, HyperLogLogs of 64 registers: addresses that its `probes` went to, addresses that it has TCP connections with, ports that its `probes` went to, and one in 64, drawn by their hash, of the addresses that it sent anything to; no unit. */
  sourceSketches: Buffer;
}

/** The schema's text, as it is registered. */
export const TRAFFIC_PULSE_SCHEMA =
  '{"type":"record","name":"TrafficPulse","namespace":"netweaver.traffic","doc":"What is worth a detector\'s look in a moment of the time of receipt, of one partition of flows: partial sums and sketches, mergeable by addition, by the larger register, and by either bit.","fields":[{"name":"slotStart","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Start of the moment, in milliseconds since the epoch; a flow belongs to the moment in which it was received."},{"name":"slotMs","type":"long","doc":"Its length; unit: milliseconds."},{"name":"sourcePartition","type":"int","doc":"Partition of flows.unique that it was made from; no unit."},{"name":"hosts","type":{"type":"array","items":{"type":"record","name":"PulseHost","doc":"A host that much was sent to, or that sent much.","fields":[{"name":"addr","type":{"type":"bytes","logicalType":"ip-address"},"doc":"Address of the host. 4 bytes for IPv4, 16 for IPv6."},{"name":"packets","type":"long","doc":"Packets of the last second of the flows that ended: of flows up to 1.5 s all, of longer ones the packets of one second; scaled; unit: packets."},{"name":"bytes","type":"long","doc":"IP bytes, likewise; unit: bytes."},{"name":"flows","type":"long","doc":"Flow records; unit: flows."},{"name":"synPackets","type":"long","doc":"Of `packets` those of TCP flows with SYN and without ACK: nobody answered; unit: packets."},{"name":"udpPackets","type":"long","doc":"Of `packets` those of UDP; unit: packets."},{"name":"icmpPackets","type":"long","doc":"Of `packets` those of ICMP and ICMPv6; unit: packets."},{"name":"reflectedPackets","type":"long","doc":"Of `packets` those of UDP from ports of services that are known to amplify; unit: packets."},{"name":"reflectedBytes","type":"long","doc":"Their IP bytes; unit: bytes."},{"name":"longPackets","type":"long","doc":"Of `packets` those of flows longer than 1.5 s; unit: packets."},{"name":"longBytes","type":"long","doc":"Their IP bytes; unit: bytes."},{"name":"longSeconds","type":"long","doc":"How long these flows were, weighted by `longPackets`: the sum of both multiplied; unit: packets * s."},{"name":"variance","type":"long","doc":"Variance of `packets` that comes from sampling; unit: packets squared."},{"name":"outPackets","type":"long","doc":"Packets that it sent, counted as `packets`; unit: packets."},{"name":"outBytes","type":"long","doc":"Their IP bytes; unit: bytes."},{"name":"outFlows","type":"long","doc":"Flow records with it as the source; unit: flows."},{"name":"askedPackets","type":"long","doc":"Of `outPackets` those of UDP to the ports of `reflectedPackets`; unit: packets."},{"name":"outLongPackets","type":"long","doc":"As `longPackets`, sent; unit: packets."},{"name":"outLongBytes","type":"long","doc":"As `longBytes`, sent; unit: bytes."},{"name":"outLongSeconds","type":"long","doc":"As `longSeconds`, sent; unit: packets * s."},{"name":"sketch","type":"int","doc":"Place of its sketches in `hostSketches`, -1 where there are none; no unit."}]}},"doc":"Hosts above the floor."},{"name":"prefixes","type":{"type":"array","items":{"type":"record","name":"PulsePrefix","doc":"A prefix that much was sent to.","fields":[{"name":"prefix","type":{"type":"bytes","logicalType":"ip-address"},"doc":"Its first address. 4 bytes for IPv4, 16 for IPv6."},{"name":"bits","type":"int","doc":"Its length; unit: bits."},{"name":"packets","type":"long","doc":"Packets of the last second of the flows that ended: of flows up to 1.5 s all, of longer ones the packets of one second; scaled; unit: packets."},{"name":"bytes","type":"long","doc":"IP bytes, likewise; unit: bytes."},{"name":"flows","type":"long","doc":"Flow records; unit: flows."},{"name":"synPackets","type":"long","doc":"Of `packets` those of TCP flows with SYN and without ACK: nobody answered; unit: packets."},{"name":"udpPackets","type":"long","doc":"Of `packets` those of UDP; unit: packets."},{"name":"icmpPackets","type":"long","doc":"Of `packets` those of ICMP and ICMPv6; unit: packets."},{"name":"reflectedPackets","type":"long","doc":"Of `packets` those of UDP from ports of services that are known to amplify; unit: packets."},{"name":"reflectedBytes","type":"long","doc":"Their IP bytes; unit: bytes."},{"name":"longPackets","type":"long","doc":"Of `packets` those of flows longer than 1.5 s; unit: packets."},{"name":"longBytes","type":"long","doc":"Their IP bytes; unit: bytes."},{"name":"longSeconds","type":"long","doc":"How long these flows were, weighted by `longPackets`: the sum of both multiplied; unit: packets * s."}]}},"doc":"Prefixes above the floor."},{"name":"sources","type":{"type":"array","items":{"type":"record","name":"PulseSource","doc":"An address that asks many in vain, or talks with many.","fields":[{"name":"addr","type":{"type":"bytes","logicalType":"ip-address"},"doc":"Address of the source. 4 bytes for IPv4, 16 for IPv6."},{"name":"probes","type":"long","doc":"Flows of TCP that open or close a connection and acknowledge nothing, since it was noticed; unit: flows."},{"name":"lastTarget","type":{"type":"bytes","logicalType":"ip-address"},"doc":"Address that the last of such flows went to; none where there was none."},{"name":"lastPort","type":"int","doc":"Port that it went to; no unit."}]}},"doc":"Sources that are worth a look."},{"name":"hostSketches","type":"bytes","doc":"304 bytes a host that has them: HyperLogLogs of 64 registers of the addresses that sent to it, of its ports that were sent to, of the addresses that it sent to; then 32-bit floating point, little-endian: `packets` by the hash of their source, 16 buckets; `reflectedBytes` by service, 12 in the order of the detectors\' list. No unit; packets; bytes."},{"name":"prefixSketches","type":"bytes","doc":"32 bytes a row of `prefixes`: addresses of it that were sent to, bit by the last byte of an IPv4 address, by a hash of others; no unit."},{"name":"sourceSketches","type":"bytes","doc":"256 bytes a row of `sources`, HyperLogLogs of 64 registers: addresses that its `probes` went to, addresses that it has TCP connections with, ports that its `probes` went to, and one in 64, drawn by their hash, of the addresses that it sent anything to; no unit."}]}';

function putPulseHost(value: PulseHost): void {
  writer.ip(value.addr);
  writer.long(value.packets);
  writer.long(value.bytes);
  writer.long(value.flows);
  writer.long(value.synPackets);
  writer.long(value.udpPackets);
  writer.long(value.icmpPackets);
  writer.long(value.reflectedPackets);
  writer.long(value.reflectedBytes);
  writer.long(value.longPackets);
  writer.long(value.longBytes);
  writer.long(value.longSeconds);
  writer.long(value.variance);
  writer.long(value.outPackets);
  writer.long(value.outBytes);
  writer.long(value.outFlows);
  writer.long(value.askedPackets);
  writer.long(value.outLongPackets);
  writer.long(value.outLongBytes);
  writer.long(value.outLongSeconds);
  writer.int(value.sketch);
}

function putPulsePrefix(value: PulsePrefix): void {
  writer.ip(value.prefix);
  writer.int(value.bits);
  writer.long(value.packets);
  writer.long(value.bytes);
  writer.long(value.flows);
  writer.long(value.synPackets);
  writer.long(value.udpPackets);
  writer.long(value.icmpPackets);
  writer.long(value.reflectedPackets);
  writer.long(value.reflectedBytes);
  writer.long(value.longPackets);
  writer.long(value.longBytes);
  writer.long(value.longSeconds);
}

function putPulseSource(value: PulseSource): void {
  writer.ip(value.addr);
  writer.long(value.probes);
  writer.ip(value.lastTarget);
  writer.int(value.lastPort);
}

function putTrafficPulse(value: TrafficPulse): void {
  writer.long(value.slotStart);
  writer.long(value.slotMs);
  writer.int(value.sourcePartition);
  if (value.hosts.length > 0) writer.long(value.hosts.length);
  for (const row of value.hosts) putPulseHost(row);
  writer.long(0);
  if (value.prefixes.length > 0) writer.long(value.prefixes.length);
  for (const row of value.prefixes) putPulsePrefix(row);
  writer.long(0);
  if (value.sources.length > 0) writer.long(value.sources.length);
  for (const row of value.sources) putPulseSource(row);
  writer.long(0);
  writer.blob(value.hostSketches);
  writer.blob(value.prefixSketches);
  writer.blob(value.sourceSketches);
}

const takePulseHost = (reader: AvroReader): PulseHost => ({
    addr: reader.ip(),
    packets: reader.long(),
    bytes: reader.long(),
    flows: reader.long(),
    synPackets: reader.long(),
    udpPackets: reader.long(),
    icmpPackets: reader.long(),
    reflectedPackets: reader.long(),
    reflectedBytes: reader.long(),
    longPackets: reader.long(),
    longBytes: reader.long(),
    longSeconds: reader.long(),
    variance: reader.long(),
    outPackets: reader.long(),
    outBytes: reader.long(),
    outFlows: reader.long(),
    askedPackets: reader.long(),
    outLongPackets: reader.long(),
    outLongBytes: reader.long(),
    outLongSeconds: reader.long(),
    sketch: reader.int(),
});

const takePulsePrefix = (reader: AvroReader): PulsePrefix => ({
    prefix: reader.ip(),
    bits: reader.int(),
    packets: reader.long(),
    bytes: reader.long(),
    flows: reader.long(),
    synPackets: reader.long(),
    udpPackets: reader.long(),
    icmpPackets: reader.long(),
    reflectedPackets: reader.long(),
    reflectedBytes: reader.long(),
    longPackets: reader.long(),
    longBytes: reader.long(),
    longSeconds: reader.long(),
});

const takePulseSource = (reader: AvroReader): PulseSource => ({
    addr: reader.ip(),
    probes: reader.long(),
    lastTarget: reader.ip(),
    lastPort: reader.int(),
});

const takeTrafficPulse = (reader: AvroReader): TrafficPulse => ({
    slotStart: reader.long(),
    slotMs: reader.long(),
    sourcePartition: reader.int(),
    hosts: takeRows(reader, 21, takePulseHost),
    prefixes: takeRows(reader, 13, takePulsePrefix),
    sources: takeRows(reader, 4, takePulseSource),
    hostSketches: reader.blob(),
    prefixSketches: reader.blob(),
    sourceSketches: reader.blob(),
});

/** Encodes with the Confluent prefix. @throws NW_SCHEMA_MALFORMED a value that the schema does not allow. */
export function encodeTrafficPulse(value: TrafficPulse, schemaId: number): Buffer {
  writer.begin(schemaId);
  putTrafficPulse(value);
  return writer.finish();
}

/** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED */
export function decodeTrafficPulse(value: Uint8Array): TrafficPulse {
  objectReader.begin(value);
  const result = takeTrafficPulse(objectReader);
  objectReader.finish();
  return result;
}

/** TrafficPulse with its code, as a topic holds it. */
export const TRAFFIC_PULSE: RecordType<TrafficPulse> = { name: 'netweaver.traffic.TrafficPulse', schema: TRAFFIC_PULSE_SCHEMA, encode: encodeTrafficPulse, decode: decodeTrafficPulse };

/** Most bytes that one PulseHost takes. */
export const PULSE_HOST_MAX_BYTES = 174;

/** Rows of PulseHost as columns. `length` rows are in use; the arrays may be longer and are replaced by `reserve` and `decode`. */
export class PulseHostColumns {
  length = 0;
  /** Byte offset of each row in the `bytes` of the batch it was decoded from; one more for the end of the last. */
  rowStart: Int32Array = new Int32Array(1);
  /** Address of the host. 4 bytes for IPv4, 16 for IPv6. 16 bytes a row; IPv4 as IPv4-mapped, none all zero. */
  addr: Uint8Array = new Uint8Array(0);
  /** The same memory as `addr`: 4 little-endian words a row. */
  addrWords: Int32Array = new Int32Array(0);
  /** Packets of the last second of the flows that ended: of flows up to 1.5 s all, of longer ones the packets of one second; scaled; unit: packets. */
  packets: Float64Array = new Float64Array(0);
  /** IP bytes, likewise; unit: bytes. */
  bytes: Float64Array = new Float64Array(0);
  /** Flow records; unit: flows. */
  flows: Float64Array = new Float64Array(0);
  /** Of `packets` those of TCP flows with SYN and without ACK: nobody answered; unit: packets. */
  synPackets: Float64Array = new Float64Array(0);
  /** Of `packets` those of UDP; unit: packets. */
  udpPackets: Float64Array = new Float64Array(0);
  /** Of `packets` those of ICMP and ICMPv6; unit: packets. */
  icmpPackets: Float64Array = new Float64Array(0);
  /** Of `packets` those of UDP from ports of services that are known to amplify; unit: packets. */
  reflectedPackets: Float64Array = new Float64Array(0);
  /** Their IP bytes; unit: bytes. */
  reflectedBytes: Float64Array = new Float64Array(0);
  /** Of `packets` those of flows longer than 1.5 s; unit: packets. */
  longPackets: Float64Array = new Float64Array(0);
  /** Their IP bytes; unit: bytes. */
  longBytes: Float64Array = new Float64Array(0);
  /** How long these flows were, weighted by `longPackets`: the sum of both multiplied; unit: packets * s. */
  longSeconds: Float64Array = new Float64Array(0);
  /** Variance of `packets` that comes from sampling; unit: packets squared. */
  variance: Float64Array = new Float64Array(0);
  /** Packets that it sent, counted as `packets`; unit: packets. */
  outPackets: Float64Array = new Float64Array(0);
  /** Their IP bytes; unit: bytes. */
  outBytes: Float64Array = new Float64Array(0);
  /** Flow records with it as the source; unit: flows. */
  outFlows: Float64Array = new Float64Array(0);
  /** Of `outPackets` those of UDP to the ports of `reflectedPackets`; unit: packets. */
  askedPackets: Float64Array = new Float64Array(0);
  /** As `longPackets`, sent; unit: packets. */
  outLongPackets: Float64Array = new Float64Array(0);
  /** As `longBytes`, sent; unit: bytes. */
  outLongBytes: Float64Array = new Float64Array(0);
  /** As `longSeconds`, sent; unit: packets * s. */
  outLongSeconds: Float64Array = new Float64Array(0);
  /** Place of its sketches in `hostSketches`, -1 where there are none; no unit. */
  sketch: Int32Array = new Int32Array(0);
  protected capacity = 0;

  /** Makes room for so many rows; what is there is kept. */
  reserve(rows: number): void {
    if (rows <= this.capacity) return;
    const capacity = Math.max(64, rows, 2 * this.capacity);
    this.rowStart = grown(this.rowStart, capacity + 1);
    this.addr = grown(this.addr, capacity * 16);
    this.addrWords = new Int32Array(this.addr.buffer);
    this.packets = grown(this.packets, capacity);
    this.bytes = grown(this.bytes, capacity);
    this.flows = grown(this.flows, capacity);
    this.synPackets = grown(this.synPackets, capacity);
    this.udpPackets = grown(this.udpPackets, capacity);
    this.icmpPackets = grown(this.icmpPackets, capacity);
    this.reflectedPackets = grown(this.reflectedPackets, capacity);
    this.reflectedBytes = grown(this.reflectedBytes, capacity);
    this.longPackets = grown(this.longPackets, capacity);
    this.longBytes = grown(this.longBytes, capacity);
    this.longSeconds = grown(this.longSeconds, capacity);
    this.variance = grown(this.variance, capacity);
    this.outPackets = grown(this.outPackets, capacity);
    this.outBytes = grown(this.outBytes, capacity);
    this.outFlows = grown(this.outFlows, capacity);
    this.askedPackets = grown(this.askedPackets, capacity);
    this.outLongPackets = grown(this.outLongPackets, capacity);
    this.outLongBytes = grown(this.outLongBytes, capacity);
    this.outLongSeconds = grown(this.outLongSeconds, capacity);
    this.sketch = grown(this.sketch, capacity);
    this.capacity = capacity;
  }

  /** One row as an object. */
  at(row: number): PulseHost {
    return {
      addr: formatIpRow(this.addr, row * 16),
      packets: this.packets[row],
      bytes: this.bytes[row],
      flows: this.flows[row],
      synPackets: this.synPackets[row],
      udpPackets: this.udpPackets[row],
      icmpPackets: this.icmpPackets[row],
      reflectedPackets: this.reflectedPackets[row],
      reflectedBytes: this.reflectedBytes[row],
      longPackets: this.longPackets[row],
      longBytes: this.longBytes[row],
      longSeconds: this.longSeconds[row],
      variance: this.variance[row],
      outPackets: this.outPackets[row],
      outBytes: this.outBytes[row],
      outFlows: this.outFlows[row],
      askedPackets: this.askedPackets[row],
      outLongPackets: this.outLongPackets[row],
      outLongBytes: this.outLongBytes[row],
      outLongSeconds: this.outLongSeconds[row],
      sketch: this.sketch[row],
    };
  }

  /** Reads an array's blocks. Rows of later blocks are moved up to the earlier, so that all rows lie one after the other. */
  decode(reader: AvroReader): void {
    this.length = 0;
    this.rowStart[0] = reader.position;
    for (let count = reader.block(21); count > 0; count = reader.block(21)) {
      if (this.length === 0) this.rowStart[0] = reader.position;
      this.reserve(this.length + count);
      this.decodeRows(reader, count);
    }
  }

  protected decodeRows(reader: AvroReader, count: number): void {
    const { bytes, end } = reader;
    const { rowStart, addrWords: addrColumn, packets: packetsColumn, bytes: bytesColumn, flows: flowsColumn, synPackets: synPacketsColumn, udpPackets: udpPacketsColumn, icmpPackets: icmpPacketsColumn, reflectedPackets: reflectedPacketsColumn, reflectedBytes: reflectedBytesColumn, longPackets: longPacketsColumn, longBytes: longBytesColumn, longSeconds: longSecondsColumn, variance: varianceColumn, outPackets: outPacketsColumn, outBytes: outBytesColumn, outFlows: outFlowsColumn, askedPackets: askedPacketsColumn, outLongPackets: outLongPacketsColumn, outLongBytes: outLongBytesColumn, outLongSeconds: outLongSecondsColumn, sketch: sketchColumn } = this;
    const first = this.length;
    const gap = reader.position - rowStart[first];
    let p = reader.position;
    let b = 0, v = 0, h = 0, w = 0;
    for (let i = first, last = first + count; i < last; i++) {
      b = bytes[p++];
      w = i << 2;
      if (b === 8) {
        addrColumn[w] = 0;
        addrColumn[w + 1] = 0;
        addrColumn[w + 2] = IPV4_MAPPED_WORD;
        addrColumn[w + 3] = bytes[p] | (bytes[p + 1] << 8) | (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
        p += 4;
      } else if (b === 0) {
        addrColumn[w] = 0;
        addrColumn[w + 1] = 0;
        addrColumn[w + 2] = 0;
        addrColumn[w + 3] = 0;
      } else if (b === 32) {
        for (let last = w + 4; w < last; w++, p += 4) addrColumn[w] = bytes[p] | (bytes[p + 1] << 8) | (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
      } else throw malformed('addr is no address.');
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('packets is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) packetsColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        packetsColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('bytes is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) bytesColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        bytesColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('flows is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) flowsColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        flowsColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('synPackets is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) synPacketsColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        synPacketsColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('udpPackets is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) udpPacketsColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        udpPacketsColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('icmpPackets is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) icmpPacketsColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        icmpPacketsColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('reflectedPackets is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) reflectedPacketsColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        reflectedPacketsColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('reflectedBytes is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) reflectedBytesColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        reflectedBytesColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('longPackets is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) longPacketsColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        longPacketsColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('longBytes is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) longBytesColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        longBytesColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('longSeconds is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) longSecondsColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        longSecondsColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('variance is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) varianceColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        varianceColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('outPackets is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) outPacketsColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        outPacketsColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('outBytes is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) outBytesColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        outBytesColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('outFlows is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) outFlowsColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        outFlowsColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('askedPackets is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) askedPacketsColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        askedPacketsColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('outLongPackets is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) outLongPacketsColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        outLongPacketsColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('outLongBytes is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) outLongBytesColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        outLongBytesColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('outLongSeconds is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) outLongSecondsColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        outLongSecondsColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
          b = bytes[p++];
          if (b > 15) throw malformed('sketch is beyond 32 bits.');
          v |= b << 28;
        }}}
      }
      sketchColumn[i] = (v >>> 1) ^ -(v & 1);
      if (p > end) throw malformed('The bytes end within PulseHost.');
      if (gap > 0) bytes.copyWithin(rowStart[i], rowStart[i] + gap, p);
      rowStart[i + 1] = p - gap;
    }
    this.length = first + count;
    reader.position = p;
  }
}

/** Writes one row at `position`, where PULSE_HOST_MAX_BYTES bytes must have room; the new position. @throws NW_SCHEMA_MALFORMED a number that is not whole or beyond 2^53. */
export function writePulseHost(target: Uint8Array, position: number, columns: PulseHostColumns, row: number): number {
  let p = position;
  let v = 0;
  let x = 0;
  p = writeIpRow(target, p, columns.addrWords, row << 2);
  x = columns.packets[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.bytes[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.flows[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.synPackets[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.udpPackets[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.icmpPackets[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.reflectedPackets[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.reflectedBytes[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.longPackets[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.longBytes[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.longSeconds[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.variance[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.outPackets[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.outBytes[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.outFlows[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.askedPackets[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.outLongPackets[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.outLongBytes[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.outLongSeconds[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  v = columns.sketch[row];
  v = ((v << 1) ^ (v >> 31)) >>> 0;
  while (v > 127) {
    target[p++] = v | 128;
    v >>>= 7;
  }
  target[p++] = v;
  return p;
}

/** Most bytes that one PulsePrefix takes. */
export const PULSE_PREFIX_MAX_BYTES = 110;

/** Rows of PulsePrefix as columns. `length` rows are in use; the arrays may be longer and are replaced by `reserve` and `decode`. */
export class PulsePrefixColumns {
  length = 0;
  /** Byte offset of each row in the `bytes` of the batch it was decoded from; one more for the end of the last. */
  rowStart: Int32Array = new Int32Array(1);
  /** Its first address. 4 bytes for IPv4, 16 for IPv6. 16 bytes a row; IPv4 as IPv4-mapped, none all zero. */
  prefix: Uint8Array = new Uint8Array(0);
  /** The same memory as `prefix`: 4 little-endian words a row. */
  prefixWords: Int32Array = new Int32Array(0);
  /** Its length; unit: bits. */
  bits: Int32Array = new Int32Array(0);
  /** Packets of the last second of the flows that ended: of flows up to 1.5 s all, of longer ones the packets of one second; scaled; unit: packets. */
  packets: Float64Array = new Float64Array(0);
  /** IP bytes, likewise; unit: bytes. */
  bytes: Float64Array = new Float64Array(0);
  /** Flow records; unit: flows. */
  flows: Float64Array = new Float64Array(0);
  /** Of `packets` those of TCP flows with SYN and without ACK: nobody answered; unit: packets. */
  synPackets: Float64Array = new Float64Array(0);
  /** Of `packets` those of UDP; unit: packets. */
  udpPackets: Float64Array = new Float64Array(0);
  /** Of `packets` those of ICMP and ICMPv6; unit: packets. */
  icmpPackets: Float64Array = new Float64Array(0);
  /** Of `packets` those of UDP from ports of services that are known to amplify; unit: packets. */
  reflectedPackets: Float64Array = new Float64Array(0);
  /** Their IP bytes; unit: bytes. */
  reflectedBytes: Float64Array = new Float64Array(0);
  /** Of `packets` those of flows longer than 1.5 s; unit: packets. */
  longPackets: Float64Array = new Float64Array(0);
  /** Their IP bytes; unit: bytes. */
  longBytes: Float64Array = new Float64Array(0);
  /** How long these flows were, weighted by `longPackets`: the sum of both multiplied; unit: packets * s. */
  longSeconds: Float64Array = new Float64Array(0);
  protected capacity = 0;

  /** Makes room for so many rows; what is there is kept. */
  reserve(rows: number): void {
    if (rows <= this.capacity) return;
    const capacity = Math.max(64, rows, 2 * this.capacity);
    this.rowStart = grown(this.rowStart, capacity + 1);
    this.prefix = grown(this.prefix, capacity * 16);
    this.prefixWords = new Int32Array(this.prefix.buffer);
    this.bits = grown(this.bits, capacity);
    this.packets = grown(this.packets, capacity);
    this.bytes = grown(this.bytes, capacity);
    this.flows = grown(this.flows, capacity);
    this.synPackets = grown(this.synPackets, capacity);
    this.udpPackets = grown(this.udpPackets, capacity);
    this.icmpPackets = grown(this.icmpPackets, capacity);
    this.reflectedPackets = grown(this.reflectedPackets, capacity);
    this.reflectedBytes = grown(this.reflectedBytes, capacity);
    this.longPackets = grown(this.longPackets, capacity);
    this.longBytes = grown(this.longBytes, capacity);
    this.longSeconds = grown(this.longSeconds, capacity);
    this.capacity = capacity;
  }

  /** One row as an object. */
  at(row: number): PulsePrefix {
    return {
      prefix: formatIpRow(this.prefix, row * 16),
      bits: this.bits[row],
      packets: this.packets[row],
      bytes: this.bytes[row],
      flows: this.flows[row],
      synPackets: this.synPackets[row],
      udpPackets: this.udpPackets[row],
      icmpPackets: this.icmpPackets[row],
      reflectedPackets: this.reflectedPackets[row],
      reflectedBytes: this.reflectedBytes[row],
      longPackets: this.longPackets[row],
      longBytes: this.longBytes[row],
      longSeconds: this.longSeconds[row],
    };
  }

  /** Reads an array's blocks. Rows of later blocks are moved up to the earlier, so that all rows lie one after the other. */
  decode(reader: AvroReader): void {
    this.length = 0;
    this.rowStart[0] = reader.position;
    for (let count = reader.block(13); count > 0; count = reader.block(13)) {
      if (this.length === 0) this.rowStart[0] = reader.position;
      this.reserve(this.length + count);
      this.decodeRows(reader, count);
    }
  }

  protected decodeRows(reader: AvroReader, count: number): void {
    const { bytes, end } = reader;
    const { rowStart, prefixWords: prefixColumn, bits: bitsColumn, packets: packetsColumn, bytes: bytesColumn, flows: flowsColumn, synPackets: synPacketsColumn, udpPackets: udpPacketsColumn, icmpPackets: icmpPacketsColumn, reflectedPackets: reflectedPacketsColumn, reflectedBytes: reflectedBytesColumn, longPackets: longPacketsColumn, longBytes: longBytesColumn, longSeconds: longSecondsColumn } = this;
    const first = this.length;
    const gap = reader.position - rowStart[first];
    let p = reader.position;
    let b = 0, v = 0, h = 0, w = 0;
    for (let i = first, last = first + count; i < last; i++) {
      b = bytes[p++];
      w = i << 2;
      if (b === 8) {
        prefixColumn[w] = 0;
        prefixColumn[w + 1] = 0;
        prefixColumn[w + 2] = IPV4_MAPPED_WORD;
        prefixColumn[w + 3] = bytes[p] | (bytes[p + 1] << 8) | (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
        p += 4;
      } else if (b === 0) {
        prefixColumn[w] = 0;
        prefixColumn[w + 1] = 0;
        prefixColumn[w + 2] = 0;
        prefixColumn[w + 3] = 0;
      } else if (b === 32) {
        for (let last = w + 4; w < last; w++, p += 4) prefixColumn[w] = bytes[p] | (bytes[p + 1] << 8) | (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
      } else throw malformed('prefix is no address.');
      b = bytes[p++];
      v = b & 127;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
          b = bytes[p++];
          if (b > 15) throw malformed('bits is beyond 32 bits.');
          v |= b << 28;
        }}}
      }
      bitsColumn[i] = (v >>> 1) ^ -(v & 1);
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('packets is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) packetsColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        packetsColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('bytes is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) bytesColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        bytesColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('flows is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) flowsColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        flowsColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('synPackets is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) synPacketsColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        synPacketsColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('udpPackets is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) udpPacketsColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        udpPacketsColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('icmpPackets is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) icmpPacketsColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        icmpPacketsColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('reflectedPackets is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) reflectedPacketsColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        reflectedPacketsColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('reflectedBytes is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) reflectedBytesColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        reflectedBytesColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('longPackets is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) longPacketsColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        longPacketsColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('longBytes is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) longBytesColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        longBytesColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('longSeconds is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) longSecondsColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        longSecondsColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      if (p > end) throw malformed('The bytes end within PulsePrefix.');
      if (gap > 0) bytes.copyWithin(rowStart[i], rowStart[i] + gap, p);
      rowStart[i + 1] = p - gap;
    }
    this.length = first + count;
    reader.position = p;
  }
}

/** Writes one row at `position`, where PULSE_PREFIX_MAX_BYTES bytes must have room; the new position. @throws NW_SCHEMA_MALFORMED a number that is not whole or beyond 2^53. */
export function writePulsePrefix(target: Uint8Array, position: number, columns: PulsePrefixColumns, row: number): number {
  let p = position;
  let v = 0;
  let x = 0;
  p = writeIpRow(target, p, columns.prefixWords, row << 2);
  v = columns.bits[row];
  v = ((v << 1) ^ (v >> 31)) >>> 0;
  while (v > 127) {
    target[p++] = v | 128;
    v >>>= 7;
  }
  target[p++] = v;
  x = columns.packets[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.bytes[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.flows[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.synPackets[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.udpPackets[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.icmpPackets[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.reflectedPackets[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.reflectedBytes[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.longPackets[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.longBytes[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.longSeconds[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  return p;
}

/** Most bytes that one PulseSource takes. */
export const PULSE_SOURCE_MAX_BYTES = 47;

/** Rows of PulseSource as columns. `length` rows are in use; the arrays may be longer and are replaced by `reserve` and `decode`. */
export class PulseSourceColumns {
  length = 0;
  /** Byte offset of each row in the `bytes` of the batch it was decoded from; one more for the end of the last. */
  rowStart: Int32Array = new Int32Array(1);
  /** Address of the source. 4 bytes for IPv4, 16 for IPv6. 16 bytes a row; IPv4 as IPv4-mapped, none all zero. */
  addr: Uint8Array = new Uint8Array(0);
  /** The same memory as `addr`: 4 little-endian words a row. */
  addrWords: Int32Array = new Int32Array(0);
  /** Flows of TCP that open or close a connection and acknowledge nothing, since it was noticed; unit: flows. */
  probes: Float64Array = new Float64Array(0);
  /** Address that the last of such flows went to; none where there was none. 16 bytes a row; IPv4 as IPv4-mapped, none all zero. */
  lastTarget: Uint8Array = new Uint8Array(0);
  /** The same memory as `lastTarget`: 4 little-endian words a row. */
  lastTargetWords: Int32Array = new Int32Array(0);
  /** Port that it went to; no unit. */
  lastPort: Int32Array = new Int32Array(0);
  protected capacity = 0;

  /** Makes room for so many rows; what is there is kept. */
  reserve(rows: number): void {
    if (rows <= this.capacity) return;
    const capacity = Math.max(64, rows, 2 * this.capacity);
    this.rowStart = grown(this.rowStart, capacity + 1);
    this.addr = grown(this.addr, capacity * 16);
    this.addrWords = new Int32Array(this.addr.buffer);
    this.probes = grown(this.probes, capacity);
    this.lastTarget = grown(this.lastTarget, capacity * 16);
    this.lastTargetWords = new Int32Array(this.lastTarget.buffer);
    this.lastPort = grown(this.lastPort, capacity);
    this.capacity = capacity;
  }

  /** One row as an object. */
  at(row: number): PulseSource {
    return {
      addr: formatIpRow(this.addr, row * 16),
      probes: this.probes[row],
      lastTarget: formatIpRow(this.lastTarget, row * 16),
      lastPort: this.lastPort[row],
    };
  }

  /** Reads an array's blocks. Rows of later blocks are moved up to the earlier, so that all rows lie one after the other. */
  decode(reader: AvroReader): void {
    this.length = 0;
    this.rowStart[0] = reader.position;
    for (let count = reader.block(4); count > 0; count = reader.block(4)) {
      if (this.length === 0) this.rowStart[0] = reader.position;
      this.reserve(this.length + count);
      this.decodeRows(reader, count);
    }
  }

  protected decodeRows(reader: AvroReader, count: number): void {
    const { bytes, end } = reader;
    const { rowStart, addrWords: addrColumn, probes: probesColumn, lastTargetWords: lastTargetColumn, lastPort: lastPortColumn } = this;
    const first = this.length;
    const gap = reader.position - rowStart[first];
    let p = reader.position;
    let b = 0, v = 0, h = 0, w = 0;
    for (let i = first, last = first + count; i < last; i++) {
      b = bytes[p++];
      w = i << 2;
      if (b === 8) {
        addrColumn[w] = 0;
        addrColumn[w + 1] = 0;
        addrColumn[w + 2] = IPV4_MAPPED_WORD;
        addrColumn[w + 3] = bytes[p] | (bytes[p + 1] << 8) | (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
        p += 4;
      } else if (b === 0) {
        addrColumn[w] = 0;
        addrColumn[w + 1] = 0;
        addrColumn[w + 2] = 0;
        addrColumn[w + 3] = 0;
      } else if (b === 32) {
        for (let last = w + 4; w < last; w++, p += 4) addrColumn[w] = bytes[p] | (bytes[p + 1] << 8) | (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
      } else throw malformed('addr is no address.');
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('probes is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) probesColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        probesColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      w = i << 2;
      if (b === 8) {
        lastTargetColumn[w] = 0;
        lastTargetColumn[w + 1] = 0;
        lastTargetColumn[w + 2] = IPV4_MAPPED_WORD;
        lastTargetColumn[w + 3] = bytes[p] | (bytes[p + 1] << 8) | (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
        p += 4;
      } else if (b === 0) {
        lastTargetColumn[w] = 0;
        lastTargetColumn[w + 1] = 0;
        lastTargetColumn[w + 2] = 0;
        lastTargetColumn[w + 3] = 0;
      } else if (b === 32) {
        for (let last = w + 4; w < last; w++, p += 4) lastTargetColumn[w] = bytes[p] | (bytes[p + 1] << 8) | (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
      } else throw malformed('lastTarget is no address.');
      b = bytes[p++];
      v = b & 127;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
          b = bytes[p++];
          if (b > 15) throw malformed('lastPort is beyond 32 bits.');
          v |= b << 28;
        }}}
      }
      lastPortColumn[i] = (v >>> 1) ^ -(v & 1);
      if (p > end) throw malformed('The bytes end within PulseSource.');
      if (gap > 0) bytes.copyWithin(rowStart[i], rowStart[i] + gap, p);
      rowStart[i + 1] = p - gap;
    }
    this.length = first + count;
    reader.position = p;
  }
}

/** Writes one row at `position`, where PULSE_SOURCE_MAX_BYTES bytes must have room; the new position. @throws NW_SCHEMA_MALFORMED a number that is not whole or beyond 2^53. */
export function writePulseSource(target: Uint8Array, position: number, columns: PulseSourceColumns, row: number): number {
  let p = position;
  let v = 0;
  let x = 0;
  p = writeIpRow(target, p, columns.addrWords, row << 2);
  x = columns.probes[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  p = writeIpRow(target, p, columns.lastTargetWords, row << 2);
  v = columns.lastPort[row];
  v = ((v << 1) ^ (v >> 31)) >>> 0;
  while (v > 127) {
    target[p++] = v | 128;
    v >>>= 7;
  }
  target[p++] = v;
  return p;
}

/** TrafficPulse with its arrays as columns. One instance decodes many values, one after the other, and keeps its memory. */
export class TrafficPulseColumns {
  /** Start of the moment, in milliseconds since the epoch; a flow belongs to the moment in which it was received. */
  slotStart = 0;
  /** Its length; unit: milliseconds. */
  slotMs = 0;
  /** Partition of flows.unique that it was made from; no unit. */
  sourcePartition = 0;
  /** Hosts above the floor. */
  readonly hosts = new PulseHostColumns();
  /** Prefixes above the floor. */
  readonly prefixes = new PulsePrefixColumns();
  /** Sources that are worth a look. */
  readonly sources = new PulseSourceColumns();
  /** 304 bytes a host that has them: HyperLogLogs of 64 registers of the addresses that sent to it, of its ports that were sent to, of the addresses that it sent to; then 32-bit floating point, little-endian: `packets` by the hash of their source, 16 buckets; `reflectedBytes` by service, 12 in the order of the detectors' list. No unit; packets; bytes. */
  hostSketches: Buffer = Buffer.alloc(0);
  /** 32 bytes a row of `prefixes`: addresses of it that were sent to, bit by the last byte of an IPv4 address, by a hash of others; no unit. */
  prefixSketches: Buffer = Buffer.alloc(0);
  /** 256 bytes a row of `sources`, HyperLogLogs of 64 registers: addresses that its `probes` went to, addresses that it has TCP connections with, ports that its `probes` went to, and one in 64, drawn by their hash, of the addresses that it sent anything to; no unit. */
  sourceSketches: Buffer = Buffer.alloc(0);
  /** A copy of the value last decoded, where `rowStart` of the columns points into. */
  bytes: Buffer = Buffer.alloc(0);
  private readonly reader = new AvroReader();

  /** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED: then there are no rows. */
  decode(value: Uint8Array): void {
    const room = value.length + 174;
    if (this.bytes.length < room) this.bytes = Buffer.alloc(Math.max(room, 2 * this.bytes.length));
    this.bytes.set(value);
    this.bytes.fill(0, value.length, room);
    const { reader } = this;
    try {
      reader.begin(this.bytes, value.length);
      this.slotStart = reader.long();
      this.slotMs = reader.long();
      this.sourcePartition = reader.int();
      this.hosts.decode(reader);
      this.prefixes.decode(reader);
      this.sources.decode(reader);
      this.hostSketches = reader.blob();
      this.prefixSketches = reader.blob();
      this.sourceSketches = reader.blob();
      reader.finish();
    } catch (error) {
      this.clear();
      throw error;
    }
  }

  /** No rows. */
  clear(): void {
    this.hosts.length = 0;
    this.prefixes.length = 0;
    this.sources.length = 0;
  }
}

/** Encodes with the Confluent prefix. @throws NW_SCHEMA_MALFORMED a value that the schema does not allow. */
export function encodeTrafficPulseColumns(columns: TrafficPulseColumns, schemaId: number): Buffer {
  writer.begin(schemaId);
  writer.long(columns.slotStart);
  writer.long(columns.slotMs);
  writer.int(columns.sourcePartition);
  if (columns.hosts.length > 0) writer.long(columns.hosts.length);
  for (let row = 0; row < columns.hosts.length; row++) {
    writer.reserve(PULSE_HOST_MAX_BYTES);
    writer.position = writePulseHost(writer.bytes, writer.position, columns.hosts, row);
  }
  writer.long(0);
  if (columns.prefixes.length > 0) writer.long(columns.prefixes.length);
  for (let row = 0; row < columns.prefixes.length; row++) {
    writer.reserve(PULSE_PREFIX_MAX_BYTES);
    writer.position = writePulsePrefix(writer.bytes, writer.position, columns.prefixes, row);
  }
  writer.long(0);
  if (columns.sources.length > 0) writer.long(columns.sources.length);
  for (let row = 0; row < columns.sources.length; row++) {
    writer.reserve(PULSE_SOURCE_MAX_BYTES);
    writer.position = writePulseSource(writer.bytes, writer.position, columns.sources, row);
  }
  writer.long(0);
  writer.blob(columns.hostSketches);
  writer.blob(columns.prefixSketches);
  writer.blob(columns.sourceSketches);
  return writer.finish();
}
