/** Windows of hosts for tests, from what a test cares about. */
import { encodeTrafficFeatures, type TrafficFeaturesRow } from '../../../schemas';
import { HOUR } from './flows';

const SCHEMA_ID = 1;
/** Length of these windows. */
export const HOST_WINDOW_MS = 10_000;

const ROW: TrafficFeaturesRow = {
  subject: '192.0.2.80', bytes: 50_000, packets: 500, flows: 50, bytesOut: 0, packetsOut: 0, meanDurationMs: 200, tcpShare: 1, udpShare: 0, icmpShare: 0, dayFraction: 0, weekFraction: 0,
  movingAverage: NaN, trend: NaN, distinctPeers: 20, distinctPorts: 1, srcEntropy: 0.9, dstEntropy: NaN, portEntropy: 0, gap: 0,
};

/** A record of traffic.features: rows of hosts in the window of that number, from the hour on. */
export const hostWindow = (window: number, rows: readonly Partial<TrafficFeaturesRow>[], windowMs = HOST_WINDOW_MS): Buffer =>
  encodeTrafficFeatures({ windowStart: HOUR + window * HOST_WINDOW_MS, windowMs, kind: 'host', rows: rows.map((row) => ({ ...ROW, ...row })) }, SCHEMA_ID);

/** Quarter of an hour of a server that for a minute of it gets eighteen times as many connections, and of a client with as many answers. */
export function crowded(): { partition: 0; value: Buffer; timestampMs: number }[] {
  return Array.from({ length: 90 }, (_, window) => {
    const flows = window >= 70 && window < 76 ? 900 : 50;
    return { partition: 0, value: hostWindow(window, [{ flows, packets: 10 * flows }, { subject: '192.0.2.81', flows, distinctPorts: flows }]), timestampMs: HOUR + (window + 3) * HOST_WINDOW_MS };
  });
}
