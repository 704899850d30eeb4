import type { DeviceMetrics, DiscardedPacket, InterfaceCounters, LinkMetrics } from '../../../schemas';
import { malformed } from '../../../schemas/avro';
import { IP_ROW, parseIpRow } from '../../../schemas/ip';
import type { CopyBuffer } from './copy-buffer';
import { storableTime } from './traffic-rows';

/** Columns of the metric tables, in the order in which they are written. */
export const INTERFACE_METRIC_COLUMNS = [
  'time', 'device', 'if_index', 'if_name', 'speed', 'admin_up', 'oper_up', 'in_octets', 'in_unicast_packets', 'in_multicast_packets', 'in_broadcast_packets', 'in_discards', 'in_errors',
  'out_octets', 'out_unicast_packets', 'out_multicast_packets', 'out_broadcast_packets', 'out_discards', 'out_errors', 'source',
  'uptime_seconds', 'discontinuity', 'in_unknown_protocols', 'alignment_errors', 'fcs_errors', 'symbol_errors', 'frame_too_longs', 'late_collisions', 'excessive_collisions', 'carrier_sense_errors',
  'optics_celsius', 'optics_received_microwatts', 'optics_sent_microwatts',
] as const;
export const DEVICE_METRIC_COLUMNS = ['time', 'device', 'cpu_percent', 'memory_percent', 'temperature_celsius', 'uptime_seconds', 'sessions', 'load_average', 'memory_bytes', 'disk_percent'] as const;
export const LINK_METRIC_COLUMNS = ['time', 'link', 'latency_ms', 'jitter_ms', 'loss_ratio', 'utilisation_ratio'] as const;
export const DISCARD_COLUMNS = [
  'time', 'device', 'in_if', 'out_if', 'reason', 'reason_name', 'drops', 'src_addr', 'dst_addr', 'src_port', 'dst_port', 'proto', 'tcp_flags', 'vlan', 'length', 'queue', 'acl', 'acl_name', 'function',
] as const;

const words = new Int32Array(4);
const row = new Uint8Array(words.buffer);

/** An address, NULL for none. @throws NW_SCHEMA_MALFORMED */
export function appendAddress(out: CopyBuffer, text: string): void {
  if (row.length !== IP_ROW || !parseIpRow(text, row)) throw malformed(`'${text}' is not an address.`);
  out.inet(words, 0);
}

/** A text, NULL for an empty one. */
export const appendOrNull = (out: CopyBuffer, text: string): void => (text === '' ? out.null() : out.text(text));
const optional = (out: CopyBuffer, value: number | null, kind: 'double' | 'bigint'): void => (value === null ? out.null() : out[kind](value));

/** Appends a row of interface_metrics. @throws NW_SINK_VALUE_REFUSED, NW_SCHEMA_MALFORMED */
export function appendInterfaceMetric(out: CopyBuffer, value: InterfaceCounters): void {
  const time = storableTime(value.time);
  out.row(INTERFACE_METRIC_COLUMNS.length);
  out.timestamp(time);
  appendAddress(out, value.device);
  out.bigint(value.ifIndex);
  appendOrNull(out, value.ifName);
  out.bigint(value.speed);
  out.boolean(value.adminUp);
  out.boolean(value.operUp);
  for (const side of [
    [value.inOctets, value.inUnicastPackets, value.inMulticastPackets, value.inBroadcastPackets, value.inDiscards, value.inErrors],
    [value.outOctets, value.outUnicastPackets, value.outMulticastPackets, value.outBroadcastPackets, value.outDiscards, value.outErrors],
  ]) {
    for (const counter of side) optional(out, counter, 'bigint');
  }
  out.text(value.source);
  optional(out, value.uptimeSeconds, 'bigint');
  out.boolean(value.discontinuity);
  for (const counter of [value.inUnknownProtocols, value.alignmentErrors, value.fcsErrors, value.symbolErrors, value.frameTooLongs, value.lateCollisions, value.excessiveCollisions, value.carrierSenseErrors]) {
    optional(out, counter, 'bigint');
  }
  optional(out, value.opticsCelsius, 'double');
  optional(out, value.opticsReceivedMicrowatts, 'bigint');
  optional(out, value.opticsSentMicrowatts, 'bigint');
}

/** Appends a row of device_metrics. */
export function appendDeviceMetric(out: CopyBuffer, value: DeviceMetrics): void {
  const time = storableTime(value.time);
  out.row(DEVICE_METRIC_COLUMNS.length);
  out.timestamp(time);
  appendAddress(out, value.device);
  optional(out, value.cpuPercent, 'double');
  optional(out, value.memoryPercent, 'double');
  optional(out, value.temperatureCelsius, 'double');
  optional(out, value.uptimeSeconds, 'bigint');
  optional(out, value.sessions, 'bigint');
  optional(out, value.loadAverage, 'double');
  optional(out, value.memoryBytes, 'bigint');
  optional(out, value.diskPercent, 'double');
}

/** Appends a row of link_latency_metrics. */
export function appendLinkMetric(out: CopyBuffer, value: LinkMetrics): void {
  const time = storableTime(value.time);
  out.row(LINK_METRIC_COLUMNS.length);
  out.timestamp(time);
  out.text(value.link);
  optional(out, value.latencyMs, 'double');
  optional(out, value.jitterMs, 'double');
  optional(out, value.lossRatio, 'double');
  optional(out, value.utilisationRatio, 'double');
}

/** Appends a row of packets_discarded. */
export function appendDiscard(out: CopyBuffer, value: DiscardedPacket): void {
  const time = storableTime(value.time);
  if ((value.proto & ~0x7fff) !== 0) throw malformed(`${value.proto} is no IP protocol.`);
  out.row(DISCARD_COLUMNS.length);
  out.timestamp(time);
  appendAddress(out, value.device);
  out.bigint(value.inIf);
  out.bigint(value.outIf);
  out.integer(value.reason);
  out.text(value.reasonName);
  out.bigint(value.drops);
  appendAddress(out, value.srcAddr);
  appendAddress(out, value.dstAddr);
  out.integer(value.srcPort);
  out.integer(value.dstPort);
  out.smallint(value.proto);
  out.integer(value.tcpFlags);
  out.integer(value.vlan);
  out.bigint(value.length);
  optional(out, value.queue, 'bigint');
  optional(out, value.acl, 'bigint');
  appendOrNull(out, value.aclName);
  appendOrNull(out, value.function);
}
