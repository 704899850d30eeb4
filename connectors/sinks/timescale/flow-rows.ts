import { NetWeaverError } from '../../../infra/errors';
import type { FlowBatchColumns } from '../../../schemas';
import { POSTGRES_EPOCH_MS, putAddress, putInt64, type CopyBuffer } from './copy-buffer';
import { appendDetail, appendNoDetail, DETAIL_COLUMNS } from './flow-detail';

/** Columns of flow_records in the order in which {@link appendFlows} writes them. */
export const FLOW_COLUMNS = [
  'time', 'start_time', 'bytes', 'packets', 'scaled_bytes', 'scaled_packets', 'sampling_rate', 'in_if', 'out_if', 'src_as', 'dst_as', 'observation_domain',
  'src_port', 'dst_port', 'tcp_flags', 'vlan', 'protocol', 'proto', 'tos', 'src_mask', 'dst_mask', 'direction', 'observers', 'exporter', 'src_addr', 'dst_addr', 'next_hop',
] as const;

/** What rows have besides that are not plain: see {@link DETAIL_COLUMNS}. */
export const DETAILED_FLOW_COLUMNS = [...FLOW_COLUMNS, 'scaled', ...DETAIL_COLUMNS] as const;

/** 2 for the number of fields, 12 × 12, 4 × 8, an enum of at most 14, 6 × 6, 4 × 24. */
const ROW_BYTES = 2 + 144 + 32 + 14 + 36 + 96;

/** Symbols of FlowProtocol, by index. */
const PROTOCOLS = ['NETFLOW_V5', 'NETFLOW_V9', 'IPFIX', 'SFLOW_V5'].map((symbol) => Buffer.from(symbol));

/** A flow cannot have ended before exporters knew flows, nor later than a day after it was received: such a clock is wrong. */
const EARLIEST_MS = POSTGRES_EPOCH_MS;
const DAY_MS = 86_400_000;
/** 2200-01-01. */
const LATEST_START_MS = 7_258_118_400_000;

/** Length of the buckets of the rollup flows_5m. */
export const FLOW_BUCKET_MS = 300_000;

/** What a batch of flows touched, gathered over several calls. */
export interface FlowTouch {
  /** Numbers of the 5-minute buckets since the epoch that rows fell into. */
  readonly buckets: Set<number>;
  /** Flows whose time could not be true and was replaced by the time of receipt (or their start by their end). */
  timesReplaced: number;
}

/**
 * Appends a row of flow_records for each flow: to `plain` with {@link FLOW_COLUMNS}; to `detailed` with
 * {@link DETAILED_FLOW_COLUMNS} where the flow has a detail or came scaled, so that what few flows have costs the others nothing.
 * An end before 2000 or more than a day after receipt is replaced by the time of receipt. Nothing is allocated per plain row.
 * @throws NW_SINK_VALUE_REFUSED a value beyond its column; `plain` is then as it was, for its position moves at the end, `detailed` is not
 */
export function appendFlows(plain: CopyBuffer, detailed: CopyBuffer, batch: FlowBatchColumns, touch: FlowTouch): void {
  const { flows, datagrams } = batch;
  const count = flows.length;
  plain.reserve(count * ROW_BYTES);
  const { view, bytes: target } = plain;
  let p = plain.position;
  let rows = 0;
  let lastBucket = -1;
  for (let i = 0; i < count; i++) {
    const datagram = flows.datagram[i];
    const bytes = flows.bytes[i];
    const packets = flows.packets[i];
    const rate = flows.samplingRate[i];
    const small = flows.proto[i] | flows.tos[i] | flows.srcMask[i] | flows.dstMask[i] | flows.direction[i] | flows.observers[i];
    if (datagram < 0 || datagram >= datagrams.length || bytes < 0 || packets < 0 || rate < 0 || (small & ~0x7fff) !== 0) {
      throw new NetWeaverError('NW_SINK_VALUE_REFUSED', `Flow ${i} of the batch: datagram ${datagram}, ${bytes} bytes, ${packets} packets, sampling rate ${rate}, small fields ${small}.`);
    }
    const received = datagrams.receiveTime[datagram];
    let end = flows.end[i];
    let start = flows.start[i];
    if (!(end >= EARLIEST_MS && end <= received + DAY_MS)) {
      end = received >= EARLIEST_MS && received < LATEST_START_MS ? received : EARLIEST_MS;
      touch.timesReplaced++;
    }
    if (!(start >= 0 && start < LATEST_START_MS)) {
      start = end;
      touch.timesReplaced++;
    }
    const bucket = Math.floor(end / FLOW_BUCKET_MS);
    if (bucket !== lastBucket) {
      touch.buckets.add(bucket);
      lastBucket = bucket;
    }
    const scaled = datagrams.scaled[datagram] !== 0;
    if (flows.detailEnd[i] === 0 && !scaled) {
      view.setInt16(p, FLOW_COLUMNS.length);
      p = putFlow(view, target, p + 2, batch, i, start, end);
      rows++;
    } else {
      detailed.row(DETAILED_FLOW_COLUMNS.length);
      detailed.position = putFlow(detailed.view, detailed.bytes, detailed.position, batch, i, start, end);
      if (scaled) detailed.boolean(true);
      else detailed.null();
      if (flows.detailEnd[i] === 0) appendNoDetail(detailed);
      else appendDetail(detailed, flows.source, flows.detailAt[i], flows.detailEnd[i]);
    }
  }
  plain.position = p;
  plain.rows += rows;
}

/** Writes the fields of {@link FLOW_COLUMNS} of one flow; returns the new position. */
function putFlow(view: DataView, target: Buffer, position: number, { flows, datagrams }: FlowBatchColumns, i: number, start: number, end: number): number {
  const datagram = flows.datagram[i];
  const rate = flows.samplingRate[i];
  const scale = rate > 1 ? rate : 1;
  let p = int64(view, position, (end - POSTGRES_EPOCH_MS) * 1000);
  p = int64(view, p, (start - POSTGRES_EPOCH_MS) * 1000);
  p = int64(view, p, flows.bytes[i]);
  p = int64(view, p, flows.packets[i]);
  p = int64(view, p, flows.bytes[i] * scale);
  p = int64(view, p, flows.packets[i] * scale);
  p = int64(view, p, rate);
  p = int64(view, p, flows.inIf[i]);
  p = int64(view, p, flows.outIf[i]);
  p = int64(view, p, flows.srcAs[i]);
  p = int64(view, p, flows.dstAs[i]);
  p = int64(view, p, datagrams.observationDomain[datagram]);
  p = int32(view, p, flows.srcPort[i]);
  p = int32(view, p, flows.dstPort[i]);
  p = int32(view, p, flows.tcpFlags[i]);
  p = int32(view, p, flows.vlan[i]);
  const protocol = PROTOCOLS[datagrams.protocol[datagram]];
  view.setInt32(p, protocol.length);
  p += 4;
  for (let j = 0; j < protocol.length; j++) target[p++] = protocol[j];
  p = int16(view, p, flows.proto[i]);
  p = int16(view, p, flows.tos[i]);
  p = int16(view, p, flows.srcMask[i]);
  p = int16(view, p, flows.dstMask[i]);
  p = int16(view, p, flows.direction[i]);
  p = int16(view, p, flows.observers[i]);
  p = putAddress(view, p, datagrams.exporterWords, datagram << 2, -1);
  p = putAddress(view, p, flows.srcAddrWords, i << 2, -1);
  p = putAddress(view, p, flows.dstAddrWords, i << 2, -1);
  return putAddress(view, p, flows.nextHopWords, i << 2, -1);
}

function int64(view: DataView, p: number, value: number): number {
  view.setInt32(p, 8);
  putInt64(view, p + 4, value);
  return p + 12;
}

function int32(view: DataView, p: number, value: number): number {
  view.setInt32(p, 4);
  view.setInt32(p + 4, value);
  return p + 8;
}

function int16(view: DataView, p: number, value: number): number {
  view.setInt32(p, 2);
  view.setInt16(p + 4, value);
  return p + 6;
}
