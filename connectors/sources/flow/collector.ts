/**
 * The role `collect`: flow datagrams come in by UDP, are decoded straight into Avro batches by partition, and go to
 * `flows.raw`; counter samples of sFlow go to `interfaces.counters`.
 *
 * Delivery: at least once from the moment of receipt for what `/collector/acknowledged` counts, at most once for the rest:
 * UDP itself loses, and a datagram that comes while the log is too slow is dropped and counted.
 */
import { randomUUID } from 'node:crypto';
import { FlowPartitions, type BatchBuilder } from '../../../domain/flow/batch-builder';
import { FlowDecoder, type DatagramInfo, type Source } from '../../../domain/flow/decoder';
import { FAULTS, type Fault } from '../../../domain/flow/protocol';
import { ConfiguredRates } from '../../../domain/flow/sampling';
import type { CounterSample } from '../../../domain/flow/sflow';
import { addressBytes } from '../../../domain/flow/sources';
import { NetWeaverError } from '../../../infra/errors';
import { partitionOf } from '../../../infra/log/partition';
import type { LogProducer } from '../../../infra/log/log';
import type { Role, RoleContext, RoleFactory, Route } from '../../../infra/role';
import { RateLimited } from '../../../infra/telemetry/rate-limit';
import { encodeInterfaceCounters } from '../../../schemas';
import { formatIpv4, formatIpRow } from '../../../schemas/ip';
import { FLOWS_RAW, INTERFACES_COUNTERS, type Topic } from '../../../topics/catalogue';
import { subjectOf, topicName } from '../../../topics/names';
import { DgramReceiver } from './dgram-receiver';
import { FaultCounts } from './fault-counts';
import { CollectorMetrics, type CollectorCounts } from './metrics';
import { Publisher, type Outgoing } from './publisher';
import type { Endpoint, OpenSocket, Receiver } from './receiver';
import { collectorSection } from './settings';

/** How long a drain waits for the log, milliseconds. */
const DRAIN_MS = 20_000;
const METRICS_MS = 1000;

/** A topic as the collector writes it. */
interface Target {
  readonly name: string;
  readonly partitions: number;
  readonly schemaId: number;
  readonly type: string;
}

/** What is there between start and drain. */
interface Running {
  readonly decoder: FlowDecoder;
  readonly partitions: FlowPartitions;
  readonly publisher: Publisher;
  readonly producer: LogProducer;
  readonly receiver: Receiver;
  readonly sockets: readonly OpenSocket[];
  readonly flows: Target;
  readonly counters: Target;
  readonly metricsTimer: NodeJS.Timeout;
}

class Collector implements Role {
  readonly name = 'collect';
  private readonly settings;
  private readonly counts: CollectorCounts = { received: 0, receivedBytes: 0, dropped: 0, published: 0, inFlightBytes: 0, kernelDrops: 0 };
  private readonly faults: FaultCounts;
  private readonly faultLog = new RateLimited(60_000);
  private readonly retryLog = new RateLimited(10_000);
  private metrics: CollectorMetrics | null = null;
  private running: Running | null = null;
  /** Batches and counters that wait for the end of the datagram or the next cut. */
  private ready: Outgoing[] = [];
  private cutTimer: NodeJS.Timeout | null = null;

  constructor(
    private readonly context: RoleContext,
    private readonly fail: (error: Error) => void,
  ) {
    this.settings = context.config.get(collectorSection);
    this.faults = new FaultCounts(this.settings.exporterLabels);
  }

  async start(): Promise<void> {
    const { log, telemetry } = this.context;
    const { settings } = this;
    const rates = configuredRates(settings.samplingRates, settings.defaultSamplingRate);
    const [flows, counters] = await this.targets([FLOWS_RAW, INTERFACES_COUNTERS]);
    const producer = await log.producer('collect');
    const publisher = new Publisher(producer, telemetry.tracer, (error) => this.retryLog.note(error.message, () => telemetry.logger.warn({ err: error }, 'the log did not take a batch; trying again')), this.fail);
    const partitions = new FlowPartitions(flows.partitions, settings.batchKiB * 1024, (builder) => this.take(builder, flows));
    const decoder = new FlowDecoder(
      partitions,
      rates,
      { perExporter: settings.templatePerExporterKiB * 1024, total: settings.templateMiB * 2 ** 20 },
      { fault: (source, fault) => this.fault(source, fault), counters: (datagram, sample) => this.counterSample(datagram, sample) },
    );
    const receiver: Receiver = new DgramReceiver(this.endpoints(), settings.receiveBufferMiB * 2 ** 20, this.fail);
    this.metrics = new CollectorMetrics(telemetry);
    let sockets: readonly OpenSocket[];
    try {
      sockets = await receiver.start((payload, address, receiveMs) => this.datagram(payload, address, receiveMs));
    } catch (error) {
      await producer.close();
      throw error;
    }
    const metricsTimer = setInterval(() => this.updateMetrics(), METRICS_MS);
    metricsTimer.unref();
    this.running = { decoder, partitions, publisher, producer, receiver, sockets, flows, counters, metricsTimer };
    for (const socket of sockets) telemetry.logger.info({ address: socket.address, port: socket.port, key: socket.key, receiveBuffer: socket.receiveBuffer }, 'listening for flows');
    const asked = settings.receiveBufferMiB * 2 ** 20;
    const least = Math.min(...sockets.map(({ receiveBuffer }) => receiveBuffer));
    if (least < asked) telemetry.logger.warn({ asked, got: least }, 'the system gives smaller receive buffers than asked for: bursts may be lost; raise net.core.rmem_max');
  }

  private async targets(topics: readonly Topic[]): Promise<Target[]> {
    const { config, log, registry } = this.context;
    const there = new Map((await log.admin.listTopics()).map((topic) => [topic.name, topic.partitions]));
    return Promise.all(
      topics.map(async (topic) => {
        const name = topicName(topic, config);
        const partitions = there.get(name);
        if (partitions === undefined) throw new NetWeaverError('NW_TOPIC_MISSING', `${name} is not on the log.`);
        return { name, partitions, type: topic.record.name, schemaId: await registry.register(subjectOf(name), topic.record.schema) };
      }),
    );
  }

  private endpoints(): Endpoint[] {
    const { addresses, netflowPort, ipfixPort, sflowPort } = this.settings;
    const ports = new Map<string, Endpoint>();
    for (const [key, port] of Object.entries({ netflowPort, ipfixPort, sflowPort })) {
      if (port < 0) continue;
      for (const address of addresses) {
        const id = `${address} ${port}`;
        if (port === 0 || !ports.has(id)) ports.set(port === 0 ? `${id} ${key}` : id, { address, port, key: `collector.${key}` });
      }
    }
    return [...ports.values()];
  }

  /** The hot path. */
  private datagram(payload: Uint8Array, address: string, receiveMs: number): void {
    const { running, counts } = this;
    if (!running) return;
    if (running.publisher.bytes > this.settings.inFlightMiB * 2 ** 20) {
      counts.dropped++;
      return;
    }
    const { decoder } = running;
    const serial = counts.received++;
    counts.receivedBytes += payload.length;
    let rows = 0;
    try {
      rows = decoder.decode(payload, decoder.sources.of(address), receiveMs, serial);
    } catch (error) {
      this.fail(error as Error); // a bug: the batch under construction cannot be trusted
      return;
    }
    if (this.ready.length > 0 && this.ready[0].flows > 0) this.publishReady();
    if (this.cutTimer === null && (rows > 0 || this.ready.length > 0)) this.cutTimer = setTimeout(() => this.cut(), this.settings.batchMs);
  }

  private take(builder: BatchBuilder, { name, schemaId, type }: Target): void {
    const { flows, firstSerial, partition } = builder;
    // batches before counters: see datagram()
    this.ready.unshift({ topic: name, partition, key: null, value: builder.take(schemaId), type, flows, firstSerial });
  }

  private counterSample(datagram: DatagramInfo, sample: CounterSample): void {
    const { counters } = this.running!;
    const device = datagram.exporter.length === 4 ? formatIpv4(datagram.exporter) : formatIpRow(datagram.exporter);
    const key = Buffer.from(`${device}/${sample.ifIndex}`);
    const value = encodeInterfaceCounters({ device, time: datagram.receiveMs, source: 'SFLOW', ...sample, uptimeSeconds: null, discontinuity: false }, counters.schemaId);
    this.ready.push({ topic: counters.name, partition: partitionOf(key, counters.partitions), key, value, type: counters.type, flows: 0, firstSerial: this.counts.received - 1 });
  }

  /** Everything that waits goes to the log. */
  private cut(): void {
    this.cutTimer = null;
    const { running } = this;
    if (!running) return;
    for (const builder of running.partitions.builders) if (builder.flows > 0) this.take(builder, running.flows);
    this.publishReady();
  }

  private publishReady(): void {
    const { ready } = this;
    this.ready = [];
    this.running!.publisher.publish(ready);
  }

  private fault(source: Source, fault: Fault): void {
    this.faults.add(source.address, fault);
    this.faultLog.note(`${source.address} ${fault}`, (heldBack) => this.context.telemetry.logger.warn({ exporter: source.address, reason: fault, heldBack }, FAULTS[fault]));
  }

  private updateMetrics(): void {
    const { running, counts, metrics } = this;
    if (!running) return;
    counts.published = running.publisher.published;
    counts.inFlightBytes = running.publisher.bytes;
    counts.kernelDrops = running.receiver.drops();
    metrics?.update(counts, running.decoder, this.faults);
  }

  /** Datagrams of which everything is durable, up to the first of which something is not. */
  private acknowledged(): number {
    const { running, counts, ready } = this;
    if (!running) return counts.received;
    let first = running.publisher.oldest();
    for (const builder of running.partitions.builders) if (builder.flows > 0) first = Math.min(first, builder.firstSerial);
    for (const { firstSerial } of ready) first = Math.min(first, firstSerial);
    return Math.min(counts.received, first);
  }

  /**
   * `/collector/acknowledged`: `received` datagrams taken in since the start of `instance`; of the first `acknowledged` of them every
   * flow is durable, or there was none. `/collector/published`: flows durable. `/collector/sockets`: where it listens.
   */
  routes(): Readonly<Record<string, Route>> {
    return {
      '/collector/acknowledged': () => ({ status: 200, body: { instance: this.running?.publisher.instance ?? randomUUID(), received: this.counts.received, acknowledged: this.acknowledged() } }),
      '/collector/published': () => ({ status: 200, body: `${this.running?.publisher.published ?? 0}\n` }),
      '/collector/sockets': () => ({ status: 200, body: this.running?.sockets ?? [] }),
    };
  }

  readiness(): string | null {
    if (!this.running) return 'the collector has not started';
    return this.running.publisher.bytes > this.settings.inFlightMiB * 2 ** 20 ? 'the log is too slow: datagrams are being dropped' : null;
  }

  async drain(): Promise<void> {
    const { running } = this;
    if (!running) return;
    clearInterval(running.metricsTimer);
    this.updateMetrics();
    await running.receiver.stop();
    if (this.cutTimer) clearTimeout(this.cutTimer);
    this.cut();
    const durable = await running.publisher.close(DRAIN_MS);
    if (!durable) this.context.telemetry.logger.error({ bytes: running.publisher.bytes }, 'the log did not take everything before the end');
    this.updateMetrics();
    this.running = null;
    await running.producer.close();
  }
}

function configuredRates(prefixes: Readonly<Record<string, number>>, fallback: number): ConfiguredRates {
  try {
    return new ConfiguredRates(prefixes, fallback, addressBytes);
  } catch (error) {
    throw new NetWeaverError('NW_CONFIG_INVALID', `collector.samplingRates: ${(error as Error).message}; allowed are IPv4 and IPv6 addresses and prefixes.`);
  }
}

/** Makes the role. */
export const createCollector: RoleFactory = (context, fail) => new Collector(context, fail);
