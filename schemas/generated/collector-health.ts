// Made from system/collector-health.avsc by `npm run generate`. Change the schema, not this file.
import { AvroReader, AvroWriter, grown, malformed, takeRows, writeLong, writeString } from '../avro';
import type { RecordType } from '../avro';

const writer = new AvroWriter();
const objectReader = new AvroReader();

/** Symbols of LossUnit, by index. What sequence numbers count: NetFlow v5 flows, NetFlow v9 and sFlow datagrams, IPFIX data records; otherwise where an exporter was found to count otherwise. */
export const LOSS_UNIT_SYMBOLS = ['DATAGRAMS', 'FLOWS', 'RECORDS', 'SAMPLES'] as const;
/** A symbol of LossUnit. */
export type LossUnit = (typeof LOSS_UNIT_SYMBOLS)[number];
/** Index of each symbol of LossUnit, as columns hold it. */
export const LOSS_UNIT = { DATAGRAMS: 0, FLOWS: 1, RECORDS: 2, SAMPLES: 3 } as const;

/** Faults of one kind. */
export interface FaultCount {
  /** As in the list of faults of docs/collectors.md; no unit. */
  code: string;
  /** How many; unit: faults. */
  count: number;
}

/** What a collector received of one exporter's observation domain in a window of time, and what it did not; or how the collector itself fared. */
export interface CollectorHealth {
  /** Instance of the collector, new with every start; no unit. */
  collector: string;
  /** Which of several workers on one port it is; 0 where it is the only one; no unit. */
  worker: number;
  /** Address of the exporter, for sFlow of the agent; empty in the record of the collector itself; no unit. */
  exporter: string;
  /** netflow5, netflow9, ipfix, sflow5; unknown for datagrams of none of them; empty in the record of the collector itself; no unit. */
  protocol: string;
  /** Observation domain, source id, engine or sub-agent, as in the flows' `observationDomain`; no unit. */
  domain: number;
  /** Beginning of the window, in milliseconds since the epoch. */
  windowStart: number;
  /** Its end, in milliseconds since the epoch. */
  windowEnd: number;
  /** When the last datagram was received, in milliseconds since the epoch. */
  lastSeen: number;
  /** Datagrams received; unit: datagrams. */
  datagrams: number;
  /** Flow records and flow samples decoded; unit: flows. */
  flows: number;
  /** Payload of the datagrams; unit: bytes. */
  receivedBytes: number;
  /** What did not come, by the exporter's sequence numbers, less what came late. In the record of the collector: kernelDrops and queueDrops; unit: as `lossUnit` says. */
  lost: number;
  /** What `lost` counts. */
  lossUnit: LossUnit;
  /** `lost` as a share of what was sent, 0 to 1; no unit. */
  lossRatio: number;
  /** Datagrams that came late; unit: datagrams. */
  reordered: number;
  /** Datagrams that came twice; unit: datagrams. */
  duplicates: number;
  /** Times that the exporter began to count anew; no unit. */
  restarts: number;
  /** sFlow: flow samples that did not come, by the numbers of their data sources; those of lost datagrams are among them; unit: samples. */
  samplesLost: number;
  /** sFlow: packets that the agent could not sample for want of resources, as it says; unit: packets. */
  samplesDropped: number;
  /** Datagrams not taken because of the list of exporters or an exporter's rate limit; unit: datagrams. */
  refused: number;
  /** Record of the collector: datagrams that the system dropped, for want of room in the receive buffers above all; unit: datagrams. */
  kernelDrops: number;
  /** Record of the collector: datagrams let go because the log was slow; unit: datagrams. */
  queueDrops: number;
  /** Record of the collector: flows let go because the spool was full; unit: flows. */
  spoolDrops: number;
  /** Datagrams that wait for their template at the end of the window; unit: datagrams. */
  waiting: number;
  /** Record of the collector: datagrams of which data was given up because its template did not come in time; unit: datagrams. */
  givenUp: number;
  /** Templates held at the end of the window; unit: templates. */
  templates: number;
  /** Templates that were given another definition; unit: templates. */
  templatesChanged: number;
  /** Sampling rate of records that name no sampler and no interface, for sFlow of the last sample; 0 not known; unit: packets. */
  samplingRate: number;
  /** Where it is known from: configured, record, sampler, interface, options, header, default, exporter-scaled (the exporter multiplies its counters itself) or unknown; no unit. */
  samplingOrigin: string;
  /** Faults found in the datagrams; those that did not occur are left out. */
  faults: FaultCount[];
}

/** The schema's text, as it is registered. */
export const COLLECTOR_HEALTH_SCHEMA =
  '{"type":"record","name":"CollectorHealth","namespace":"netweaver.system","doc":"What a collector received of one exporter\'s observation domain in a window of time, and what it did not; or how the collector itself fared.","fields":[{"name":"collector","type":"string","doc":"Instance of the collector, new with every start; no unit."},{"name":"worker","type":"int","doc":"Which of several workers on one port it is; 0 where it is the only one; no unit."},{"name":"exporter","type":"string","doc":"Address of the exporter, for sFlow of the agent; empty in the record of the collector itself; no unit."},{"name":"protocol","type":"string","doc":"netflow5, netflow9, ipfix, sflow5; unknown for datagrams of none of them; empty in the record of the collector itself; no unit."},{"name":"domain","type":"long","doc":"Observation domain, source id, engine or sub-agent, as in the flows\' `observationDomain`; no unit."},{"name":"windowStart","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Beginning of the window, in milliseconds since the epoch."},{"name":"windowEnd","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Its end, in milliseconds since the epoch."},{"name":"lastSeen","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the last datagram was received, in milliseconds since the epoch."},{"name":"datagrams","type":"long","doc":"Datagrams received; unit: datagrams."},{"name":"flows","type":"long","doc":"Flow records and flow samples decoded; unit: flows."},{"name":"receivedBytes","type":"long","doc":"Payload of the datagrams; unit: bytes."},{"name":"lost","type":"long","doc":"What did not come, by the exporter\'s sequence numbers, less what came late. In the record of the collector: kernelDrops and queueDrops; unit: as `lossUnit` says."},{"name":"lossUnit","type":{"type":"enum","name":"LossUnit","symbols":["DATAGRAMS","FLOWS","RECORDS","SAMPLES"],"doc":"What sequence numbers count: NetFlow v5 flows, NetFlow v9 and sFlow datagrams, IPFIX data records; otherwise where an exporter was found to count otherwise."},"doc":"What `lost` counts."},{"name":"lossRatio","type":"double","doc":"`lost` as a share of what was sent, 0 to 1; no unit."},{"name":"reordered","type":"long","doc":"Datagrams that came late; unit: datagrams."},{"name":"duplicates","type":"long","doc":"Datagrams that came twice; unit: datagrams."},{"name":"restarts","type":"long","doc":"Times that the exporter began to count anew; no unit."},{"name":"samplesLost","type":"long","doc":"sFlow: flow samples that did not come, by the numbers of their data sources; those of lost datagrams are among them; unit: samples."},{"name":"samplesDropped","type":"long","doc":"sFlow: packets that the agent could not sample for want of resources, as it says; unit: packets."},{"name":"refused","type":"long","doc":"Datagrams not taken because of the list of exporters or an exporter\'s rate limit; unit: datagrams."},{"name":"kernelDrops","type":"long","doc":"Record of the collector: datagrams that the system dropped, for want of room in the receive buffers above all; unit: datagrams."},{"name":"queueDrops","type":"long","doc":"Record of the collector: datagrams let go because the log was slow; unit: datagrams."},{"name":"spoolDrops","type":"long","doc":"Record of the collector: flows let go because the spool was full; unit: flows."},{"name":"waiting","type":"long","doc":"Datagrams that wait for their template at the end of the window; unit: datagrams."},{"name":"givenUp","type":"long","doc":"Record of the collector: datagrams of which data was given up because its template did not come in time; unit: datagrams."},{"name":"templates","type":"long","doc":"Templates held at the end of the window; unit: templates."},{"name":"templatesChanged","type":"long","doc":"Templates that were given another definition; unit: templates."},{"name":"samplingRate","type":"long","doc":"Sampling rate of records that name no sampler and no interface, for sFlow of the last sample; 0 not known; unit: packets."},{"name":"samplingOrigin","type":"string","doc":"Where it is known from: configured, record, sampler, interface, options, header, default, exporter-scaled (the exporter multiplies its counters itself) or unknown; no unit."},{"name":"faults","type":{"type":"array","items":{"type":"record","name":"FaultCount","doc":"Faults of one kind.","fields":[{"name":"code","type":"string","doc":"As in the list of faults of docs/collectors.md; no unit."},{"name":"count","type":"long","doc":"How many; unit: faults."}]}},"doc":"Faults found in the datagrams; those that did not occur are left out."}]}';

function putFaultCount(value: FaultCount): void {
  writer.string(value.code);
  writer.long(value.count);
}

function putCollectorHealth(value: CollectorHealth): void {
  writer.string(value.collector);
  writer.int(value.worker);
  writer.string(value.exporter);
  writer.string(value.protocol);
  writer.long(value.domain);
  writer.long(value.windowStart);
  writer.long(value.windowEnd);
  writer.long(value.lastSeen);
  writer.long(value.datagrams);
  writer.long(value.flows);
  writer.long(value.receivedBytes);
  writer.long(value.lost);
  writer.symbol(value.lossUnit, LOSS_UNIT_SYMBOLS);
  writer.double(value.lossRatio);
  writer.long(value.reordered);
  writer.long(value.duplicates);
  writer.long(value.restarts);
  writer.long(value.samplesLost);
  writer.long(value.samplesDropped);
  writer.long(value.refused);
  writer.long(value.kernelDrops);
  writer.long(value.queueDrops);
  writer.long(value.spoolDrops);
  writer.long(value.waiting);
  writer.long(value.givenUp);
  writer.long(value.templates);
  writer.long(value.templatesChanged);
  writer.long(value.samplingRate);
  writer.string(value.samplingOrigin);
  if (value.faults.length > 0) writer.long(value.faults.length);
  for (const row of value.faults) putFaultCount(row);
  writer.long(0);
}

const takeFaultCount = (reader: AvroReader): FaultCount => ({
    code: reader.string(),
    count: reader.long(),
});

const takeCollectorHealth = (reader: AvroReader): CollectorHealth => ({
    collector: reader.string(),
    worker: reader.int(),
    exporter: reader.string(),
    protocol: reader.string(),
    domain: reader.long(),
    windowStart: reader.long(),
    windowEnd: reader.long(),
    lastSeen: reader.long(),
    datagrams: reader.long(),
    flows: reader.long(),
    receivedBytes: reader.long(),
    lost: reader.long(),
    lossUnit: LOSS_UNIT_SYMBOLS[reader.index(4)],
    lossRatio: reader.double(),
    reordered: reader.long(),
    duplicates: reader.long(),
    restarts: reader.long(),
    samplesLost: reader.long(),
    samplesDropped: reader.long(),
    refused: reader.long(),
    kernelDrops: reader.long(),
    queueDrops: reader.long(),
    spoolDrops: reader.long(),
    waiting: reader.long(),
    givenUp: reader.long(),
    templates: reader.long(),
    templatesChanged: reader.long(),
    samplingRate: reader.long(),
    samplingOrigin: reader.string(),
    faults: takeRows(reader, 2, takeFaultCount),
});

/** Encodes with the Confluent prefix. @throws NW_SCHEMA_MALFORMED a value that the schema does not allow. */
export function encodeCollectorHealth(value: CollectorHealth, schemaId: number): Buffer {
  writer.begin(schemaId);
  putCollectorHealth(value);
  return writer.finish();
}

/** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED */
export function decodeCollectorHealth(value: Uint8Array): CollectorHealth {
  objectReader.begin(value);
  const result = takeCollectorHealth(objectReader);
  objectReader.finish();
  return result;
}

/** CollectorHealth with its code, as a topic holds it. */
export const COLLECTOR_HEALTH: RecordType<CollectorHealth> = { name: 'netweaver.system.CollectorHealth', schema: COLLECTOR_HEALTH_SCHEMA, encode: encodeCollectorHealth, decode: decodeCollectorHealth };

/** Most bytes that one FaultCount takes, the UTF-8 of code left out. */
export const FAULT_COUNT_MAX_BYTES = 16;

/** Rows of FaultCount as columns. `length` rows are in use; the arrays may be longer and are replaced by `reserve` and `decode`. */
export class FaultCountColumns {
  length = 0;
  /** Byte offset of each row in the `bytes` of the batch it was decoded from; one more for the end of the last. */
  rowStart: Int32Array = new Int32Array(1);
  /** As in the list of faults of docs/collectors.md; no unit. */
  code: string[] = [];
  /** How many; unit: faults. */
  count: Float64Array = new Float64Array(0);
  protected capacity = 0;

  /** Makes room for so many rows; what is there is kept. */
  reserve(rows: number): void {
    if (rows <= this.capacity) return;
    const capacity = Math.max(64, rows, 2 * this.capacity);
    this.rowStart = grown(this.rowStart, capacity + 1);
    this.count = grown(this.count, capacity);
    this.capacity = capacity;
  }

  /** One row as an object. */
  at(row: number): FaultCount {
    return {
      code: this.code[row],
      count: this.count[row],
    };
  }

  /** Reads an array's blocks. Rows of later blocks are moved up to the earlier, so that all rows lie one after the other. */
  decode(reader: AvroReader): void {
    this.length = 0;
    this.rowStart[0] = reader.position;
    for (let count = reader.block(2); count > 0; count = reader.block(2)) {
      if (this.length === 0) this.rowStart[0] = reader.position;
      this.reserve(this.length + count);
      this.decodeRows(reader, count);
    }
  }

  protected decodeRows(reader: AvroReader, count: number): void {
    const { bytes, end } = reader;
    const { rowStart, code: codeColumn, count: countColumn } = this;
    const first = this.length;
    const gap = reader.position - rowStart[first];
    let p = reader.position;
    let b = 0, v = 0, h = 0;
    for (let i = first, last = first + count; i < last; i++) {
      reader.position = p;
      codeColumn[i] = reader.string();
      p = reader.position;
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
          if (b > 31) throw malformed('count is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) countColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        countColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      if (p > end) throw malformed('The bytes end within FaultCount.');
      if (gap > 0) bytes.copyWithin(rowStart[i], rowStart[i] + gap, p);
      rowStart[i + 1] = p - gap;
    }
    this.length = first + count;
    reader.position = p;
  }
}

/** Writes one row at `position`, where FAULT_COUNT_MAX_BYTES bytes and the texts must have room; the new position. @throws NW_SCHEMA_MALFORMED a number that is not whole or beyond 2^53. */
export function writeFaultCount(target: Buffer, position: number, columns: FaultCountColumns, row: number): number {
  let p = position;
  let v = 0;
  let x = 0;
  p = writeString(target, p, columns.code[row]);
  x = columns.count[row];
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

/** CollectorHealth with its arrays as columns. One instance decodes many values, one after the other, and keeps its memory. */
export class CollectorHealthColumns {
  /** Instance of the collector, new with every start; no unit. */
  collector = '';
  /** Which of several workers on one port it is; 0 where it is the only one; no unit. */
  worker = 0;
  /** Address of the exporter, for sFlow of the agent; empty in the record of the collector itself; no unit. */
  exporter = '';
  /** netflow5, netflow9, ipfix, sflow5; unknown for datagrams of none of them; empty in the record of the collector itself; no unit. */
  protocol = '';
  /** Observation domain, source id, engine or sub-agent, as in the flows' `observationDomain`; no unit. */
  domain = 0;
  /** Beginning of the window, in milliseconds since the epoch. */
  windowStart = 0;
  /** Its end, in milliseconds since the epoch. */
  windowEnd = 0;
  /** When the last datagram was received, in milliseconds since the epoch. */
  lastSeen = 0;
  /** Datagrams received; unit: datagrams. */
  datagrams = 0;
  /** Flow records and flow samples decoded; unit: flows. */
  flows = 0;
  /** Payload of the datagrams; unit: bytes. */
  receivedBytes = 0;
  /** What did not come, by the exporter's sequence numbers, less what came late. In the record of the collector: kernelDrops and queueDrops; unit: as `lossUnit` says. */
  lost = 0;
  /** What `lost` counts. */
  lossUnit: LossUnit = 'DATAGRAMS';
  /** `lost` as a share of what was sent, 0 to 1; no unit. */
  lossRatio = 0;
  /** Datagrams that came late; unit: datagrams. */
  reordered = 0;
  /** Datagrams that came twice; unit: datagrams. */
  duplicates = 0;
  /** Times that the exporter began to count anew; no unit. */
  restarts = 0;
  /** sFlow: flow samples that did not come, by the numbers of their data sources; those of lost datagrams are among them; unit: samples. */
  samplesLost = 0;
  /** sFlow: packets that the agent could not sample for want of resources, as it says; unit: packets. */
  samplesDropped = 0;
  /** Datagrams not taken because of the list of exporters or an exporter's rate limit; unit: datagrams. */
  refused = 0;
  /** Record of the collector: datagrams that the system dropped, for want of room in the receive buffers above all; unit: datagrams. */
  kernelDrops = 0;
  /** Record of the collector: datagrams let go because the log was slow; unit: datagrams. */
  queueDrops = 0;
  /** Record of the collector: flows let go because the spool was full; unit: flows. */
  spoolDrops = 0;
  /** Datagrams that wait for their template at the end of the window; unit: datagrams. */
  waiting = 0;
  /** Record of the collector: datagrams of which data was given up because its template did not come in time; unit: datagrams. */
  givenUp = 0;
  /** Templates held at the end of the window; unit: templates. */
  templates = 0;
  /** Templates that were given another definition; unit: templates. */
  templatesChanged = 0;
  /** Sampling rate of records that name no sampler and no interface, for sFlow of the last sample; 0 not known; unit: packets. */
  samplingRate = 0;
  /** Where it is known from: configured, record, sampler, interface, options, header, default, exporter-scaled (the exporter multiplies its counters itself) or unknown; no unit. */
  samplingOrigin = '';
  /** Faults found in the datagrams; those that did not occur are left out. */
  readonly faults = new FaultCountColumns();
  /** A copy of the value last decoded, where `rowStart` of the columns points into. */
  bytes: Buffer = Buffer.alloc(0);
  private readonly reader = new AvroReader();

  /** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED: then there are no rows. */
  decode(value: Uint8Array): void {
    const room = value.length + 16;
    if (this.bytes.length < room) this.bytes = Buffer.alloc(Math.max(room, 2 * this.bytes.length));
    this.bytes.set(value);
    this.bytes.fill(0, value.length, room);
    const { reader } = this;
    try {
      reader.begin(this.bytes, value.length);
      this.collector = reader.string();
      this.worker = reader.int();
      this.exporter = reader.string();
      this.protocol = reader.string();
      this.domain = reader.long();
      this.windowStart = reader.long();
      this.windowEnd = reader.long();
      this.lastSeen = reader.long();
      this.datagrams = reader.long();
      this.flows = reader.long();
      this.receivedBytes = reader.long();
      this.lost = reader.long();
      this.lossUnit = LOSS_UNIT_SYMBOLS[reader.index(4)];
      this.lossRatio = reader.double();
      this.reordered = reader.long();
      this.duplicates = reader.long();
      this.restarts = reader.long();
      this.samplesLost = reader.long();
      this.samplesDropped = reader.long();
      this.refused = reader.long();
      this.kernelDrops = reader.long();
      this.queueDrops = reader.long();
      this.spoolDrops = reader.long();
      this.waiting = reader.long();
      this.givenUp = reader.long();
      this.templates = reader.long();
      this.templatesChanged = reader.long();
      this.samplingRate = reader.long();
      this.samplingOrigin = reader.string();
      this.faults.decode(reader);
      reader.finish();
    } catch (error) {
      this.clear();
      throw error;
    }
  }

  /** No rows. */
  clear(): void {
    this.faults.length = 0;
  }
}

/** Encodes with the Confluent prefix. @throws NW_SCHEMA_MALFORMED a value that the schema does not allow. */
export function encodeCollectorHealthColumns(columns: CollectorHealthColumns, schemaId: number): Buffer {
  writer.begin(schemaId);
  writer.string(columns.collector);
  writer.int(columns.worker);
  writer.string(columns.exporter);
  writer.string(columns.protocol);
  writer.long(columns.domain);
  writer.long(columns.windowStart);
  writer.long(columns.windowEnd);
  writer.long(columns.lastSeen);
  writer.long(columns.datagrams);
  writer.long(columns.flows);
  writer.long(columns.receivedBytes);
  writer.long(columns.lost);
  writer.symbol(columns.lossUnit, LOSS_UNIT_SYMBOLS);
  writer.double(columns.lossRatio);
  writer.long(columns.reordered);
  writer.long(columns.duplicates);
  writer.long(columns.restarts);
  writer.long(columns.samplesLost);
  writer.long(columns.samplesDropped);
  writer.long(columns.refused);
  writer.long(columns.kernelDrops);
  writer.long(columns.queueDrops);
  writer.long(columns.spoolDrops);
  writer.long(columns.waiting);
  writer.long(columns.givenUp);
  writer.long(columns.templates);
  writer.long(columns.templatesChanged);
  writer.long(columns.samplingRate);
  writer.string(columns.samplingOrigin);
  if (columns.faults.length > 0) writer.long(columns.faults.length);
  for (let row = 0; row < columns.faults.length; row++) {
    writer.reserve(FAULT_COUNT_MAX_BYTES + 3 * columns.faults.code[row].length);
    writer.position = writeFaultCount(writer.bytes, writer.position, columns.faults, row);
  }
  writer.long(0);
  return writer.finish();
}
