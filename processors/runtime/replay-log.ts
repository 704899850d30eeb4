/**
 * Replays a range of the log through processors into side topics, and holds every event against what is on the log:
 * what the processors wrote when they ran, or what an earlier replay wrote.
 */
import { NetWeaverError } from '../../infra/errors';
import type { LogReader, OutgoingRecord } from '../../infra/log/log';
import type { RoleContext } from '../../infra/role';
import { DEAD_LETTERS, LATE, SILENCES, TopicCodec, TURNS, topicSettings, topicsSection, type Topic } from '../../topics';
import type { Processor } from './processor';
import { EventDigests, type EventDifference } from './event-digests';
import { isWithin, readSilences, readTurns, rerun, type Between, type RerunRange } from './rerun';
import { prepare } from './role';
import { SideTopics } from './side-topics';
import type { TaskSetting } from './task';
import { groupOf } from './worker';

/** A border of the range in every partition: an offset, a time in milliseconds since the epoch (of the records of the input), the first record kept, or as far as the processor is. */
export type Border = { readonly offset: number } | { readonly timeMs: number } | 'begin' | 'end';

/** What is to be replayed. */
export interface ReplayOptions {
  readonly processors: readonly Processor[];
  readonly from: Border;
  readonly to: Border;
  /** Name of this replay: its events go to topics `replay.<into>.<topic>`. */
  readonly into: string;
  /** Name of the replay to compare with; null: what the processors wrote when they ran. */
  readonly against: string | null;
  /** Called with each difference, as they are found. */
  readonly onDifference: (difference: EventDifference) => void | Promise<void>;
}

/** Events of one processor on one topic. */
export interface ReplayCount {
  readonly processor: string;
  readonly topic: string;
  readonly replayed: number;
  readonly expected: number;
  readonly identical: number;
  /** Different, missing, too many, there twice, or in another order. */
  readonly differences: number;
}

/** What a replay found. */
export interface ReplayOutcome {
  readonly counts: readonly ReplayCount[];
  /** Partitions whose state could not be built from all that was read, because that is no longer on the log: retention dropped it, or compaction. */
  readonly truncated: readonly string[];
  /** Hash of the present configuration of each processor, and those found in what it is compared with. */
  readonly configs: Readonly<Record<string, { readonly present: string; readonly found: readonly string[] }>>;
}

/** See the file's head. The side topics are written in the order of each partition; nothing else is written. */
export async function replayLog(context: RoleContext, options: ReplayOptions): Promise<ReplayOutcome> {
  const reader = await context.log.reader();
  const side = await SideTopics.open(context, options.into);
  const counts: ReplayCount[] = [];
  const truncated: string[] = [];
  const configs: Record<string, { present: string; found: string[] }> = {};
  try {
    for (const processor of options.processors) {
      const setting = await prepare(processor, context);
      const replay = new ProcessorReplay(context, options, setting, reader, side);
      await replay.run();
      counts.push(...replay.result());
      truncated.push(...replay.truncated);
      configs[processor.name] = { present: setting.configHash, found: replay.configs() };
    }
  } finally {
    await side.close();
    await reader.close();
  }
  return { counts, truncated, configs };
}

/** The replay of one partition, and what its events are to be, by the name of their topic. */
interface Run {
  readonly range: RerunRange;
  readonly between: Between;
  /** `ce_source` of its events. */
  readonly source: string;
  readonly digests: ReadonlyMap<string, EventDigests>;
}

class ProcessorReplay {
  readonly truncated: string[] = [];
  private readonly topics: readonly Topic[];
  private readonly tables: readonly string[];
  private readonly sums = new Map<Topic, { replayed: number; expected: number; identical: number; differences: number }>();
  private readonly found = new Set<string>();

  constructor(
    private readonly context: RoleContext,
    private readonly options: ReplayOptions,
    private readonly setting: TaskSetting,
    private readonly reader: LogReader,
    private readonly side: SideTopics,
  ) {
    this.topics = [...setting.processor.outputs, LATE, DEAD_LETTERS, SILENCES];
    this.tables = (setting.processor.tables ?? []).map((table) => setting.names.get(table)!.name);
    for (const topic of this.topics) this.sums.set(topic, { replayed: 0, expected: 0, identical: 0, differences: 0 });
  }

  async run(): Promise<void> {
    const { context, setting, reader } = this;
    const input = setting.names.get(setting.processor.input)!.name;
    for (const topic of this.topics) await this.side.create(setting.names.get(topic)!.name, topicSettings(topic, context.config), setting.names.get(topic)!.partitions);
    const committed = await context.log.admin.committed(groupOf(setting.processor.name, context.config), input);
    const silences = await readSilences(setting, reader, TopicCodec.forReading(SILENCES, context.registry));
    const turns = await readTurns(setting, reader, TopicCodec.forReading(TURNS, context.registry));
    const runs: Run[] = [];
    for (const { partition, begin, end } of await reader.bounds(input)) {
      const border = async (at: Border): Promise<number> => {
        if (at === 'begin') return begin;
        if (at === 'end') return committed.get(partition) ?? begin;
        return Math.min(end, 'offset' in at ? at.offset : await reader.offsetAt({ topic: input, partition }, at.timeMs));
      };
      const range: RerunRange = { partition, begin, from: Math.max(begin, await border(this.options.from)), to: Math.min(await border(this.options.to), committed.get(partition) ?? begin) };
      const between = { silences: silences.get(partition) ?? [], turns: turns.get(partition) ?? [] };
      if (range.from > range.to || (range.to === begin && between.turns.length === 0)) continue;
      if (begin > 0) this.truncated.push(`${input}/${partition}`);
      runs.push({ range, between, source: `/netweaver/${setting.processor.name}/${partition}`, digests: new Map(this.topics.map((topic) => [setting.names.get(topic)!.name, new EventDigests()])) });
    }
    for (const topic of this.topics) await this.readExpected(setting.names.get(topic)!.name, runs);
    for (const run of runs) await this.replay(run);
  }

  /** What the runs' events of a topic are to be. */
  private async readExpected(name: string, runs: readonly Run[]): Promise<void> {
    const { prefix } = this.context.config.get(topicsSection);
    const topic = this.options.against === null ? name : SideTopics.nameOf(prefix, this.options.against, name);
    const bySource = new Map(runs.map((run) => [run.source, run]));
    for (const { partition, begin, end } of await this.reader.bounds(topic)) {
      for await (const record of this.reader.read({ topic, partition }, begin, end)) {
        const run = bySource.get(record.headers.ce_source ?? '');
        if (run !== undefined && isWithin(record.headers.ce_id ?? '', run.range, run.between, this.tables)) run.digests.get(name)!.add(record);
      }
    }
  }

  private async replay({ range, between, digests }: Run): Promise<void> {
    const { context, setting, reader, side } = this;
    const { input, tables = [] } = setting.processor;
    const codecs = [input, ...tables].map((topic) => TopicCodec.forReading(topic, context.registry));
    const shrunk = await rerun(range, { setting, reader, codecs, between }, async (record: OutgoingRecord) => {
      const sum = this.sumOf(record.topic);
      sum.replayed++;
      const difference = digests.get(record.topic)!.compare(record);
      if (difference !== null) {
        sum.differences++;
        await this.options.onDifference(difference);
      }
      await side.append(record);
    });
    await side.flush();
    for (const topic of shrunk) this.truncated.push(`${topic}/${range.partition}`);
    for (const [name, known] of digests) {
      const sum = this.sumOf(name);
      sum.expected += known.counts.expected;
      sum.identical += known.counts.identical;
      known.configs.forEach((config) => this.found.add(config));
      for (const difference of known.rest(name)) {
        sum.differences++;
        await this.options.onDifference(difference);
      }
    }
  }

  configs(): string[] {
    return [...this.found].sort();
  }

  result(): ReplayCount[] {
    return this.topics.map((topic) => ({ processor: this.setting.processor.name, topic: this.setting.names.get(topic)!.name, ...this.sums.get(topic)! }));
  }

  private sumOf(name: string): { replayed: number; expected: number; identical: number; differences: number } {
    for (const [topic, sum] of this.sums) if (this.setting.names.get(topic)!.name === name) return sum;
    throw new NetWeaverError('NW_TOPIC_MISSING', `${name} is no output of ${this.setting.processor.name}.`);
  }
}
