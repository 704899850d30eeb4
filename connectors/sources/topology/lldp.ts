/**
 * Neighbours of the devices of `snmp.devices` by SNMP. The first statement waits until every device was asked once; one that does
 * not answer keeps what it said for `topology.lldpHoldSeconds`.
 *
 * Delivery: at least once from a reading on; a device that does not answer is counted and asked again.
 */
import type { ValuesOf } from '../../../infra/config/section';
import { RateLimited } from '../../../infra/telemetry/rate-limit';
import type { Telemetry } from '../../../infra/telemetry/telemetry';
import { resolveCredentials } from '../snmp/credentials';
import { PollError } from '../snmp/poll-error';
import { Schedule } from '../snmp/schedule';
import { DeviceSession } from '../snmp/session';
import { addressOf, Targets, type SnmpSettings, type Target } from '../snmp/targets';
import { LldpNetwork } from './lldp-network';
import { readLldp } from './lldp-reading';
import type { TopologyMetrics } from './metrics';
import type { topologySection } from './settings';
import { SourceState } from './source-state';
import type { EventSink } from './writer';

export interface LldpOptions {
  readonly snmp: SnmpSettings;
  readonly settings: ValuesOf<typeof topologySection>;
  readonly sink: EventSink;
  readonly metrics: TopologyMetrics;
  readonly logger: Telemetry['logger'];
  /** The log is lost for good. */
  readonly fail: (error: Error) => void;
}

/** See the file's head. */
export class LldpSource {
  readonly state: SourceState;
  private readonly network: LldpNetwork;
  private readonly targets: Targets;
  private readonly schedule: Schedule<Target>;
  /** Not asked yet. */
  private readonly left: Set<Target>;
  private readonly sessions = new Set<DeviceSession>();
  private readonly failing = new Set<Target>();
  private readonly faults = new RateLimited(300_000);
  private working: Promise<void> = Promise.resolve();
  private stopped = false;

  /** @throws NW_CONFIG_INVALID credentials that are not there */
  constructor(private readonly options: LldpOptions) {
    const { snmp, settings, sink } = options;
    this.state = new SourceState('lldp:snmp', sink);
    this.network = new LldpNetwork(settings.lldpHoldSeconds * 1000);
    this.targets = new Targets(snmp);
    this.left = new Set(this.targets.configured);
    this.schedule = new Schedule<Target>({ run: (target) => this.ask(target), concurrency: snmp.concurrency, intervalMs: () => settings.lldpSeconds * 1000, maxBackoffMs: snmp.maxBackoffSeconds * 1000 });
  }

  get problem(): string | null {
    return this.left.size > 0 ? `${this.left.size} devices were not asked for their neighbours yet` : null;
  }

  /** Devices whose last answer failed. */
  get devicesFailing(): number {
    return this.failing.size;
  }

  start(): void {
    for (const target of this.targets.configured) this.schedule.add(target);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    const stopped = this.schedule.stop();
    for (const session of this.sessions) session.close();
    await stopped;
    await this.working;
  }

  private async ask(target: Target): Promise<boolean> {
    const { snmp, metrics, logger, fail } = this.options;
    let fault: PollError | null = null;
    try {
      const address = await addressOf(target.host);
      const { port, credentials, timeoutMs, retries, maxRepetitions } = target;
      const session = new DeviceSession({ address, port, credentials: resolveCredentials(credentials), timeoutMs, retries, maxRepetitions, maxRows: snmp.maxInterfaces });
      const limit = setTimeout(() => session.close(new PollError('deadline', `not read within ${snmp.pollLimitSeconds} s`)), snmp.pollLimitSeconds * 1000);
      this.sessions.add(session);
      try {
        if (this.stopped) return false;
        this.network.answered(target.name, target.device ?? address, await readLldp(session), Date.now());
        metrics.received(1);
      } finally {
        clearTimeout(limit);
        this.sessions.delete(session);
        session.close();
      }
    } catch (error) {
      if (!(error instanceof PollError)) {
        fail(error as Error);
        return false;
      }
      fault = error;
      if (fault.fault === 'stopped') return false;
      metrics.error(fault.fault);
      this.faults.note(`${target.name} ${fault.fault}`, (heldBack) => logger.warn({ device: target.name, reason: fault!.fault, detail: fault!.message, heldBack }, 'a device did not tell its neighbours'));
    }
    if (fault === null) this.failing.delete(target);
    else this.failing.add(target);
    this.left.delete(target);
    if (this.left.size === 0) await this.tell();
    return fault === null;
  }

  /** What is known goes out, one statement after the other. */
  private tell(): Promise<void> {
    const { metrics, settings, fail } = this.options;
    this.working = this.working.then(async () => {
      if (this.stopped) return;
      const { elements, counts } = this.network.elements(Date.now());
      for (const [reason, count] of Object.entries(counts)) metrics.discarded(reason, count);
      // A device that lies about its neighbours must not fill the log.
      if (elements.length > settings.maxElements) return metrics.discarded('too-many-elements', elements.length);
      metrics.sent(await this.state.all(elements));
      metrics.elements(this.state.source, this.state.elements);
    }).catch((error: Error) => {
      if (error.name !== 'AbortError' && !this.stopped) fail(error);
    });
    return this.working;
  }
}
