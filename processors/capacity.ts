/**
 * When interfaces and links will be full: of each direction the trend of its daily peaks, and when that meets a share of the capacity, with the earliest and the
 * latest time that it may be.
 *
 * A day's peak is the highest of the windows forecast one ahead: what the traffic is taken to be, without single bursts. The day after the last is there too, once
 * a day of forecasts covers most of it. The slope is Theil and Sen's, with a 90 % interval. Capacity is that of links.state, or the speed of the interface. Told of each
 * direction every `everyMs`, where `leastDays` are known; those of which no capacity is known are counted (`no-capacity`).
 *
 * Units: bits a second.
 *
 * Delivery: exactly once, from traffic.forecasts, interfaces.rates and links.state to capacity.forecasts. State: 1 KiB a direction, for `lifeMs`; speeds.
 */
import { crossing } from '../domain/forecast/capacity';
import { section, whole, type ValuesOf } from '../infra/config/section';
import { rounded } from '../infra/inference/rounded';
import { decodeInterfaceRates, decodeLinkState, decodeTrafficForecast, encodeCapacityForecast, type TrafficForecast } from '../schemas';
import { CAPACITY_FORECASTS, INTERFACES_RATES, LINKS_STATE, TRAFFIC_FORECASTS } from '../topics';
import { JoinTable } from './runtime/joins/join-table';
import type { Context, Processor, ProcessorTask, RecordSteps } from './runtime/processor';
import { KeyValue } from './runtime/state/key-value';

/** Keys of `capacity`. */
export const capacitySection = section('capacity', 'When interfaces and links will be full.', {
  thresholdPercent: whole({ doc: 'Share of the capacity that is to be passed; unit: percent.', default: 80, min: 1, max: 1000 }),
  everyMs: whole({ doc: 'How often it is told of a direction, in time of the traffic; unit: milliseconds.', default: 86_400_000, min: 300_000, max: 2_592_000_000 }),
  leastDays: whole({ doc: 'Days of which the peak must be known; unit: days.', default: 7, min: 3, max: 90 }),
  aheadDays: whole({ doc: 'What lies farther ahead is not foreseen; unit: days.', default: 730, min: 1, max: 36_500 }),
  lifeMs: whole({ doc: 'How long a direction is remembered without forecasts; unit: milliseconds.', default: 2_592_000_000, min: 86_400_000, max: 31_536_000_000 }),
  maxStateMiB: whole({ doc: 'Memory of peaks, of speeds and of links, each; unit: MiB.', default: 64, min: 1, max: 16_384 }),
});

type Settings = ValuesOf<typeof capacitySection>;

const DAY_MS = 86_400_000;
/** Days that are kept. */
const DAYS = 90;
/** Kept of a direction: time of its last window, when it was told of, then the peak of each day by its number, and the number that it is of; NaN: none. */
const LAST = 0, TOLD = 1, PEAKS = 2, NUMBERS = PEAKS + DAYS, CELLS = NUMBERS + DAYS;
/** A day ahead of the last counts once so much of it is forecast. */
const MOST_OF_A_DAY_MS = 0.75 * DAY_MS;

const NONE = Buffer.alloc(8);
const numberIn = (kept: Buffer | null): number => (kept === null ? 0 : kept.readDoubleLE(0));
const kept = (value: number): Buffer => {
  const bytes = Buffer.from(NONE);
  bytes.writeDoubleLE(value);
  return bytes;
};

class CapacityTask implements ProcessorTask {
  readonly stores;
  readonly tables: readonly RecordSteps[];
  private readonly speeds: JoinTable;
  private readonly links: JoinTable;
  private readonly peaks: KeyValue;
  private readonly cells = new Float64Array(CELLS);
  private readonly bytes = Buffer.from(this.cells.buffer);
  private forecast!: TrafficForecast;

  constructor(private readonly settings: Settings) {
    const maxBytes = settings.maxStateMiB * 2 ** 20;
    this.speeds = new JoinTable({ name: 'speeds', topic: INTERFACES_RATES, maxBytes, keep: (value, before) => kept(decodeInterfaceRates(value).speed ?? numberIn(before)) });
    this.links = new JoinTable({ name: 'links', topic: LINKS_STATE, maxBytes, keep: (value) => kept(decodeLinkState(value).bitsPerSecond ?? 0) });
    this.peaks = new KeyValue({ name: 'peaks', maxBytes, lifeMs: settings.lifeMs });
    this.stores = [this.peaks, this.speeds.store, this.links.store];
    this.tables = [this.speeds.steps(), this.links.steps()];
  }

  decode(value: Buffer): void {
    this.forecast = decodeTrafficForecast(value);
  }

  step(context: Context): void {
    const { cells, forecast, peaks, settings } = this;
    if (forecast.kind === 'host') return;
    context.received(1);
    peaks.advance(context.timestampMs);
    const key = Buffer.from(forecast.subject);
    const before = peaks.get(key);
    if (before === null) {
      cells.fill(NaN);
      cells[TOLD] = 0;
    } else this.bytes.set(before);
    if (forecast.time <= cells[LAST]) return context.discarded('out-of-order', 1);
    cells[LAST] = forecast.time;
    const [next] = forecast.horizons;
    this.raise(forecast.time + next.horizonMs - forecast.windowMs, next.bitsPerSecond);
    if (Math.floor(forecast.time / settings.everyMs) > Math.floor(cells[TOLD] / settings.everyMs) && this.tell(key, context)) cells[TOLD] = forecast.time;
    if (!peaks.put(key, this.bytes)) context.discarded('state-full', 1);
  }

  /** The peak of the day of a window is at least this. */
  private raise(windowStart: number, bitsPerSecond: number): void {
    const { cells } = this;
    if (!Number.isFinite(bitsPerSecond)) return;
    const day = Math.floor(windowStart / DAY_MS);
    const at = day % DAYS;
    if (cells[NUMBERS + at] !== day) {
      cells[NUMBERS + at] = day;
      cells[PEAKS + at] = bitsPerSecond;
    } else if (bitsPerSecond > cells[PEAKS + at]) cells[PEAKS + at] = bitsPerSecond;
  }

  /** True where it is told. */
  private tell(key: Buffer, context: Context): boolean {
    const { cells, forecast, settings } = this;
    const today = Math.floor(forecast.time / DAY_MS);
    const days: number[] = [];
    const peaks: number[] = [];
    // A day that is still young has not had its peak.
    const end = forecast.time - today * DAY_MS >= MOST_OF_A_DAY_MS ? today : today - 1;
    for (let day = today - DAYS + 1; day <= end; day++) {
      const at = ((day % DAYS) + DAYS) % DAYS;
      if (cells[NUMBERS + at] !== day) continue;
      days.push(day);
      peaks.push(cells[PEAKS + at]);
    }
    if (days.length < settings.leastDays) return false;
    const table = forecast.kind === 'link' ? this.links : this.speeds;
    const of = key.subarray(0, key.lastIndexOf('/'));
    const capacity = numberIn(table.get(of));
    if (!(capacity > 0)) {
      context.discarded('no-capacity', 1);
      return false;
    }
    const threshold = (capacity * settings.thresholdPercent) / 100;
    const peak = peaks[peaks.length - 1];
    const ahead = forecast.horizons.at(-1)!;
    const peakNext = Math.max(...forecast.horizons.map(({ bitsPerSecond }) => bitsPerSecond));
    // What is expected a day ahead speaks for that day, so far as it is higher than the line would have it.
    const aheadDay = Math.floor((forecast.time + ahead.horizonMs - forecast.windowMs) / DAY_MS);
    if (aheadDay > days[days.length - 1] && peakNext > peak) {
      days.push(aheadDay);
      peaks.push(peakNext);
    }
    const found = crossing(days, peaks, threshold);
    const timeOf = (day: number): number | null => (day - today > settings.aheadDays || Number.isNaN(day) ? null : Math.max(forecast.time, Math.round(day * DAY_MS)));
    const value = {
      subject: forecast.subject, kind: forecast.kind, time: forecast.time, capacity, threshold, days: days.length, peak: rounded(peak), peakNext: rounded(peakNext),
      trend: rounded(found.slope), trendLow: rounded(found.low), trendHigh: rounded(found.high),
      earliest: timeOf(found.earliest), likely: timeOf(found.likely), latest: timeOf(found.latest),
    };
    context.emit(CAPACITY_FORECASTS, 0, key, encodeCapacityForecast(value, context.schemaId(CAPACITY_FORECASTS)), { timeMs: forecast.time, joined: table.causes() });
    context.sent(1);
    return true;
  }
}

/** The processor. */
export const capacity: Processor<typeof capacitySection> = {
  name: 'capacity',
  doc: 'Tells when interfaces and links will pass a share of their capacity.',
  delivery: 'exactly once, from traffic.forecasts, interfaces.rates and links.state to capacity.forecasts',
  input: TRAFFIC_FORECASTS,
  tables: [INTERFACES_RATES, LINKS_STATE],
  outputs: [CAPACITY_FORECASTS],
  section: capacitySection,
  windows: () => [],
  create: (settings) => new CapacityTask(settings),
};
