// Made from traffic/traffic-partials.avsc by `npm run generate`. Change the schema, not this file.
import { AvroReader, AvroWriter, grown, malformed, takeRows, writeIpRow, writeLong } from '../avro';
import type { RecordType } from '../avro';
import { formatIpRow, IPV4_MAPPED_WORD } from '../ip';

const writer = new AvroWriter();
const objectReader = new AvroReader();

/** One subject. */
export interface TrafficPartialsRow {
  /** Address of the host; of an interface: of its exporter. 4 bytes for IPv4, 16 for IPv6. */
  addr: string;
  /** ifIndex of the interface; of a host: 0; no unit. */
  ifIndex: number;
  /** Of an interface: 0 into it, 1 out of it; of a host: 0; no unit. */
  direction: number;
  /** IP bytes, scaled by the sampling rate; of a host: received; unit: bytes. */
  bytes: number;
  /** Packets, scaled; of a host: received; unit: packets. */
  packets: number;
  /** Flow records; of a host: with it as the destination; unit: flows. */
  flows: number;
  /** Durations of those flows, added up; unit: milliseconds. */
  durationMs: number;
  /** TCP's part of the packets; unit: packets. */
  tcpPackets: number;
  /** UDP's part of the packets; unit: packets. */
  udpPackets: number;
  /** ICMP's and ICMPv6's part of the packets; unit: packets. */
  icmpPackets: number;
  /** Of a host: IP bytes that it sent, scaled; else 0; unit: bytes. */
  bytesOut: number;
  /** Of a host: packets that it sent, scaled; else 0; unit: packets. */
  packetsOut: number;
}

/** What subjects of one kind did in a window by the flows of one partition: sums to be added, sketches to be merged. */
export interface TrafficPartials {
  /** Start of the window, in milliseconds since the epoch; a flow belongs to the window that holds its end. */
  windowStart: number;
  /** Length of the window; unit: milliseconds. */
  windowMs: number;
  /** What the subjects are: 'host' or 'interface'; no unit. */
  kind: string;
  /** Partition that the flows are of; no unit. */
  sourcePartition: number;
  /** Registers of a HyperLogLog sketch in `peers` and `ports`, a byte each; no unit. */
  registers: number;
  /** Buckets of a histogram in `sources`, `destinations` and `portsTo`, a double each, little-endian; no unit. */
  buckets: number;
  /** One row a subject. */
  rows: TrafficPartialsRow[];
  /** Of each row, one after the other, the HyperLogLog registers of the addresses that the host talked with; of an interface: of the source addresses; no unit. */
  peers: Buffer;
  /** Likewise of the destination ports; no unit. */
  ports: Buffer;
  /** Of each row, one after the other, packets by hash of the source address; unit: packets. */
  sources: Buffer;
  /** Likewise by hash of the destination address; empty where not kept; unit: packets. */
  destinations: Buffer;
  /** Likewise by hash of the destination port; unit: packets. */
  portsTo: Buffer;
}

/** The schema's text, as it is registered. */
export const TRAFFIC_PARTIALS_SCHEMA =
  '{"type":"record","name":"TrafficPartials","namespace":"netweaver.traffic","doc":"What subjects of one kind did in a window by the flows of one partition: sums to be added, sketches to be merged.","fields":[{"name":"windowStart","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Start of the window, in milliseconds since the epoch; a flow belongs to the window that holds its end."},{"name":"windowMs","type":"long","doc":"Length of the window; unit: milliseconds."},{"name":"kind","type":"string","doc":"What the subjects are: \'host\' or \'interface\'; no unit."},{"name":"sourcePartition","type":"int","doc":"Partition that the flows are of; no unit."},{"name":"registers","type":"int","doc":"Registers of a HyperLogLog sketch in `peers` and `ports`, a byte each; no unit."},{"name":"buckets","type":"int","doc":"Buckets of a histogram in `sources`, `destinations` and `portsTo`, a double each, little-endian; no unit."},{"name":"rows","type":{"type":"array","items":{"type":"record","name":"TrafficPartialsRow","doc":"One subject.","fields":[{"name":"addr","type":{"type":"bytes","logicalType":"ip-address"},"doc":"Address of the host; of an interface: of its exporter. 4 bytes for IPv4, 16 for IPv6."},{"name":"ifIndex","type":"long","doc":"ifIndex of the interface; of a host: 0; no unit."},{"name":"direction","type":"int","doc":"Of an interface: 0 into it, 1 out of it; of a host: 0; no unit."},{"name":"bytes","type":"long","doc":"IP bytes, scaled by the sampling rate; of a host: received; unit: bytes."},{"name":"packets","type":"long","doc":"Packets, scaled; of a host: received; unit: packets."},{"name":"flows","type":"long","doc":"Flow records; of a host: with it as the destination; unit: flows."},{"name":"durationMs","type":"long","doc":"Durations of those flows, added up; unit: milliseconds."},{"name":"tcpPackets","type":"long","doc":"TCP\'s part of the packets; unit: packets."},{"name":"udpPackets","type":"long","doc":"UDP\'s part of the packets; unit: packets."},{"name":"icmpPackets","type":"long","doc":"ICMP\'s and ICMPv6\'s part of the packets; unit: packets."},{"name":"bytesOut","type":"long","doc":"Of a host: IP bytes that it sent, scaled; else 0; unit: bytes."},{"name":"packetsOut","type":"long","doc":"Of a host: packets that it sent, scaled; else 0; unit: packets."}]}},"doc":"One row a subject."},{"name":"peers","type":"bytes","doc":"Of each row, one after the other, the HyperLogLog registers of the addresses that the host talked with; of an interface: of the source addresses; no unit."},{"name":"ports","type":"bytes","doc":"Likewise of the destination ports; no unit."},{"name":"sources","type":"bytes","doc":"Of each row, one after the other, packets by hash of the source address; unit: packets."},{"name":"destinations","type":"bytes","doc":"Likewise by hash of the destination address; empty where not kept; unit: packets."},{"name":"portsTo","type":"bytes","doc":"Likewise by hash of the destination port; unit: packets."}]}';

function putTrafficPartialsRow(value: TrafficPartialsRow): void {
  writer.ip(value.addr);
  writer.long(value.ifIndex);
  writer.int(value.direction);
  writer.long(value.bytes);
  writer.long(value.packets);
  writer.long(value.flows);
  writer.long(value.durationMs);
  writer.long(value.tcpPackets);
  writer.long(value.udpPackets);
  writer.long(value.icmpPackets);
  writer.long(value.bytesOut);
  writer.long(value.packetsOut);
}

function putTrafficPartials(value: TrafficPartials): void {
  writer.long(value.windowStart);
  writer.long(value.windowMs);
  writer.string(value.kind);
  writer.int(value.sourcePartition);
  writer.int(value.registers);
  writer.int(value.buckets);
  if (value.rows.length > 0) writer.long(value.rows.length);
  for (const row of value.rows) putTrafficPartialsRow(row);
  writer.long(0);
  writer.blob(value.peers);
  writer.blob(value.ports);
  writer.blob(value.sources);
  writer.blob(value.destinations);
  writer.blob(value.portsTo);
}

const takeTrafficPartialsRow = (reader: AvroReader): TrafficPartialsRow => ({
    addr: reader.ip(),
    ifIndex: reader.long(),
    direction: reader.int(),
    bytes: reader.long(),
    packets: reader.long(),
    flows: reader.long(),
    durationMs: reader.long(),
    tcpPackets: reader.long(),
    udpPackets: reader.long(),
    icmpPackets: reader.long(),
    bytesOut: reader.long(),
    packetsOut: reader.long(),
});

const takeTrafficPartials = (reader: AvroReader): TrafficPartials => ({
    windowStart: reader.long(),
    windowMs: reader.long(),
    kind: reader.string(),
    sourcePartition: reader.int(),
    registers: reader.int(),
    buckets: reader.int(),
    rows: takeRows(reader, 12, takeTrafficPartialsRow),
    peers: reader.blob(),
    ports: reader.blob(),
    sources: reader.blob(),
    destinations: reader.blob(),
    portsTo: reader.blob(),
});

/** Encodes with the Confluent prefix. @throws NW_SCHEMA_MALFORMED a value that the schema does not allow. */
export function encodeTrafficPartials(value: TrafficPartials, schemaId: number): Buffer {
  writer.begin(schemaId);
  putTrafficPartials(value);
  return writer.finish();
}

/** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED */
export function decodeTrafficPartials(value: Uint8Array): TrafficPartials {
  objectReader.begin(value);
  const result = takeTrafficPartials(objectReader);
  objectReader.finish();
  return result;
}

/** TrafficPartials with its code, as a topic holds it. */
export const TRAFFIC_PARTIALS: RecordType<TrafficPartials> = { name: 'netweaver.traffic.TrafficPartials', schema: TRAFFIC_PARTIALS_SCHEMA, encode: encodeTrafficPartials, decode: decodeTrafficPartials };

/** Most bytes that one TrafficPartialsRow takes. */
export const TRAFFIC_PARTIALS_ROW_MAX_BYTES = 102;

/** Rows of TrafficPartialsRow as columns. `length` rows are in use; the arrays may be longer and are replaced by `reserve` and `decode`. */
export class TrafficPartialsRowColumns {
  length = 0;
  /** Byte offset of each row in the `bytes` of the batch it was decoded from; one more for the end of the last. */
  rowStart: Int32Array = new Int32Array(1);
  /** Address of the host; of an interface: of its exporter. 4 bytes for IPv4, 16 for IPv6. 16 bytes a row; IPv4 as IPv4-mapped, none all zero. */
  addr: Uint8Array = new Uint8Array(0);
  /** The same memory as `addr`: 4 little-endian words a row. */
  addrWords: Int32Array = new Int32Array(0);
  /** ifIndex of the interface; of a host: 0; no unit. */
  ifIndex: Float64Array = new Float64Array(0);
  /** Of an interface: 0 into it, 1 out of it; of a host: 0; no unit. */
  direction: Int32Array = new Int32Array(0);
  /** IP bytes, scaled by the sampling rate; of a host: received; unit: bytes. */
  bytes: Float64Array = new Float64Array(0);
  /** Packets, scaled; of a host: received; unit: packets. */
  packets: Float64Array = new Float64Array(0);
  /** Flow records; of a host: with it as the destination; unit: flows. */
  flows: Float64Array = new Float64Array(0);
  /** Durations of those flows, added up; unit: milliseconds. */
  durationMs: Float64Array = new Float64Array(0);
  /** TCP's part of the packets; unit: packets. */
  tcpPackets: Float64Array = new Float64Array(0);
  /** UDP's part of the packets; unit: packets. */
  udpPackets: Float64Array = new Float64Array(0);
  /** ICMP's and ICMPv6's part of the packets; unit: packets. */
  icmpPackets: Float64Array = new Float64Array(0);
  /** Of a host: IP bytes that it sent, scaled; else 0; unit: bytes. */
  bytesOut: Float64Array = new Float64Array(0);
  /** Of a host: packets that it sent, scaled; else 0; unit: packets. */
  packetsOut: Float64Array = new Float64Array(0);
  protected capacity = 0;

  /** Makes room for so many rows; what is there is kept. */
  reserve(rows: number): void {
    if (rows <= this.capacity) return;
    const capacity = Math.max(64, rows, 2 * this.capacity);
    this.rowStart = grown(this.rowStart, capacity + 1);
    this.addr = grown(this.addr, capacity * 16);
    this.addrWords = new Int32Array(this.addr.buffer);
    this.ifIndex = grown(this.ifIndex, capacity);
    this.direction = grown(this.direction, capacity);
    this.bytes = grown(this.bytes, capacity);
    this.packets = grown(this.packets, capacity);
    this.flows = grown(this.flows, capacity);
    this.durationMs = grown(this.durationMs, capacity);
    this.tcpPackets = grown(this.tcpPackets, capacity);
    this.udpPackets = grown(this.udpPackets, capacity);
    this.icmpPackets = grown(this.icmpPackets, capacity);
    this.bytesOut = grown(this.bytesOut, capacity);
    this.packetsOut = grown(this.packetsOut, capacity);
    this.capacity = capacity;
  }

  /** One row as an object. */
  at(row: number): TrafficPartialsRow {
    return {
      addr: formatIpRow(this.addr, row * 16),
      ifIndex: this.ifIndex[row],
      direction: this.direction[row],
      bytes: this.bytes[row],
      packets: this.packets[row],
      flows: this.flows[row],
      durationMs: this.durationMs[row],
      tcpPackets: this.tcpPackets[row],
      udpPackets: this.udpPackets[row],
      icmpPackets: this.icmpPackets[row],
      bytesOut: this.bytesOut[row],
      packetsOut: this.packetsOut[row],
    };
  }

  /** Reads an array's blocks. Rows of later blocks are moved up to the earlier, so that all rows lie one after the other. */
  decode(reader: AvroReader): void {
    this.length = 0;
    this.rowStart[0] = reader.position;
    for (let count = reader.block(12); count > 0; count = reader.block(12)) {
      if (this.length === 0) this.rowStart[0] = reader.position;
      this.reserve(this.length + count);
      this.decodeRows(reader, count);
    }
  }

  protected decodeRows(reader: AvroReader, count: number): void {
    const { bytes, end } = reader;
    const { rowStart, addrWords: addrColumn, ifIndex: ifIndexColumn, direction: directionColumn, bytes: bytesColumn, packets: packetsColumn, flows: flowsColumn, durationMs: durationMsColumn, tcpPackets: tcpPacketsColumn, udpPackets: udpPacketsColumn, icmpPackets: icmpPacketsColumn, bytesOut: bytesOutColumn, packetsOut: packetsOutColumn } = this;
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
          if (b > 31) throw malformed('ifIndex is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) ifIndexColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        ifIndexColumn[i] = (v & 1) === 1 ? -1 - x : x;
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
          if (b > 15) throw malformed('direction is beyond 32 bits.');
          v |= b << 28;
        }}}
      }
      directionColumn[i] = (v >>> 1) ^ -(v & 1);
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
          if (b > 31) throw malformed('durationMs is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) durationMsColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        durationMsColumn[i] = (v & 1) === 1 ? -1 - x : x;
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
          if (b > 31) throw malformed('tcpPackets is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) tcpPacketsColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        tcpPacketsColumn[i] = (v & 1) === 1 ? -1 - x : x;
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
          if (b > 31) throw malformed('bytesOut is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) bytesOutColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        bytesOutColumn[i] = (v & 1) === 1 ? -1 - x : x;
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
          if (b > 31) throw malformed('packetsOut is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) packetsOutColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        packetsOutColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      if (p > end) throw malformed('The bytes end within TrafficPartialsRow.');
      if (gap > 0) bytes.copyWithin(rowStart[i], rowStart[i] + gap, p);
      rowStart[i + 1] = p - gap;
    }
    this.length = first + count;
    reader.position = p;
  }
}

/** Writes one row at `position`, where TRAFFIC_PARTIALS_ROW_MAX_BYTES bytes must have room; the new position. @throws NW_SCHEMA_MALFORMED a number that is not whole or beyond 2^53. */
export function writeTrafficPartialsRow(target: Uint8Array, position: number, columns: TrafficPartialsRowColumns, row: number): number {
  let p = position;
  let v = 0;
  let x = 0;
  p = writeIpRow(target, p, columns.addrWords, row << 2);
  x = columns.ifIndex[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  v = columns.direction[row];
  v = ((v << 1) ^ (v >> 31)) >>> 0;
  while (v > 127) {
    target[p++] = v | 128;
    v >>>= 7;
  }
  target[p++] = v;
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
  x = columns.durationMs[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.tcpPackets[row];
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
  x = columns.bytesOut[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.packetsOut[row];
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

/** TrafficPartials with its arrays as columns. One instance decodes many values, one after the other, and keeps its memory. */
export class TrafficPartialsColumns {
  /** Start of the window, in milliseconds since the epoch; a flow belongs to the window that holds its end. */
  windowStart = 0;
  /** Length of the window; unit: milliseconds. */
  windowMs = 0;
  /** What the subjects are: 'host' or 'interface'; no unit. */
  kind = '';
  /** Partition that the flows are of; no unit. */
  sourcePartition = 0;
  /** Registers of a HyperLogLog sketch in `peers` and `ports`, a byte each; no unit. */
  registers = 0;
  /** Buckets of a histogram in `sources`, `destinations` and `portsTo`, a double each, little-endian; no unit. */
  buckets = 0;
  /** One row a subject. */
  readonly rows = new TrafficPartialsRowColumns();
  /** Of each row, one after the other, the HyperLogLog registers of the addresses that the host talked with; of an interface: of the source addresses; no unit. */
  peers: Buffer = Buffer.alloc(0);
  /** Likewise of the destination ports; no unit. */
  ports: Buffer = Buffer.alloc(0);
  /** Of each row, one after the other, packets by hash of the source address; unit: packets. */
  sources: Buffer = Buffer.alloc(0);
  /** Likewise by hash of the destination address; empty where not kept; unit: packets. */
  destinations: Buffer = Buffer.alloc(0);
  /** Likewise by hash of the destination port; unit: packets. */
  portsTo: Buffer = Buffer.alloc(0);
  /** A copy of the value last decoded, where `rowStart` of the columns points into. */
  bytes: Buffer = Buffer.alloc(0);
  private readonly reader = new AvroReader();

  /** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED: then there are no rows. */
  decode(value: Uint8Array): void {
    const room = value.length + 102;
    if (this.bytes.length < room) this.bytes = Buffer.alloc(Math.max(room, 2 * this.bytes.length));
    this.bytes.set(value);
    this.bytes.fill(0, value.length, room);
    const { reader } = this;
    try {
      reader.begin(this.bytes, value.length);
      this.windowStart = reader.long();
      this.windowMs = reader.long();
      this.kind = reader.string();
      this.sourcePartition = reader.int();
      this.registers = reader.int();
      this.buckets = reader.int();
      this.rows.decode(reader);
      this.peers = reader.blob();
      this.ports = reader.blob();
      this.sources = reader.blob();
      this.destinations = reader.blob();
      this.portsTo = reader.blob();
      reader.finish();
    } catch (error) {
      this.clear();
      throw error;
    }
  }

  /** No rows. */
  clear(): void {
    this.rows.length = 0;
  }
}

/** Encodes with the Confluent prefix. @throws NW_SCHEMA_MALFORMED a value that the schema does not allow. */
export function encodeTrafficPartialsColumns(columns: TrafficPartialsColumns, schemaId: number): Buffer {
  writer.begin(schemaId);
  writer.long(columns.windowStart);
  writer.long(columns.windowMs);
  writer.string(columns.kind);
  writer.int(columns.sourcePartition);
  writer.int(columns.registers);
  writer.int(columns.buckets);
  if (columns.rows.length > 0) writer.long(columns.rows.length);
  for (let row = 0; row < columns.rows.length; row++) {
    writer.reserve(TRAFFIC_PARTIALS_ROW_MAX_BYTES);
    writer.position = writeTrafficPartialsRow(writer.bytes, writer.position, columns.rows, row);
  }
  writer.long(0);
  writer.blob(columns.peers);
  writer.blob(columns.ports);
  writer.blob(columns.sources);
  writer.blob(columns.destinations);
  writer.blob(columns.portsTo);
  return writer.finish();
}
