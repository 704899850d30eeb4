import { NetWeaverError } from '../../../infra/errors';
import { HostTrafficColumns, InterfaceTrafficColumns, PrefixTrafficColumns } from '../../../schemas';
import type { CopyBuffer } from './copy-buffer';

/** Columns of the tables of partial sums, in the order in which they are written. */
export const INTERFACE_TRAFFIC_COLUMNS = ['time', 'window_ms', 'source_partition', 'exporter', 'if_index', 'direction', 'bytes', 'packets', 'flows'] as const;
export const PREFIX_TRAFFIC_COLUMNS = ['time', 'window_ms', 'source_partition', 'src_prefix', 'dst_prefix', 'src_as', 'dst_as', 'bytes', 'packets', 'flows'] as const;
export const HOST_TRAFFIC_COLUMNS = ['time', 'window_ms', 'source_partition', 'addr', 'bytes_out', 'packets_out', 'flows_out', 'bytes_in', 'packets_in', 'flows_in'] as const;

/** 2200-01-01. */
const LATEST_MS = 7_258_118_400_000;

/** The time of a row, where the database has room for it. @throws NW_SINK_VALUE_REFUSED */
export function storableTime(ms: number): number {
  if (ms >= 0 && ms < LATEST_MS) return ms;
  throw new NetWeaverError('NW_SINK_VALUE_REFUSED', `The time ${ms} is not between 1970 and 2200.`);
}

function head(out: CopyBuffer, fields: number, batch: { windowStart: number; windowMs: number; sourcePartition: number }): void {
  out.row(fields);
  out.timestamp(batch.windowStart);
  out.bigint(batch.windowMs);
  out.integer(batch.sourcePartition);
}

/** Appends the rows of one window and partition. @throws NW_SINK_VALUE_REFUSED */
export function appendInterfaceTraffic(out: CopyBuffer, batch: InterfaceTrafficColumns): void {
  const { rows } = batch;
  storableTime(batch.windowStart);
  for (let i = 0; i < rows.length; i++) {
    head(out, 9, batch);
    out.inet(rows.exporterWords, i << 2);
    out.bigint(rows.ifIndex[i]);
    out.smallint(rows.direction[i]);
    out.bigint(rows.bytes[i]);
    out.bigint(rows.packets[i]);
    out.bigint(rows.flows[i]);
  }
}

/** Likewise. */
export function appendPrefixTraffic(out: CopyBuffer, batch: PrefixTrafficColumns): void {
  const { rows } = batch;
  storableTime(batch.windowStart);
  for (let i = 0; i < rows.length; i++) {
    head(out, 10, batch);
    out.cidr(rows.srcPrefixWords, i << 2, rows.srcMask[i]);
    out.cidr(rows.dstPrefixWords, i << 2, rows.dstMask[i]);
    out.bigint(rows.srcAs[i]);
    out.bigint(rows.dstAs[i]);
    out.bigint(rows.bytes[i]);
    out.bigint(rows.packets[i]);
    out.bigint(rows.flows[i]);
  }
}

/** Likewise. */
export function appendHostTraffic(out: CopyBuffer, batch: HostTrafficColumns): void {
  const { rows } = batch;
  storableTime(batch.windowStart);
  for (let i = 0; i < rows.length; i++) {
    head(out, 10, batch);
    out.inet(rows.addrWords, i << 2);
    out.bigint(rows.bytesOut[i]);
    out.bigint(rows.packetsOut[i]);
    out.bigint(rows.flowsOut[i]);
    out.bigint(rows.bytesIn[i]);
    out.bigint(rows.packetsIn[i]);
    out.bigint(rows.flowsIn[i]);
  }
}
