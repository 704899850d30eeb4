/** A simulated network at work, on the log and as datagrams. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Protocol } from '../../../domain/simulate/exporter';
import { NetworkSimulation, STEP_MS, type NetworkOptions } from '../../../domain/simulate/network-simulation';
import { numberedAddress } from '../../../domain/simulate/wired-network';
import { elementKey } from '../../../domain/topology/elements';
import { NetWeaverError } from '../../../infra/errors';
import type { LogProducer, OutgoingRecord } from '../../../infra/log/log';
import { partitionOf } from '../../../infra/log/partition';
import type { RoleContext } from '../../../infra/role';
import { resolveTarget, UdpSender } from '../../../infra/udp/sender';
import { eventHeaders, INTERFACES_COUNTERS, INTERFACES_STATE, LINKS_METRICS, subjectOf, TOPOLOGY_EVENTS, topicName, type Topic } from '../../../topics';

/** Where a simulated network is told, and how fast its time runs. */
export interface NetworkGeneratorOptions extends Omit<NetworkOptions, 'addressOf'> {
  /** Seconds of the simulation in one second; Infinity: as fast as it goes. */
  readonly speed: number;
  /** Seconds of the simulation after which it ends; Infinity: never. */
  readonly seconds: number;
  /** The log; null: nothing is written to it. */
  readonly log: Pick<RoleContext, 'config' | 'log' | 'registry'> | null;
  /** Collector of the datagrams and its port for each protocol; null: none is sent. */
  readonly collector: { readonly host: string; readonly portOf: (protocol: Protocol) => number } | null;
  /** File of the truth, one JSON object a line; null: none. */
  readonly truth: string | null;
}

/** What was made. */
export interface NetworkTotals {
  readonly flows: number;
  readonly datagrams: number;
  readonly records: number;
  /** Of the simulation. */
  readonly seconds: number;
}

const CHUNK = 1000;
const MOST_OUTSTANDING = 512;
/** A simulation that was held up catches up by at most this many steps at once, then lets the rest go. */
const MOST_STEPS = 20;
const BREATH_MS = 20;

/**
 * Runs a simulated network until its end or the signal.
 *
 * To a collector on 127.0.0.1 each device exports from the address that its counters bear, 127.2.x.y; elsewhere from one address, by observation domains (engine ids, sub-agents).
 *
 * Delivery: to the log at least once, in order; by UDP at most once.
 * @throws NW_TOPIC_MISSING, NW_LOG_UNREACHABLE, NW_TARGET_UNKNOWN, NW_USAGE
 */
export async function runNetwork(options: NetworkGeneratorOptions, signal: AbortSignal): Promise<NetworkTotals> {
  const target = options.collector === null ? null : await resolveTarget(options.collector.host);
  const own = target === null || target.loopback;
  const senders = new Map<number, UdpSender>();
  const writer = options.log === null ? null : await Writer.open(options.log);
  const truth = options.truth === null ? null : await openTruth(options.truth);
  let datagrams = 0;
  try {
    const simulation = new NetworkSimulation(
      { ...options, addressOf: (device) => (own ? numberedAddress(127, 2, device) : numberedAddress(10, 254, device)) },
      {
        events: (events) => events.forEach((event) => writer?.put(TOPOLOGY_EVENTS, elementKey(event), event.time, event)),
        states: (states) => states.forEach((state) => writer?.put(INTERFACES_STATE, `${state.device}/${state.ifIndex}`, state.time, state)),
        counters: (counters) => counters.forEach((one) => writer?.put(INTERFACES_COUNTERS, `${one.device}/${one.ifIndex}`, one.time, one)),
        metrics: (metrics) => metrics.forEach((one) => writer?.put(LINKS_METRICS, one.link, one.time, one)),
        datagram: (device, datagram, protocol) => {
          datagrams++;
          if (options.collector !== null) senders.get(device)!.send(datagram, options.collector.portOf(protocol));
        },
        truth: (line) => void truth?.write(`${JSON.stringify(line)}\n`),
      },
    );
    if (target !== null) {
      const shared = target.loopback && target.family === 4 ? null : await UdpSender.open(target);
      for (const edge of simulation.edges) senders.set(edge, shared ?? (await UdpSender.open(target, { address: simulation.network.devices[edge].address })));
    }
    const settle = async (): Promise<void> => {
      await writer?.settle();
      for (const sender of senders.values()) await sender.below(MOST_OUTSTANDING);
      if (truth?.writableNeedDrain === true) await once(truth, 'drain');
    };
    simulation.begin();
    await settle();
    await pace(options, simulation, settle, signal);
    simulation.end();
    await settle();
    return { flows: simulation.flows, datagrams: options.collector === null ? 0 : datagrams, records: writer?.records ?? 0, seconds: (simulation.nowMs - options.startMs) / 1000 };
  } finally {
    await Promise.all([...new Set(senders.values())].map((sender) => sender.close()));
    await writer?.close();
    if (truth !== null) await new Promise((resolve) => truth.end(resolve));
  }
}

async function pace({ speed, seconds }: NetworkGeneratorOptions, simulation: NetworkSimulation, settle: () => Promise<void>, signal: AbortSignal): Promise<void> {
  const last = Math.round((seconds * 1000) / STEP_MS);
  let began = performance.now();
  let sinceThen = 0;
  for (let done = 0; done < last && !signal.aborted; ) {
    const behind = ((performance.now() - began) * speed) / STEP_MS - sinceThen;
    const steps = Math.min(last - done, MOST_STEPS, Number.isNaN(behind) ? MOST_STEPS : Math.floor(behind));
    if (behind > 2 * Math.max(MOST_STEPS, speed * 10)) {
      began = performance.now();
      sinceThen = -steps;
    }
    for (let i = 0; i < steps && !signal.aborted; i++, done++, sinceThen++) {
      simulation.step();
      await settle();
    }
    // Signals are heard even where nothing has to wait.
    if (steps === MOST_STEPS) await nextTurn();
    else await sleep(BREATH_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function openTruth(path: string): Promise<WriteStream> {
  const file = createWriteStream(path);
  try {
    await once(file, 'open');
  } catch (error) {
    throw new NetWeaverError('NW_USAGE', `--truth ${path}: ${(error as Error).message}`);
  }
  return file;
}

/** Records that wait to be written: never more than one report of the network. */
class Writer {
  records = 0;
  private readonly instance = randomUUID();
  private waiting: OutgoingRecord[] = [];

  private constructor(
    private readonly producer: LogProducer,
    private readonly targets: ReadonlyMap<string, { name: string; partitions: number; schemaId: number }>,
  ) {}

  static async open({ config, log, registry }: Pick<RoleContext, 'config' | 'log' | 'registry'>): Promise<Writer> {
    const there = new Map((await log.admin.listTopics()).map(({ name, partitions }) => [name, partitions]));
    const targets = new Map<string, { name: string; partitions: number; schemaId: number }>();
    for (const topic of [TOPOLOGY_EVENTS, INTERFACES_STATE, INTERFACES_COUNTERS, LINKS_METRICS] as unknown as Topic[]) {
      const name = topicName(topic, config);
      const partitions = there.get(name);
      if (partitions === undefined) throw new NetWeaverError('NW_TOPIC_MISSING', `${name} is not on the log.`);
      targets.set(topic.name, { name, partitions, schemaId: await registry.register(subjectOf(name), topic.record.schema) });
    }
    return new Writer(await log.producer('simulate'), targets);
  }

  put<T>(topic: Topic<T>, key: string, time: number, value: T): void {
    const { name, partitions, schemaId } = this.targets.get(topic.name)!;
    const bytes = Buffer.from(key);
    const headers = eventHeaders({ id: `${this.instance}-${this.records++}`, source: '/netweaver/simulate', type: topic.record.name, timeMs: time });
    this.waiting.push({ topic: name, partition: partitionOf(bytes, partitions), key: bytes, value: topic.record.encode(value, schemaId), timestampMs: time, headers });
  }

  async settle(): Promise<void> {
    if (this.waiting.length === 0) return;
    const records = this.waiting;
    this.waiting = [];
    for (let at = 0; at < records.length; at += CHUNK) await this.producer.append(records.slice(at, at + CHUNK));
  }

  close(): Promise<void> {
    return this.producer.close();
  }
}
