/** Rows of subjects as vectors of features. */
import { foldedEntropy } from '../../domain/sketch/entropy';
import { hllEstimate } from '../../domain/sketch/hyperloglog';
import { TrafficFeaturesColumns, type TrafficFeaturesRowColumns } from '../../schemas';
import type { Table } from '../runtime/state/table';
import type { Past } from './history';
import { BYTES, BYTES_OUT, bytesOf, DESTINATIONS, DURATION, FLOWS, ICMP, PACKETS, PACKETS_OUT, PORTS_TO, registersAt, SOURCES, SUMS, sumsAt, TCP, UDP, type SubjectKind } from './subjects';

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
/** 1970 began on a Thursday. */
const MONDAY_MS = 4 * DAY_MS;

/** Part of the day that has gone by at a time, UTC. */
export const dayFraction = (timeMs: number): number => (timeMs % DAY_MS) / DAY_MS;

/** Part of the week, which begins on Monday 0 h UTC. */
export const weekFraction = (timeMs: number): number => ((timeMs + WEEK_MS - MONDAY_MS) % WEEK_MS) / WEEK_MS;

/** What of the features of a window is the same for all its rows. */
export interface WindowTimes {
  readonly windowStart: number;
  readonly windowMs: number;
}

/** Appends the features of a row of a table. */
export function appendVector(to: TrafficFeaturesRowColumns, kind: SubjectKind, table: Table, row: number, subject: string, { windowStart }: WindowTimes, past: Past): void {
  const i = to.length;
  to.reserve(i + 1);
  to.length = i + 1;
  const { doubles } = table;
  const at = sumsAt(table, row);
  const packets = doubles[at + PACKETS];
  const flows = doubles[at + FLOWS];
  const share = (column: number): number => (packets > 0 ? Math.min(1, doubles[at + column] / packets) : NaN);
  to.subject[i] = subject;
  to.bytes[i] = doubles[at + BYTES];
  to.packets[i] = packets;
  to.flows[i] = flows;
  to.bytesOut[i] = doubles[at + BYTES_OUT];
  to.packetsOut[i] = doubles[at + PACKETS_OUT];
  to.meanDurationMs[i] = flows > 0 ? doubles[at + DURATION] / flows : NaN;
  to.tcpShare[i] = share(TCP);
  to.udpShare[i] = share(UDP);
  to.icmpShare[i] = share(ICMP);
  to.dayFraction[i] = dayFraction(windowStart);
  to.weekFraction[i] = weekFraction(windowStart);
  to.movingAverage[i] = past.movingAverage;
  to.trend[i] = past.trend;
  to.gap[i] = past.gap;
  const { precision, registers, buckets, histograms } = kind;
  const bytes = bytesOf(table);
  const peers = hllEstimate(bytes, registersAt(table, row), precision);
  const ports = hllEstimate(bytes, registersAt(table, row) + registers, precision);
  // Whoever was seen had a peer: without one there are no sketches.
  const isKnown = peers > 0;
  const entropy = (histogram: number, different: number): number => (isKnown && histogram < histograms ? foldedEntropy(doubles, at + SUMS + histogram * buckets, buckets, different) : NaN);
  to.distinctPeers[i] = isKnown ? peers : NaN;
  to.distinctPorts[i] = isKnown ? ports : NaN;
  to.srcEntropy[i] = entropy(SOURCES, peers);
  to.dstEntropy[i] = entropy(DESTINATIONS, NaN);
  to.portEntropy[i] = entropy(PORTS_TO, ports);
}

/** A record to fill, emptied. */
export function emptied(out: TrafficFeaturesColumns, kind: string, times: WindowTimes): TrafficFeaturesColumns {
  Object.assign(out, times, { kind });
  out.rows.length = 0;
  return out;
}
