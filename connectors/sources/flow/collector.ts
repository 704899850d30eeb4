/**
 * The role `collect`: flow datagrams come in by UDP, are decoded straight into Avro batches by partition, and go to
 * `flows.raw`; what sFlow tells of interfaces, of devices and of discarded packets goes to `interfaces.counters`, `devices.metrics` and
 * `packets.discarded`. What happens to a datagram is in `intake.ts`.
 *
 * Delivery: at least once from the moment of receipt for what `/collector/acknowledged` counts, at most once for the rest:
 * UDP itself loses, and a datagram that comes while the log is too slow is dropped and counted.
 */
import { randomUUID } from 'node:crypto';
import { ConfiguredRates } from '../../../domain/flow/sampling';
import { NetWeaverError } from '../../../infra/errors';
import type { LogProducer } from '../../../infra/log/log';
import type { Role, RoleContext, RoleFactory, Route } from '../../../infra/role';
import { RateLimited } from '../../../infra/telemetry/rate-limit';
import { COLLECTORS_HEALTH, DEVICES_METRICS, EXPORTERS_NAMES, FLOWS_RAW, INTERFACES_COUNTERS, INTERFACES_STATE, PACKETS_DISCARDED } from '../../../topics/catalogue';
import { admissionOf, anonymiserOf } from './admission';
import { elementsOf } from './elements';
import { endpointsOf } from './endpoints';
import { Enrichment } from './enrichment';
import { exportersRoute } from './exporters-route';
import type { OwnLosses } from './health';
import { Intake } from './intake';
import { CollectorMetrics } from './metrics';
import { openReceiver } from './open-receiver';
import { openStreams } from './open-streams';
import { Publisher } from './publisher';
import type { DatagramHandler, OpenSocket, Receiver } from './receiver';
import { collectorSection } from './settings';
import { Watch } from './watch';
import { SpoolMetrics } from './spool/metrics';
import { openOutlet } from './spool/open';
import type { SpooledProducer } from './spool/spooled-producer';
import { StreamMetrics } from './stream-metrics';
import type { StreamReceiver } from './stream-receiver';

/** How long a drain waits for the log, milliseconds. */
const DRAIN_MS = 20_000;
/** Metrics are brought up to date, and what is told once a second is told. */
const TICK_MS = 1000;

/** Keys of the ports for connections. */
const STREAM_KEYS = new Set(['collector.ipfixTcpPort', 'collector.ipfixTlsPort']);

/** What is there between start and drain. */
interface Running {
  readonly intake: Intake;
  readonly publisher: Publisher;
  readonly producer: LogProducer;
  readonly spool: SpooledProducer | null;
  readonly receiver: Receiver;
  readonly streams: StreamReceiver | null;
  readonly sockets: readonly OpenSocket[];
  readonly ticker: NodeJS.Timeout;
}

class Collector implements Role {
  readonly name = 'collect';
  private readonly settings;
  private readonly watch: Watch;
  private readonly retryLog = new RateLimited(10_000);
  private metrics: CollectorMetrics | null = null;
  private spoolMetrics: SpoolMetrics | null = null;
  private streamMetrics: StreamMetrics | null = null;
  private running: Running | null = null;
  private enrichment: Enrichment | null = null;
  /** Datagrams received by the time of the drain. */
  private received = 0;

  constructor(
    private readonly context: RoleContext,
    private readonly fail: (error: Error) => void,
  ) {
    this.settings = context.config.get(collectorSection);
    this.watch = new Watch(context, this.settings);
  }

  async start(): Promise<void> {
    const { telemetry } = this.context;
    const { settings } = this;
    this.enrichment = Enrichment.open(this.context.config, telemetry);
    const rates = configuredRates(settings.samplingRates, settings.defaultSamplingRate, settings.scaledExporters);
    const outlet = await openOutlet(this.context, [FLOWS_RAW, INTERFACES_COUNTERS, DEVICES_METRICS, PACKETS_DISCARDED, COLLECTORS_HEALTH, INTERFACES_STATE, EXPORTERS_NAMES], this.fail);
    const [flows, counters, devices, discarded, health, states, exporterNames] = outlet.targets;
    const { producer, spool } = outlet;
    const publisher = new Publisher(producer, telemetry.tracer, (error) => this.retryLog.note(error.message, () => telemetry.logger.warn({ err: error }, 'the log did not take a batch; trying again')), this.fail);
    const intake = new Intake({
      publisher,
      flows,
      counters,
      devices,
      discarded,
      states,
      exporterNames,
      rates,
      admission: admissionOf(settings),
      templates: { perExporter: settings.templatePerExporterKiB * 1024, total: settings.templateMiB * 2 ** 20, ttlSeconds: settings.templateTtlSeconds },
      reading: {
        tunnels: settings.tunnels,
        finishing: { places: this.enrichment?.places ?? null, anonymiser: anonymiserOf(settings) },
        ...elementsOf(settings),
        templateScope: settings.templateScope,
        waiting: { totalBytes: settings.waitingMiB * 2 ** 20, perExporterBytes: settings.waitingPerExporterKiB * 1024, ageMs: settings.waitingSeconds * 1000 },
        streams: settings.streams,
      },
      cutBytes: settings.batchKiB * 1024,
      cutMs: settings.batchMs,
      inFlightBytes: settings.inFlightMiB * 2 ** 20,
      events: { fault: (source, fault, detail) => this.watch.fault(source, fault, detail), forgotten: (stream) => this.watch.forgotten(stream) },
      fail: this.fail,
    });
    this.watch.start(intake.decoder, health, publisher, Date.now());
    const receiver = this.receiver();
    this.metrics = new CollectorMetrics(telemetry);
    if (spool) this.spoolMetrics = new SpoolMetrics(telemetry);
    let streams: StreamReceiver | null = null;
    let datagramSockets: readonly OpenSocket[];
    let streamSockets: readonly OpenSocket[];
    try {
      streams = this.streams(intake, publisher);
      const take: DatagramHandler = (payload, peer, receiveMs) => intake.datagram(payload, peer, receiveMs);
      datagramSockets = await receiver.start(take);
      streamSockets = (await streams?.start(take)) ?? [];
    } catch (error) {
      await receiver.stop();
      await producer.close();
      throw error;
    }
    const sockets = [...datagramSockets, ...streamSockets];
    const ticker = setInterval(() => this.tick(), TICK_MS);
    ticker.unref();
    this.enrichment?.start();
    this.running = { intake, publisher, producer, spool, receiver, streams, sockets, ticker };
    for (const socket of sockets) telemetry.logger.info({ address: socket.address, port: socket.port, key: socket.key, receiveBuffer: socket.receiveBuffer }, 'listening for flows');
    const asked = settings.receiveBufferMiB * 2 ** 20;
    const least = Math.min(...datagramSockets.map(({ receiveBuffer }) => receiveBuffer));
    if (least < asked) telemetry.logger.warn({ asked, got: least }, 'the system gives smaller receive buffers than asked for: bursts may be lost; raise net.core.rmem_max');
  }

  /** IPFIX over TCP and TLS: a session is one worker's as a whole, so the first has them all. */
  private streams(intake: Intake, publisher: Publisher): StreamReceiver | null {
    const { context, settings } = this;
    if (context.worker && context.worker.index > 0) return null;
    const { logger } = context.telemetry;
    const streams = openStreams(settings, {
      // Before the intake begins to drop: TCP can wait.
      busy: () => publisher.bytes > 0.75 * settings.inFlightMiB * 2 ** 20,
      broken: (peer) => intake.fault(peer, 'bad_message'),
      ended: (peer) => intake.end(peer),
      refused: (reason, detail) => this.retryLog.note(reason, (heldBack) => logger.warn({ reason, detail, heldBack }, 'a connection for IPFIX was refused')),
    });
    if (streams) this.streamMetrics = new StreamMetrics(context.telemetry);
    return streams;
  }

  private receiver(): Receiver {
    const { receiver, receiveBufferMiB, receivePauseMs } = this.settings;
    const options = { endpoints: endpointsOf(this.settings), receiveBuffer: receiveBufferMiB * 2 ** 20, pauseMs: receivePauseMs, sockets: this.context.worker?.sockets, onError: this.fail };
    return openReceiver(receiver, options, this.context.telemetry.logger);
  }

  /** Once a second, and at the end. */
  private tick(): void {
    const { running } = this;
    if (!running) return;
    this.metrics?.update(running.intake, running.publisher, running.receiver.state(), this.watch.faults);
    this.watch.tick(Date.now(), this.losses(running));
    if (running.spool) this.spoolMetrics?.update(running.spool.state());
    if (running.streams) this.streamMetrics?.update(running.streams.counts);
  }

  private losses({ intake, receiver, spool }: Running): OwnLosses {
    const { received, receivedBytes, dropped } = intake;
    const kernelDrops = receiver.state().reduce((sum, { drops }) => sum + Math.max(0, drops), 0);
    return { received, receivedBytes, kernelDrops, queueDrops: dropped, refused: intake.refused, spoolDrops: spool?.state().losses.dropped.flows ?? 0 };
  }

  /**
   * `/collector/acknowledged`: `received` datagrams taken in since the start of `instance`; of the first `acknowledged` of them every
   * flow is durable, or there was none, or its data waits for its template: `waiting` datagrams do. `/collector/published`: flows
   * durable. `/collector/sockets`: where it listens, and how each socket stands. `/collector/exporters`: what came and was lost of each.
   */
  routes(): Readonly<Record<string, Route>> {
    return {
      '/collector/acknowledged': () => {
        const { intake, publisher } = this.running ?? {};
        return { status: 200, body: { instance: publisher?.instance ?? randomUUID(), received: intake?.received ?? this.received, acknowledged: intake?.acknowledged() ?? this.received, waiting: intake?.decoder.waiting.size ?? 0 } };
      },
      '/collector/exporters': (request) => (this.running ? exportersRoute(this.running.intake.decoder, request) : { status: 503, body: { error: 'the collector does not run' } }),
      '/collector/published': () => ({ status: 200, body: `${this.running?.publisher.published ?? 0}\n` }),
      '/collector/sockets': () => ({ status: 200, body: [...(this.running?.receiver.state() ?? []), ...(this.running?.sockets.filter(({ key }) => STREAM_KEYS.has(key)) ?? [])] }),
      '/collector/spool': () => ({ status: 200, body: this.running?.spool?.state() ?? null }),
    };
  }

  readiness(): string | null {
    if (!this.running) return 'the collector has not started';
    return this.running.intake.blocked ? 'the log is too slow: datagrams are being dropped' : null;
  }

  async drain(): Promise<void> {
    const { running } = this;
    if (!running) return;
    const { intake, producer, publisher, receiver, ticker } = running;
    clearInterval(ticker);
    this.enrichment?.stop();
    this.tick();
    await receiver.stop();
    await running.streams?.stop();
    intake.cut();
    await this.watch.close(Date.now(), this.losses(running));
    const durable = await publisher.close(DRAIN_MS);
    if (!durable) this.context.telemetry.logger.error({ bytes: publisher.bytes }, 'the log did not take everything before the end');
    this.tick();
    this.received = intake.received;
    this.running = null;
    await producer.close();
  }
}

function configuredRates(prefixes: Readonly<Record<string, number>>, fallback: number, scaled: readonly string[]): ConfiguredRates {
  try {
    return new ConfiguredRates(prefixes, fallback, scaled);
  } catch (error) {
    throw new NetWeaverError('NW_CONFIG_INVALID', `collector.samplingRates, collector.scaledExporters: ${(error as Error).message}; allowed are IPv4 and IPv6 addresses and prefixes.`);
  }
}

/** Makes the role. */
export const createCollector: RoleFactory = (context, fail) => new Collector(context, fail);
