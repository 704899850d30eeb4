/**
 * The role `topology`: takes the topology of the network from files, from feeds over WebSocket and from what devices know of their
 * neighbours, and writes its changes to `topology.events`.
 *
 * Delivery: at least once from the source on; at its start every source is told whole.
 */
import { NetWeaverError } from '../../../infra/errors';
import type { Role, RoleContext, RoleFactory, Route } from '../../../infra/role';
import { snmpSection } from '../snmp/settings';
import { Feed } from './feed';
import { LldpSource } from './lldp';
import { TopologyMetrics } from './metrics';
import { fileSource } from './read-file';
import { topologySection } from './settings';
import { WatchedFile } from './watched-file';
import { TopologyWriter, type EventSink } from './writer';

/** How long a drain waits for the log to take what was read, milliseconds. */
const DRAIN_MS = 5_000;

/** Prints instead of writing. */
const PRINTER: EventSink = {
  write: (events) => new Promise((resolve) => process.stdout.write(events.map((event) => `${JSON.stringify(event)}\n`).join(''), () => resolve())),
};

class TopologyRole implements Role {
  readonly name = 'topology';
  private writer: TopologyWriter | null = null;
  private files: WatchedFile[] = [];
  private feeds: Feed[] = [];
  private lldp: LldpSource | null = null;
  private started = false;
  private failed = false;

  constructor(
    private readonly context: RoleContext,
    private readonly fail: (error: Error) => void,
  ) {}

  /** @throws NW_CONFIG_INVALID, NW_TOPIC_MISSING */
  async start(): Promise<void> {
    const { config, telemetry } = this.context;
    const settings = config.get(topologySection);
    const names = settings.files.map(fileSource);
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined) throw new NetWeaverError('NW_CONFIG_INVALID', `topology.files: two files would be the source ${twice}.`);
    const metrics = new TopologyMetrics(telemetry);
    const sink = settings.dryRun ? PRINTER : (this.writer = await TopologyWriter.open(this.context));
    const { logger } = telemetry;
    const { maxElements } = settings;
    const common = { sink, metrics, logger, maxElements, fail: (error: Error) => this.giveUp(error) };
    this.files = settings.files.map((path) => new WatchedFile({ ...common, path, everyMs: settings.fileSeconds * 1000 }));
    this.feeds = Object.entries(settings.feeds).map(([name, feed]) => new Feed({
      ...common, name, settings: feed, silenceMs: settings.feedSilenceSeconds * 1000, maxBackoffMs: settings.maxBackoffSeconds * 1000, maxMessageBytes: settings.maxMessageMiB * 2 ** 20,
    }));
    this.lldp = settings.lldp ? new LldpSource({ ...common, snmp: config.get(snmpSection), settings }) : null;
    for (const source of [...this.files, ...this.feeds]) source.start();
    this.lldp?.start();
    this.started = true;
    logger.info({ files: this.files.length, feeds: this.feeds.length, lldp: settings.lldp, dryRun: settings.dryRun }, 'taking the topology');
  }

  private giveUp(error: Error): void {
    if (this.failed) return;
    this.failed = true;
    this.fail(error);
  }

  /** `/topology/sources`: every source, how many elements it has, and what is wrong with it. */
  routes(): Readonly<Record<string, Route>> {
    return { '/topology/sources': () => ({ status: 200, body: this.status() }) };
  }

  private status(): unknown[] {
    return [
      ...this.files.map(({ state, problem }) => ({ source: state.source, elements: state.elements, problem })),
      ...this.feeds.map(({ status }) => status),
      ...(this.lldp === null ? [] : [{ source: this.lldp.state.source, elements: this.lldp.state.elements, devicesFailing: this.lldp.devicesFailing, problem: this.lldp.problem }]),
    ];
  }

  /** A source that is away does not make the others unready: `/topology/sources` tells of it. */
  readiness(): string | null {
    return this.started ? (this.writer?.problem ?? null) : 'the sources of topology have not started';
  }

  async drain(): Promise<void> {
    const stopped = Promise.all([...this.files, ...this.feeds, ...(this.lldp === null ? [] : [this.lldp])].map((source) => source.stop()));
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([stopped, new Promise<void>((resolve) => (timer = setTimeout(resolve, DRAIN_MS)))]);
    clearTimeout(timer);
    await this.writer?.close();
    await stopped;
    this.started = false;
  }
}

/** Makes the role. */
export const createTopologyRole: RoleFactory = (context, fail) => new TopologyRole(context, fail);
