import type { Span } from '@opentelemetry/api';
import type { Configuration } from '../../../infra/config/configuration';
import { placeOf, type LogRecord } from '../../../infra/log/log';
import { FlowBatchColumns, HostTrafficColumns, InterfaceTrafficColumns, PrefixTrafficColumns, TrafficFeaturesColumns, decodeAlert, decodeAnomaly, decodeCollectorHealth, decodeDeviceMetrics, decodeDiscardedPacket, decodeExporterName, decodeInterfaceCounters, decodeInterfaceState, decodeLinkMetrics, decodeTrafficForecast, type CollectorHealth, type ExporterName, type InterfaceState } from '../../../schemas';
import { formatIpRow } from '../../../schemas/ip';
import { ALERTS, ANOMALIES, COLLECTORS_HEALTH, DEVICES_METRICS, EXPORTERS_NAMES, FLOWS_UNIQUE, INTERFACES_COUNTERS, INTERFACES_STATE, LINKS_METRICS, PACKETS_DISCARDED, topicName, TRAFFIC_BY_HOST, TRAFFIC_BY_INTERFACE, TRAFFIC_BY_PREFIX, TRAFFIC_FEATURES, TRAFFIC_FORECASTS, type Topic } from '../../../topics';
import { CopyBuffer } from './copy-buffer';
import { appendAlert, appendAnomaly, appendFeatures, appendForecast } from './detection-rows';
import { appendFlows } from './flow-rows';
import { appendHealth } from './health-rows';
import { appendDeviceMetric, appendDiscard, appendInterfaceMetric, appendLinkMetric } from './metric-rows';
import { Sightings } from './sightings';
import { TABLES, type TableKey } from './tables';
import { appendHostTraffic, appendInterfaceTraffic, appendPrefixTraffic, storableTime } from './traffic-rows';

/** Topics that the sink stores. */
export const STORED_TOPICS: readonly Topic[] = [FLOWS_UNIQUE, TRAFFIC_BY_INTERFACE, TRAFFIC_BY_PREFIX, TRAFFIC_BY_HOST, INTERFACES_COUNTERS, INTERFACES_STATE, EXPORTERS_NAMES, PACKETS_DISCARDED, DEVICES_METRICS, LINKS_METRICS, COLLECTORS_HEALTH, TRAFFIC_FEATURES, TRAFFIC_FORECASTS, ANOMALIES, ALERTS] as readonly Topic[];

/** From where to where a partition moves with a batch. */
export interface Step {
  readonly topic: string;
  readonly partition: number;
  /** What the database must hold before. */
  readonly expected: number;
  /** What it holds after. */
  next: number;
}

/** Rows of a table in a batch. */
export interface TableRows {
  readonly out: CopyBuffer;
  /** Numbers since the epoch of the intervals of `noteMs` that rows fell into. */
  readonly buckets: Set<number>;
}

// Decoders keep their columns; one of each serves every batch of the thread.
const flows = new FlowBatchColumns();
const interfaceTraffic = new InterfaceTrafficColumns();
const prefixTraffic = new PrefixTrafficColumns();
const hostTraffic = new HostTrafficColumns();
const features = new TrafficFeaturesColumns();

/**
 * What one transaction stores: rows in the COPY format by table, the step of each partition, and the devices seen. It keeps
 * the records, so that they can be stored one by one where the database refuses one of them. Its memory is used again.
 */
export class SinkBatch {
  readonly tables = Object.fromEntries(Object.keys(TABLES).map((key) => [key, { out: new CopyBuffer(), buckets: new Set<number>() }])) as unknown as Record<TableKey, TableRows>;
  readonly steps = new Map<string, Step>();
  readonly records: LogRecord[] = [];
  readonly sightings = new Sightings();
  /** Spans of the records, to be ended by the commit. */
  readonly spans: Span[] = [];
  readonly touch = { buckets: this.tables.flows.buckets, timesReplaced: 0 };
  /** By performance.now(), of the first record. */
  openedAt = 0;
  private readonly outs = Object.values(this.tables).map(({ out }) => out);
  private readonly adders: ReadonlyMap<string, (value: Buffer) => void>;

  constructor(config: Configuration) {
    const adders: [Topic<never>, (value: Buffer) => void][] = [
      [FLOWS_UNIQUE as Topic<never>, (value) => this.addFlows(value)],
      [TRAFFIC_BY_INTERFACE as Topic<never>, (value) => this.addTraffic('interfaceTraffic', interfaceTraffic, value, (out) => appendInterfaceTraffic(out, interfaceTraffic))],
      [TRAFFIC_BY_PREFIX as Topic<never>, (value) => this.addTraffic('prefixTraffic', prefixTraffic, value, (out) => appendPrefixTraffic(out, prefixTraffic))],
      [TRAFFIC_BY_HOST as Topic<never>, (value) => this.addTraffic('hostTraffic', hostTraffic, value, (out) => appendHostTraffic(out, hostTraffic))],
      [INTERFACES_COUNTERS as Topic<never>, (value) => this.addMetric('interfaceMetrics', decodeInterfaceCounters(value), appendInterfaceMetric, (counters) => this.sightings.interface(counters))],
      [DEVICES_METRICS as Topic<never>, (value) => this.addMetric('deviceMetrics', decodeDeviceMetrics(value), appendDeviceMetric, (metrics) => this.sightings.named(metrics))],
      [INTERFACES_STATE as Topic<never>, (value) => this.addState(decodeInterfaceState(value))],
      [EXPORTERS_NAMES as Topic<never>, (value) => this.addName(decodeExporterName(value))],
      [PACKETS_DISCARDED as Topic<never>, (value) => this.addMetric('discards', decodeDiscardedPacket(value), appendDiscard, ({ device, time }) => this.sightings.device(device, time))],
      [COLLECTORS_HEALTH as Topic<never>, (value) => this.addHealth(decodeCollectorHealth(value))],
      [LINKS_METRICS as Topic<never>, (value) => this.addMetric('linkMetrics', decodeLinkMetrics(value), appendLinkMetric, ({ link, time }) => this.sightings.link(link, time))],
      [ANOMALIES as Topic<never>, (value) => this.addMetric('anomalies', decodeAnomaly(value), appendAnomaly)],
      [ALERTS as Topic<never>, (value) => this.addMetric('alerts', decodeAlert(value), appendAlert)],
      [TRAFFIC_FORECASTS as Topic<never>, (value) => appendForecast(this.tables.predictions.out, decodeTrafficForecast(value), (time) => this.note('predictions', time))],
      [TRAFFIC_FEATURES as Topic<never>, (value) => this.addFeatures(value)],
    ];
    this.adders = new Map(adders.map(([topic, add]) => [topicName(topic as Topic, config), add]));
  }

  /** Rows to be written, states of interfaces, and names. */
  get rows(): number {
    let rows = this.sightings.stated;
    for (const out of this.outs) rows += out.rows;
    return rows;
  }

  get empty(): boolean {
    return this.steps.size === 0;
  }

  /**
   * Takes a record's rows and its step. @param expected what the database holds for its partition before this batch
   * @throws NW_SCHEMA_MALFORMED, NW_SINK_VALUE_REFUSED: then nothing of it was taken, see {@link pass}
   */
  add(record: LogRecord, expected: number): void {
    const before = this.outs.map(({ position, rows }) => ({ position, rows }));
    try {
      if (record.value !== null) this.adders.get(record.topic)?.(record.value);
    } catch (error) {
      this.outs.forEach((out, i) => out.truncate(before[i].position, before[i].rows));
      throw error;
    }
    this.records.push(record);
    this.pass(record, expected);
  }

  /** Takes the step of a record without its rows. */
  pass(record: LogRecord, expected: number): void {
    if (this.empty) this.openedAt = performance.now();
    const place = placeOf(record);
    const step = this.steps.get(place);
    if (step === undefined) this.steps.set(place, { topic: record.topic, partition: record.partition, expected, next: record.offset + 1 });
    else step.next = record.offset + 1;
  }

  clear(): void {
    for (const { out, buckets } of Object.values(this.tables)) {
      out.clear();
      buckets.clear();
    }
    this.steps.clear();
    this.records.length = 0;
    this.sightings.clear();
    this.spans.length = 0;
    this.touch.timesReplaced = 0;
  }

  private addFlows(value: Buffer): void {
    flows.decode(value);
    appendFlows(this.tables.flows.out, this.tables.detailedFlows.out, flows, this.touch);
    const { datagrams } = flows;
    let last = '';
    for (let i = 0; i < datagrams.length; i++) {
      if (i === 0 || !sameRow(datagrams.exporterWords, i - 1, i)) last = formatIpRow(datagrams.exporter, i * 16);
      this.sightings.device(last, storable(datagrams.exportTime[i]) ? datagrams.exportTime[i] : datagrams.receiveTime[i]);
    }
  }

  private addTraffic<C extends { windowStart: number; decode(value: Uint8Array): void }>(key: TableKey, columns: C, value: Buffer, append: (out: CopyBuffer) => void): void {
    const { out } = this.tables[key];
    columns.decode(value);
    append(out);
    this.note(key, columns.windowStart);
  }

  private addMetric<T extends { time: number }>(key: TableKey, value: T, append: (out: CopyBuffer, value: T) => void, see: (value: T) => void = () => undefined): void {
    append(this.tables[key].out, value);
    this.note(key, value.time);
    see(value);
  }

  private addFeatures(value: Buffer): void {
    const { out } = this.tables.features;
    const before = out.rows;
    features.decode(value);
    appendFeatures(out, features);
    if (out.rows > before) this.note('features', features.windowStart);
  }

  private addHealth(health: CollectorHealth): void {
    appendHealth(this.tables.health.out, health);
    this.note('health', health.windowEnd);
  }

  private addState(state: InterfaceState): void {
    storableTime(state.time);
    this.sightings.state(state);
  }

  private addName(name: ExporterName): void {
    storableTime(name.time);
    this.sightings.name(name);
  }

  private note(key: TableKey, time: number): void {
    this.tables[key].buckets.add(Math.floor(time / TABLES[key].noteMs));
  }
}

const storable = (ms: number): boolean => ms > 0 && ms < 7_258_118_400_000;

function sameRow(words: Int32Array, a: number, b: number): boolean {
  for (let i = 0; i < 4; i++) if (words[a * 4 + i] !== words[b * 4 + i]) return false;
  return true;
}
