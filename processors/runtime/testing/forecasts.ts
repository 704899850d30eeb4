/** Windows of features and forecasts for tests, from what a test cares about. */
import { encodeTrafficFeatures, encodeTrafficForecast, type ForecastHorizon, type TrafficFeaturesRow, type TrafficForecast } from '../../../schemas';
import { seeded } from '../../../domain/simulate/random';
import { HOUR } from './flows';

const SCHEMA_ID = 1;
const DAY_MS = 86_400_000;
/** Length of the windows that forecasts are made from. */
export const WINDOW_MS = 300_000;

const ROW: TrafficFeaturesRow = {
  subject: '', bytes: 0, packets: 1000, flows: 100, bytesOut: 0, packetsOut: 0, meanDurationMs: 500, tcpShare: 0.8, udpShare: 0.2, icmpShare: 0, dayFraction: 0, weekFraction: 0,
  movingAverage: NaN, trend: 0, distinctPeers: NaN, distinctPorts: NaN, srcEntropy: NaN, dstEntropy: NaN, portEntropy: NaN, gap: 0,
};

/** A record of traffic.features: bytes by subject. */
export const featuresValue = (windowStart: number, bytes: Readonly<Record<string, number>>, kind = 'interface', windowMs = WINDOW_MS): Buffer =>
  encodeTrafficFeatures({ windowStart, windowMs, kind, rows: Object.entries(bytes).map(([subject, of]) => ({ ...ROW, subject, bytes: of })) }, SCHEMA_ID);

/** A record of traffic.forecasts that expects the same at every horizon. */
export function forecastValue(subject: string, time: number, bitsPerSecond: number, of: Partial<TrafficForecast> = {}): Buffer {
  const horizons = [300_000, 900_000, 3_600_000, DAY_MS].map((horizonMs): ForecastHorizon => ({ horizonMs, bitsPerSecond, p05: bitsPerSecond, p10: bitsPerSecond, p50: bitsPerSecond, p90: bitsPerSecond, p95: bitsPerSecond }));
  return encodeTrafficForecast({ subject, kind: 'interface', time, windowMs: WINDOW_MS, model: 'linear', modelHash: '', gaps: 0, horizons, ...of }, SCHEMA_ID);
}

interface Fed {
  readonly partition: number;
  readonly value: Buffer;
  readonly timestampMs: number;
}

/** Seven hours of two interfaces and a link until the hour; one interface misses two windows, one does not know a third, and the link carries five times as much in the last half hour. */
export function windows(partitions: number): Fed[] {
  const random = seeded(11);
  const records: Fed[] = [];
  const count = 84;
  for (let i = 0; i < count; i++) {
    const windowStart = HOUR - (count - i) * WINDOW_MS;
    const bytes = (scale: number): number => Math.round(scale * (1 + 0.3 * Math.sin(i / 12) + 0.05 * random()));
    const interfaces = { 'r1/1/in': i === 40 ? NaN : bytes(1e9), ...(i === 50 || i === 51 ? {} : { 'r1/1/out': bytes(4e8) }) };
    const at = (partition: number): Omit<Fed, 'value'> => ({ partition: partition % partitions, timestampMs: windowStart + WINDOW_MS });
    records.push({ ...at(0), value: featuresValue(windowStart, interfaces) }, { ...at(1), value: featuresValue(windowStart, { 'ab/ahead': bytes(2e9) * (i >= count - 6 ? 5 : 1) }, 'link') });
  }
  return records;
}

/** Nine days of forecasts of one interface whose traffic grows, each three hours, as they come after the hour. */
export function growth(subject: string): Fed[] {
  return Array.from({ length: 72 }, (_, i) => {
    const time = HOUR - 9 * DAY_MS + i * 3 * 3_600_000;
    return { partition: 0, value: forecastValue(subject, time, 1e8 + 5e6 * (i / 8) + 4e7 * Math.sin((Math.PI * (i % 8)) / 8)), timestampMs: HOUR + 600_000 + i * 1000 };
  });
}
