/**
 * Where a record comes from: the headers `causes` followed back, topic by topic, to the flow batches as they were
 * received. A step takes the causes of all records of a range together, so that the tree is as deep as the chain of
 * processors and no wider than their partitions.
 */
import type { Configuration } from '../infra/config/configuration';
import { NetWeaverError } from '../infra/errors';
import type { LogReader, LogRecord } from '../infra/log/log';
import type { SchemaRegistry } from '../infra/registry/registry';
import type { FlowBatch, FlowProtocol } from '../schemas';
import { FLOWS_RAW } from './catalogue';
import { TopicCodec } from './codec';
import { parseCauses, type OffsetRange } from './headers';
import { topicName } from './names';
import type { Place } from './place';

/** Datagrams of one exporter's observation domain within a range. Times in milliseconds since the epoch. */
export interface ReceivedDatagrams {
  readonly exporter: string;
  readonly protocol: FlowProtocol;
  readonly observationDomain: number;
  datagrams: number;
  flows: number;
  /** Smallest and largest sequence number. */
  firstSequence: number;
  lastSequence: number;
  firstReceived: number;
  lastReceived: number;
}

/** Records of one partition and what they were computed from. */
export interface Lineage extends OffsetRange {
  /** Records that are still on the log. */
  readonly records: number;
  /** Components that wrote them (`ce_source`), hashes of their configurations, kinds of the records (`ce_type`). */
  readonly sources: readonly string[];
  readonly configs: readonly string[];
  readonly types: readonly string[];
  /** Earliest and latest `ce_time`; empty where there is none. */
  readonly from: string;
  readonly to: string;
  readonly causes: readonly Lineage[];
  /** Of flows as received: what came in, by exporter. */
  readonly received: readonly ReceivedDatagrams[];
  /** What could not be followed, in words; empty where everything was. */
  readonly missing: readonly string[];
}

/** Causes that stand for more records than this are followed by this many of them. */
export const MOST_RECORDS = 100_000;
const MOST_DEPTH = 32;

/** Follows causes on a log. */
export class Lineages {
  private readonly bounds = new Map<string, Map<number, { begin: number; end: number }>>();
  private readonly raw: string;
  private readonly codec: TopicCodec<FlowBatch>;

  constructor(
    private readonly reader: LogReader,
    config: Configuration,
    registry: SchemaRegistry,
  ) {
    this.raw = topicName(FLOWS_RAW, config);
    this.codec = TopicCodec.forReading(FLOWS_RAW, registry);
  }

  /** The lineage of one record. @throws NW_RECORD_MISSING it is not, or no longer, on the log */
  async of({ topic, partition, offset }: Place): Promise<Lineage> {
    const lineage = await this.follow({ topic, partition, first: offset, last: offset }, 0);
    if (lineage.records === 0) throw new NetWeaverError('NW_RECORD_MISSING', `${topic}/${partition}/${offset} is not on the log: ${lineage.missing.join('; ')}.`);
    return lineage;
  }

  private async follow(range: OffsetRange, depth: number): Promise<Lineage> {
    const { topic, partition, first, last } = range;
    const missing: string[] = [];
    const bounds = await this.boundsOf(topic, partition);
    if (bounds === null) return { ...range, ...NOTHING, missing: ['there is no such topic or partition'] };
    if (first < bounds.begin) missing.push(`offsets before ${bounds.begin} were dropped by the retention of the topic`);
    if (last >= bounds.end) missing.push(`the topic ends at offset ${bounds.end - 1}`);
    const sources = new Set<string>();
    const configs = new Set<string>();
    const types = new Set<string>();
    const ranges: OffsetRange[] = [];
    const received = new Map<string, ReceivedDatagrams>();
    let [from, to, records] = ['', '', 0];
    for await (const record of this.reader.read(range, Math.max(first, bounds.begin), Math.min(last + 1, bounds.end))) {
      if (records === MOST_RECORDS) {
        missing.push(`only the first ${MOST_RECORDS} records were followed`);
        break;
      }
      records++;
      const { ce_source: source, ce_type: type, ce_time: time, causes } = record.headers;
      if (source !== undefined) sources.add(source);
      if (type !== undefined) types.add(type);
      if (time !== undefined && (from === '' || time < from)) from = time;
      if (time !== undefined && time > to) to = time;
      if (causes !== undefined) {
        const parsed = parseCauses(causes);
        ranges.push(...parsed.ranges);
        if (parsed.config !== undefined) configs.add(parsed.config);
      }
      if (topic === this.raw) await this.receive(record, received, missing);
    }
    if (depth === MOST_DEPTH) missing.push(`causes are followed ${MOST_DEPTH} steps far`);
    const causes = depth === MOST_DEPTH ? [] : await this.followAll(merged(ranges), depth + 1);
    return { ...range, records, sources: [...sources].sort(), configs: [...configs].sort(), types: [...types].sort(), from, to, causes, received: [...received.values()], missing };
  }

  private async followAll(ranges: readonly OffsetRange[], depth: number): Promise<Lineage[]> {
    const causes: Lineage[] = [];
    for (const range of ranges) causes.push(await this.follow(range, depth));
    return causes;
  }

  /** Counts the datagrams of a batch of flows.raw. */
  private async receive(record: LogRecord, received: Map<string, ReceivedDatagrams>, missing: string[]): Promise<void> {
    let batch: FlowBatch;
    try {
      if (record.value === null) return;
      batch = await this.codec.decode(record.value);
    } catch (error) {
      missing.push(`offset ${record.offset}: ${(error as Error).message}`);
      return;
    }
    const flows = new Int32Array(batch.datagrams.length);
    for (const flow of batch.flows) flows[flow.datagram]++;
    batch.datagrams.forEach(({ exporter, protocol, observationDomain, sequence, receiveTime }, i) => {
      const key = `${exporter} ${protocol} ${observationDomain}`;
      let sum = received.get(key);
      if (sum === undefined) {
        sum = { exporter, protocol, observationDomain, datagrams: 0, flows: 0, firstSequence: sequence, lastSequence: sequence, firstReceived: receiveTime, lastReceived: receiveTime };
        received.set(key, sum);
      }
      sum.datagrams++;
      sum.flows += flows[i];
      sum.firstSequence = Math.min(sum.firstSequence, sequence);
      sum.lastSequence = Math.max(sum.lastSequence, sequence);
      sum.firstReceived = Math.min(sum.firstReceived, receiveTime);
      sum.lastReceived = Math.max(sum.lastReceived, receiveTime);
    });
  }

  private async boundsOf(topic: string, partition: number): Promise<{ begin: number; end: number } | null> {
    let known = this.bounds.get(topic);
    if (known === undefined) {
      const bounds = await this.reader.bounds(topic).catch(() => []);
      this.bounds.set(topic, (known = new Map(bounds.map((bound) => [bound.partition, bound]))));
    }
    return known.get(partition) ?? null;
  }
}

const NOTHING = { records: 0, sources: [], configs: [], types: [], from: '', to: '', causes: [], received: [] } as const;

/** The ranges joined where they touch, in order of topic, partition and offset. */
export function merged(ranges: readonly OffsetRange[]): OffsetRange[] {
  const sorted = [...ranges].sort((a, b) => (a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : a.partition - b.partition || a.first - b.first));
  const out: OffsetRange[] = [];
  for (const range of sorted) {
    const before = out.at(-1);
    if (before !== undefined && before.topic === range.topic && before.partition === range.partition && range.first <= before.last + 1) out[out.length - 1] = { ...before, last: Math.max(before.last, range.last) };
    else out.push(range);
  }
  return out;
}
