/**
 * Golden replays: a fixed course of traffic goes through every processor of the topology, each fed with what those before it
 * wrote, and what comes out is held against files that are kept beside the processors. A change of any byte shows.
 *
 * `npm run generate:golden` writes the files anew; the difference that git then shows is what the change does to decisions.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Models } from '../../../infra/inference/model';
import { ROOT } from '../../../infra/root';
import { decodeFlowBatch, encodeFlowBatch } from '../../../schemas';
import { ALERTS_FEEDBACK, ANOMALIES, FLOWS_RAW, INTERFACES_COUNTERS, INTERFACES_STATE, LINKS_METRICS, MODELS_DEPLOYED, POLICIES, TOPOLOGY_EVENTS, TRAFFIC_FEATURES, TRAFFIC_FORECASTS, TRAFFIC_PULSES, TURNS, type Topic } from '../../../topics';
import { TOPOLOGY } from '../../topology';
import { Driver, DRIVER_SCHEMA_ID, type DrivenRecord } from '../driver';
import { digestOf } from '../event-digests';
import type { Processor } from '../processor';
import { anomalies, feedback } from './anomalies';
import { batch, course, HOUR } from './flows';
import { crowded } from './connections';
import { growth, windows } from './forecasts';
import { polls, states } from './interfaces';
import { deployments, withModels } from './models';
import { measurements, network, policies } from './links';
import { pulses } from './pulses';

/** How a golden replay is driven. What comes out must not depend on it. */
export interface Manner {
  /** Records between two commits. */
  readonly commitEvery: number;
  /** Commits between two checkpoints. */
  readonly checkpointEvery: number;
  /** Records between two restarts, which forget all that was not committed; 0: none. */
  readonly restartEvery: number;
}

/** What came out on a topic. */
export interface GoldenTopic {
  readonly events: number;
  /** Of key, value, times and headers of every event, in order. */
  readonly digest: string;
  /** The first events, long lists cut. */
  readonly first: readonly Record<string, unknown>[];
}

/** What came out of a processor, by the name of the topic. */
export type Golden = Readonly<Record<string, GoldenTopic>>;

/** One commit for all. */
export const CALM: Manner = { commitEvery: Infinity, checkpointEvery: 1, restartEvery: 0 };

const PARTITIONS = 2;
const FIRST_EVENTS = 2;
const LIST = 3;

/** File of a processor's golden replay. */
export const goldenFile = (processor: string): string => join(ROOT, 'processors/testdata', `${processor}.golden.json`);

/** Processors whose golden replay needs onnxruntime-node. */
export const NEEDS_MODELS: ReadonlySet<string> = new Set(['score']);

/** Settings that are not the defaults: ten minutes are too short to learn what is usual. */
const SETTINGS: Readonly<Record<string, object>> = { score: { learnWindows: 0 } };

interface Fed {
  readonly partition: number;
  readonly value: Buffer | null;
  readonly timestampMs: number;
  readonly key?: Buffer | null;
  /** Where it is a record of a table. */
  readonly table?: Topic;
  /** Where it came out of another processor. */
  readonly headers?: DrivenRecord['headers'];
}

/**
 * What goes in at the beginning, in two parts with a silence after each: ten minutes of traffic of three exporters, sent twice here and
 * there, late, and seen by a fourth exporter again; a record that is none; the same time once more, much too late. Then a flow of the day after.
 */
function beginning(): Fed[][] {
  const parts = (made: (partition: number) => readonly Buffer[]): Fed[] =>
    Array.from({ length: PARTITIONS }, (_, partition) => made(partition).map((value, i) => ({ partition, value, timestampMs: HOUR + 1000 * i }))).flat();
  const traffic = (partition: number): Buffer[] => course(150, partition + 1).flatMap((value, i) => (i % 4 === 0 ? [value, seenAgain(value, i)] : [value]));
  return [
    parts((partition) => [...traffic(partition), Buffer.from('no flows'), ...course(20, partition + 9)]),
    parts((partition) => [batch([{ end: HOUR + DAY_MS }], { sequence: 100_000 + partition })]),
  ];
}

/** The same flows by the word of another exporter. */
function seenAgain(value: Buffer, sequence: number): Buffer {
  const { datagrams, flows } = decodeFlowBatch(value);
  return encodeFlowBatch({ datagrams: datagrams.map((datagram) => ({ ...datagram, exporter: '192.0.2.9', sequence })), flows }, DRIVER_SCHEMA_ID);
}

const DAY_MS = 86_400_000;
/** After each part: late enough for everything to go out. */
const SILENT_UNTIL_MS: readonly number[] = [HOUR + 3_600_000, HOUR + DAY_MS + 3_600_000];

/** Runs the whole topology; what came out of each processor. */
export const goldenReplay = (manner: Manner): ReadonlyMap<string, Golden> => withModels((models) => replayWith(models, manner));

function replayWith(models: Models, manner: Manner): ReadonlyMap<string, Golden> {
  const written = new Map<Topic, Fed[][]>([[FLOWS_RAW, beginning()], [ANOMALIES, [anomalies(), []]], [ALERTS_FEEDBACK, [feedback(), []]], [TRAFFIC_PULSES, [pulses(), []]], [INTERFACES_COUNTERS, [polls(PARTITIONS), []]], [INTERFACES_STATE, [states(PARTITIONS), []]], [TOPOLOGY_EVENTS, [network(), []]], [LINKS_METRICS, [measurements(), []]], [POLICIES, [policies(), []]], [MODELS_DEPLOYED, [deployments(PARTITIONS), []]], [TRAFFIC_FEATURES, [[...windows(PARTITIONS), ...crowded()], []]], [TRAFFIC_FORECASTS, [growth('192.0.2.1/1/out'), []]]]);
  const results = new Map<string, Golden>();
  for (const processor of TOPOLOGY) {
    const inputs = written.get(processor.input) ?? [];
    const tables = (processor.tables ?? []).map((table) => (written.get(table) ?? []).map((part) => part.map((fed) => ({ ...fed, table }))));
    const rank = ({ table }: Fed): number => (table === undefined ? tables.length : processor.tables!.indexOf(table));
    // Each record at its time; of a table, before the input; whatever task it came from, as a restart does not keep the order between tasks.
    const parts = inputs.map((part, i) => {
      if (tables.length === 0 && part.every(({ headers }) => headers === undefined)) return part;
      return [...tables.flatMap((of) => of[i] ?? []), ...part].sort((one, other) => one.timestampMs - other.timestampMs || one.partition - other.partition || rank(one) - rank(other) || inWords(sourceOf(one), sourceOf(other)));
    });
    const driver = new Driver(processor, SETTINGS[processor.name] ?? {}, PARTITIONS, models);
    const out = parts.map((part, i) => drive(driver, part, SILENT_UNTIL_MS[i], manner));
    // What models say is not handed on: where they cannot be run the others are to be what they are.
    for (const topic of NEEDS_MODELS.has(processor.name) ? [] : processor.outputs) {
      const of = written.get(topic) ?? parts.map(() => []);
      out.forEach((records, i) => of[i].push(...records.filter((record) => record.topic === topic)));
      written.set(topic, of);
    }
    results.set(processor.name, summary(driver.outputs.filter(({ topic }) => topic !== TURNS)));
  }
  return results;
}

const sourceOf = ({ headers }: Fed): string => headers?.ce_source ?? '';
const inWords = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

/** Feeds a part, then lets every partition fall silent; what came out of it. */
function drive(driver: Driver<Processor['section']>, part: readonly Fed[], silentUntilMs: number, { commitEvery, checkpointEvery, restartEvery }: Manner): DrivenRecord[] {
  const before = driver.outputs.length;
  let commits = 0;
  const commit = (): void => driver.commit(++commits % checkpointEvery === 0);
  part.forEach(({ value, table, key, ...at }, i) => {
    if (table === undefined) driver.feed(value, { ...at, key });
    else driver.feedTable(table, key!, value, at);
    if (i % commitEvery === commitEvery - 1) commit();
    if (restartEvery > 0 && i % restartEvery === restartEvery - 1) driver.restart();
  });
  commit();
  for (let partition = 0; partition < PARTITIONS; partition++) driver.silence(silentUntilMs, partition);
  commit();
  // A restart does not keep the order between partitions.
  return driver.outputs.slice(before).sort((one, other) => one.partition - other.partition);
}

function summary(outputs: readonly DrivenRecord[]): Golden {
  const topics: Record<string, GoldenTopic> = {};
  for (const topic of [...new Set(outputs.map((output) => output.topic))].sort((one, other) => (one.name < other.name ? -1 : 1))) {
    // Topics of one partition take from all; each source's are in order.
    const events = outputs.filter((output) => output.topic === topic).sort((one, other) => (one.headers.ce_source < other.headers.ce_source ? -1 : one.headers.ce_source > other.headers.ce_source ? 1 : 0));
    const hash = createHash('sha256');
    for (const event of events) hash.update(`${event.partition} ${digestOf(event)}\n`);
    topics[topic.name] = { events: events.length, digest: hash.digest('hex'), first: events.slice(0, FIRST_EVENTS).map((event) => readable(event)) };
  }
  return topics;
}

const readable = ({ topic, partition, key, value, headers }: DrivenRecord): Record<string, unknown> => ({
  id: headers.ce_id, time: headers.ce_time, causes: headers.causes, partition, key: key?.toString() ?? null, value: (value as Buffer | null) === null ? null : cut(topic.record.decode(value)),
});

/** Plain data of a value: lists with their first members, bytes as text of hexadecimal digits, what JSON has no number for as text. */
function cut(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (Array.isArray(value)) return value.length <= LIST ? value.map(cut) : [...value.slice(0, LIST).map(cut), `and ${value.length - LIST} more`];
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, cut(member)]));
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return typeof value === 'bigint' ? Number(value) : value;
}
