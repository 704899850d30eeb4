/**
 * The role `poll`: asks devices for their interfaces, counters and health by SNMP v2c and v3, and writes what they answer to
 * `interfaces.counters`, `interfaces.state` and `devices.metrics`.
 *
 * Delivery: at least once from a reading on; a poll without an answer leaves no event and is counted.
 */
import type { Role, RoleContext, RoleFactory, Route } from '../../../infra/role';
import { RateLimited } from '../../../infra/telemetry/rate-limit';
import { Continuity } from './continuity';
import { resolveCredentials } from './credentials';
import { Exporters } from './exporters';
import { PollMetrics } from './metrics';
import { POLL_FAULTS, PollError, type PollFault } from './poll-error';
import { readDevice, type DeviceReading } from './read-device';
import { Schedule } from './schedule';
import { DeviceSession } from './session';
import { snmpSection } from './settings';
import { addressOf, Targets, type Target } from './targets';
import { ReadingWriter } from './writer';

/** How long a drain waits for the log to take what was read, milliseconds. */
const DRAIN_MS = 5_000;

/** A device and what is known of it. */
class Device {
  readonly continuity = new Continuity();
  address: string | null = null;
  last: Pick<DeviceReading, 'name' | 'description' | 'objectId' | 'uptimeSeconds'> | null = null;
  interfaces = 0;
  readAt: number | null = null;
  fault: PollFault | null = null;
  seconds = 0;

  constructor(readonly target: Target) {}
}

/** Running parts. */
interface Running {
  readonly writer: ReadingWriter;
  readonly schedule: Schedule<Device>;
}

class Poller implements Role {
  readonly name = 'poll';
  private readonly settings;
  private readonly faultLog = new RateLimited(300_000);
  private readonly sessions = new Set<DeviceSession>();
  private metrics: PollMetrics | null = null;
  private running: Running | null = null;
  private exporters: Exporters | null = null;
  private failed = false;
  private stopping = false;

  constructor(
    private readonly context: RoleContext,
    private readonly fail: (error: Error) => void,
  ) {
    this.settings = context.config.get(snmpSection);
  }

  /** @throws NW_CONFIG_INVALID, NW_TOPIC_MISSING */
  async start(): Promise<void> {
    const { settings, context } = this;
    const targets = new Targets(settings);
    this.metrics = new PollMetrics(context.telemetry);
    const writer = await ReadingWriter.open(context, settings.restateMinutes * 60_000);
    const schedule = new Schedule<Device>({
      run: (device) => this.poll(device),
      concurrency: settings.concurrency,
      intervalMs: ({ target }) => target.intervalMs,
      maxBackoffMs: settings.maxBackoffSeconds * 1000,
    });
    this.running = { writer, schedule };
    for (const target of targets.configured) schedule.add(new Device(target));
    if (settings.exporters) this.exporters = await this.follow(targets, schedule);
    context.telemetry.logger.info({ devices: targets.configured.length, exporters: settings.exporters }, 'polling by SNMP');
  }

  /** Exporters are polled as they come. @throws NW_TOPIC_MISSING */
  private follow(targets: Targets, schedule: Schedule<Device>): Promise<Exporters> {
    const devices = new Map<string, Device>();
    const { logger } = this.context.telemetry;
    return Exporters.start(this.context, {
      came: (address) => {
        const target = targets.exporter(address);
        if (target === null) return;
        const device = new Device(target);
        devices.set(address, device);
        schedule.add(device);
        logger.info({ device: address }, 'an exporter is polled');
      },
      went: (address) => {
        const device = devices.get(address);
        if (device !== undefined) schedule.remove(device);
        devices.delete(address);
      },
      trouble: (error) => this.faultLog.note('exporters', (heldBack) => logger.warn({ err: error, heldBack }, 'the exporters cannot be read from the log; trying again')),
    });
  }

  /** One poll; true where the device was read. */
  private async poll(device: Device): Promise<boolean> {
    const { writer } = this.running!;
    const began = performance.now();
    let session: DeviceSession | undefined;
    let fault: PollFault | null = null;
    try {
      const address = await addressOf(device.target.host);
      session = this.open(address, device.target);
      const time = Date.now();
      const reading = await readDevice(session, (error) => this.partly(device, error));
      session.close();
      const broken = device.continuity.note(reading.uptimeSeconds, reading.interfaces, began);
      this.metrics!.published(await writer.write(device.target.device ?? address, reading, broken, time));
      this.read(device, address, reading, time);
    } catch (error) {
      if (!(error instanceof PollError)) {
        this.giveUp(error as Error);
        return false;
      }
      fault = error.fault;
      if (fault !== 'stopped') this.report(device, error);
    } finally {
      session?.close();
    }
    device.fault = fault;
    device.seconds = (performance.now() - began) / 1000;
    if (fault !== 'stopped') this.metrics!.ended({ fault, seconds: device.seconds, requests: session?.requests ?? 0 });
    this.updateGauges();
    return fault === null;
  }

  /** A session that ends with the limit of a poll. @throws PollError `credentials` */
  private open(address: string, { port, credentials, timeoutMs, retries, maxRepetitions }: Target): DeviceSession {
    if (this.stopping) throw new PollError('stopped', 'the role stops');
    const { pollLimitSeconds, maxInterfaces } = this.settings;
    const session = new DeviceSession({ address, port, credentials: resolveCredentials(credentials), timeoutMs, retries, maxRepetitions, maxRows: maxInterfaces });
    const limit = setTimeout(() => session.close(new PollError('deadline', `not read within ${pollLimitSeconds} s`)), pollLimitSeconds * 1000);
    this.sessions.add(session);
    session.onClosed = () => {
      clearTimeout(limit);
      this.sessions.delete(session);
    };
    return session;
  }

  private read(device: Device, address: string, { name, description, objectId, uptimeSeconds, interfaces }: DeviceReading, time: number): void {
    device.address = address;
    device.last = { name, description, objectId, uptimeSeconds };
    device.interfaces = interfaces.length;
    device.readAt = time;
  }

  private partly({ target }: Device, error: PollError): void {
    this.metrics!.partly(error.fault);
    this.note(target, error, 'the health of a device was not read');
  }

  private report({ target }: Device, error: PollError): void {
    this.note(target, error, POLL_FAULTS[error.fault]);
  }

  private note({ name }: Target, { fault, message }: PollError, text: string): void {
    this.faultLog.note(`${name} ${fault}`, (heldBack) => this.context.telemetry.logger.warn({ device: name, reason: fault, detail: message, heldBack }, text));
  }

  private giveUp(error: Error): void {
    if (this.failed || error.name === 'AbortError') return;
    this.failed = true;
    this.fail(error);
  }

  private updateGauges(): void {
    const items = this.running!.schedule.items.map(({ item }) => item);
    this.metrics!.set(items.length, items.filter(({ fault }) => fault !== null).length, items.reduce((sum, { interfaces }) => sum + interfaces, 0));
  }

  /** `/poll/devices`: every device with its last reading, what went wrong with the last poll, and when the next one comes. */
  routes(): Readonly<Record<string, Route>> {
    return { '/poll/devices': () => ({ status: 200, body: this.status() }) };
  }

  private status(): unknown[] {
    const now = performance.now();
    return (this.running?.schedule.items ?? []).map(({ item, failures, busy, nextAt }) => ({
      device: item.target.name,
      address: item.address,
      ...item.last,
      interfaces: item.interfaces,
      readAt: item.readAt === null ? null : new Date(item.readAt).toISOString(),
      error: item.fault,
      failures,
      pollSeconds: Number(item.seconds.toFixed(3)),
      nextInSeconds: busy ? 0 : Math.max(0, Math.round((nextAt - now) / 1000)),
    }));
  }

  readiness(): string | null {
    return this.running === null ? 'the poller has not started' : this.running.writer.problem;
  }

  async drain(): Promise<void> {
    const { running } = this;
    if (running === null) return;
    this.stopping = true;
    await this.exporters?.stop();
    const stopped = running.schedule.stop();
    for (const session of this.sessions) session.close();
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([stopped, new Promise<void>((resolve) => (timer = setTimeout(resolve, DRAIN_MS)))]);
    clearTimeout(timer);
    await running.writer.close();
    await stopped;
    this.running = null;
  }
}

/** Makes the role. */
export const createPoller: RoleFactory = (context, fail) => new Poller(context, fail);
