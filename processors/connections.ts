/**
 * Finds hosts that get many more connections than usual at the ports of a service, `domain/detect/connection-flood.ts`, in the features of windows of ten seconds. `detect` looks at packets and
 * bits within a second; this looks at what needs some windows to show: floods of requests that are few packets and answered like honest ones.
 *
 * Units: flows a second, as exported: where packets are sampled, fewer flows are seen than there are.
 *
 * Delivery: exactly once, from traffic.features to anomalies.
 * State: 64 bytes a host that was seen within an hour.
 */
import { CONNECTION_CELLS, connectionFlood, type ConnectionLimits } from '../domain/detect/connection-flood';
import { section, whole, type ValuesOf } from '../infra/config/section';
import { TrafficFeaturesColumns } from '../schemas';
import { parseIpRow } from '../schemas/ip';
import { ANOMALIES, TRAFFIC_FEATURES } from '../topics';
import type { Context, Processor, ProcessorTask } from './runtime/processor';
import { AgeingTable } from './runtime/state/ageing-table';
import { Cells } from './runtime/state/cells';
import { OpenAnomalies } from './watch/open-anomalies';

/** Keys of `connections`. */
export const connectionsSection = section('connections', 'Hosts that get many more connections than usual.', {
  leastPerMinute: whole({ doc: 'Connections that are nothing unusual for any host; unit: flows/min.', default: 600, min: 1, max: 1_000_000_000 }),
  leastLingeringPerMinute: whole({ doc: 'The same of connections that last long and carry next to nothing; unit: flows/min.', default: 60, min: 1, max: 1_000_000_000 }),
  timesUsual: whole({ doc: 'Times what is usual that is to be found.', default: 4, min: 2, max: 1000 }),
  warmUpMs: whole({ doc: 'After its first window a partition only learns for so long what is usual; unit: milliseconds.', default: 600_000, min: 0, max: 86_400_000 }),
  memoryMs: whole({ doc: 'What is usual is a mean over so long; unit: milliseconds.', default: 3_600_000, min: 60_000, max: 604_800_000 }),
  goesOnMs: whole({ doc: 'How often it is told that an anomaly goes on; unit: milliseconds.', default: 60_000, min: 1000, max: 86_400_000 }),
  overMs: whole({ doc: 'It is over when no window spoke for it for so long; unit: milliseconds.', default: 60_000, min: 10_000, max: 86_400_000 }),
  maxHosts: whole({ doc: 'Hosts of a partition that are remembered, 64 bytes each, twice; beyond, the oldest give way.', default: 100_000, min: 1000, max: 8_000_000 }),
});

type Settings = ValuesOf<typeof connectionsSection>;

const WINDOW_MS = 10_000;
const HOUR_MS = 3_600_000;
const OPEN_BYTES = 16 * 2 ** 20;
const NAMED = { kind: 'connection-flood', detector: 'connections' } as const;

class ConnectionsTask implements ProcessorTask {
  readonly stores;
  private readonly features = new TrafficFeaturesColumns();
  private readonly hosts: AgeingTable;
  private readonly open: OpenAnomalies;
  /** Latest end of a window; start of the first. */
  private readonly clock = new Cells('clock', 2);
  private readonly limits: ConnectionLimits;
  private readonly key = new Int32Array(4);
  private readonly keyBytes = new Uint8Array(this.key.buffer);
  private readonly row = new Int32Array(1);
  private readonly fresh = new Uint8Array(1);

  constructor(private readonly settings: Settings) {
    const { leastPerMinute, leastLingeringPerMinute, timesUsual, memoryMs, maxHosts, goesOnMs } = settings;
    this.limits = { least: leastPerMinute / 60, leastLingering: leastLingeringPerMinute / 60, ratio: timesUsual, memory: memoryMs / WINDOW_MS };
    this.hosts = new AgeingTable({ name: 'hosts', keyWords: 4, ints: 0, doubles: CONNECTION_CELLS, maxRows: maxHosts }, HOUR_MS);
    this.open = new OpenAnomalies(OPEN_BYTES, goesOnMs);
    this.stores = [this.clock, ...this.hosts.stores, this.open.store];
  }

  streamTime(): number | null {
    return this.clock.values[0] || null;
  }

  decode(value: Buffer): void {
    this.features.decode(value);
  }

  step(context: Context): void {
    const { kind, windowStart, windowMs, rows } = this.features;
    if (kind !== 'host' || windowMs !== WINDOW_MS) return;
    context.received(rows.length);
    const end = windowStart + windowMs;
    const { evicted } = this.hosts;
    this.hosts.advance(context.timestampMs);
    // A window of the past, replayed, is judged like any other; it moves no clock back.
    this.pass(end, context);
    if (this.clock.values[1] === 0) this.clock.set(1, windowStart);
    for (let row = 0; row < rows.length; row++) this.judge(row, end, context);
    if (this.hosts.evicted > evicted) context.discarded('state-evicted', this.hosts.evicted - evicted);
  }

  due(): number {
    return this.open.store.entries > 0 ? this.clock.values[0] + this.settings.overMs : Infinity;
  }

  silence(timeMs: number, context: Context): void {
    this.pass(timeMs, context);
  }

  private judge(row: number, end: number, context: Context): void {
    const { rows } = this.features;
    const subject = rows.subject[row];
    if (!parseIpRow(subject, this.keyBytes)) return context.discarded('no-address', 1);
    this.hosts.upsertAll(this.key, 1, this.row, this.fresh);
    const { doubles, doublesPerRow, doublesAt } = this.hosts.young;
    const view = { flows: rows.flows[row], packets: rows.packets[row], ports: rows.distinctPorts[row], peers: rows.distinctPeers[row], srcEntropy: rows.srcEntropy[row], tcpShare: rows.tcpShare[row], meanSeconds: rows.meanDurationMs[row] / 1000, windowSeconds: WINDOW_MS / 1000 };
    const verdict = connectionFlood(doubles, this.row[0] * doublesPerRow + doublesAt, view, rows.gap[row], end - this.clock.values[1] <= this.settings.warmUpMs, this.limits);
    if (verdict === null) return;
    const evidence = verdict.evidence.map((one) => ({ ...one }));
    if (!this.open.found({ ...verdict, ...NAMED, subject, subjectKind: 'host', began: end - WINDOW_MS, time: end, unit: 'flows/s', evidence, elements: [] }, context)) context.discarded('state-full', 1);
  }

  /** Time goes on: what no window spoke for any more is over. */
  private pass(time: number, context: Context): void {
    if (time <= this.clock.values[0]) return;
    this.clock.set(0, time);
    if (this.open.store.entries === 0) return;
    for (const { seen, ...named } of this.open.all()) if (time - seen >= this.settings.overMs) this.open.over(named, time, context);
  }
}

/** See the file's head. */
export const connections: Processor<typeof connectionsSection> = {
  name: 'connections',
  doc: 'Finds hosts that get many more connections than usual at the ports of a service.',
  delivery: 'exactly once, from traffic.features to anomalies',
  input: TRAFFIC_FEATURES,
  outputs: [ANOMALIES],
  section: connectionsSection,
  windows: () => [],
  create: (settings) => new ConnectionsTask(settings),
};
