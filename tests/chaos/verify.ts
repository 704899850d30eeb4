/** Compares what is committed after the faults with what a calm run gives, record by record. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { openContext } from '../../bin/context';
import type { LogReader, LogRecord } from '../../infra/log/log';
import { replayLog } from '../../processors/runtime/replay-log';
import { TOPOLOGY } from '../../processors/topology';
import { groupOf } from '../../processors/runtime/worker';
import type { FlowBatch, HostTraffic, InterfaceTraffic, PrefixTraffic } from '../../schemas';
import { DEAD_LETTERS, FLOWS_OBSERVATIONS, FLOWS_RAW, FLOWS_UNIQUE, LATE, TopicCodec, topicName, TRAFFIC_BY_HOST, TRAFFIC_BY_INTERFACE, TRAFFIC_BY_PREFIX, type Topic } from '../../topics';
import type { World } from './world';

type Context = Awaited<ReturnType<typeof openContext>>;

/** One thing compared. */
export interface Finding {
  readonly what: string;
  readonly wanted: number;
  readonly found: number;
  /** Of what was found, what a calm run does not give. */
  readonly tooMany: number;
  /** Empty where all is well. */
  readonly wrong: string;
}

const WAIT_MS = 240_000;
/** A member that ended so often while nothing was wrong any more will never do its work. */
const HOPELESS_ENDS = 3;

/** Waits until everything that was sent has gone through, then compares. A system that stands still before is compared as it is. */
export async function verify(world: World): Promise<Finding[]> {
  const context = await world.context();
  const reader = await context.log.reader();
  try {
    const settled = await settle(world, context, reader);
    return [
      { what: 'all work is done', wanted: 1, found: settled === '' ? 1 : 0, tooMany: 0, wrong: settled },
      ...(await received(world, context, reader)),
      ...(await flows(world, context, reader)),
      ...(await decisions(context)),
      ...(await stored(world, context, reader)),
    ];
  } finally {
    await reader.close();
    await context.close();
  }
}

async function* recordsOf(reader: LogReader, topic: string): AsyncGenerator<LogRecord> {
  for (const { partition, begin, end } of await reader.bounds(topic)) yield* reader.read({ topic, partition }, begin, end);
}

async function* valuesOf<T>({ config, registry }: Context, reader: LogReader, topic: Topic<T>): AsyncGenerator<T> {
  const codec = TopicCodec.forReading(topic, registry);
  for await (const { value } of recordsOf(reader, topicName(topic, config))) if (value !== null) yield await codec.decode(value);
}

/** Empty when every group is at the end of what it reads, every window has gone out and the database has it all; else what is missing. */
async function settle(world: World, context: Context, reader: LogReader): Promise<string> {
  let missing = '';
  const began = Date.now();
  while (Date.now() < began + WAIT_MS) {
    missing = await behind(world, context, reader).catch((error: Error) => error.message);
    if (missing === '') return '';
    for (const { name, ends } of world.members) {
      const since = ends.filter(({ atMs }) => atMs > began);
      if (since.length >= HOPELESS_ENDS) return `${missing}; ${name} ended ${since.length} times, the last with ${since.at(-1)!.how} ${since.at(-1)!.code}`;
    }
    await sleep(1000);
  }
  return missing;
}

async function behind(world: World, context: Context, reader: LogReader): Promise<string> {
  const { config, log } = context;
  for (const { name, input } of TOPOLOGY) {
    const topic = topicName(input, config);
    const committed = await log.admin.committed(groupOf(name, config), topic);
    for (const { partition, end } of await reader.bounds(topic)) {
      for await (const record of reader.read({ topic, partition }, committed.get(partition) ?? 0, end)) return `${name} has not read ${topic}/${partition}/${record.offset}`;
    }
  }
  let unique = 0;
  for await (const batch of valuesOf<FlowBatch>(context, reader, FLOWS_UNIQUE)) unique += batch.flows.length;
  let closed = 0;
  for await (const { windowMs, rows } of valuesOf<HostTraffic>(context, reader, TRAFFIC_BY_HOST)) if (windowMs === 300_000) for (const { flowsOut } of rows) closed += flowsOut;
  if (closed < unique) return `windows of ${unique - closed} flows are open`;
  for (const topic of [FLOWS_UNIQUE, TRAFFIC_BY_HOST, TRAFFIC_BY_INTERFACE, TRAFFIC_BY_PREFIX]) {
    const rows = await query<{ partition: number; next: string }>(world, `SELECT partition, next_offset AS next FROM sink_offsets WHERE topic = '${topicName(topic, config)}' OR topic = '${topic.name}'`);
    const next = new Map(rows.map((row) => [row.partition, Number(row.next)]));
    for (const { partition, end } of await reader.bounds(topicName(topic, config))) {
      for await (const record of reader.read({ topic: topicName(topic, config), partition }, next.get(partition) ?? 0, end)) return `the sink has not stored ${record.topic}/${partition}/${record.offset}`;
    }
  }
  return '';
}

async function query<Row extends Record<string, unknown>>(world: World, sql: string): Promise<Row[]> {
  const client = new Client({ connectionString: world.database.url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** How two bags of texts differ; the first few of each kind. */
function compare(what: string, wanted: Iterable<string>, found: Iterable<string>): Finding {
  const counts = new Map<string, number>();
  let [want, got] = [0, 0];
  for (const item of wanted) {
    counts.set(item, (counts.get(item) ?? 0) + 1);
    want++;
  }
  for (const item of found) {
    counts.set(item, (counts.get(item) ?? 0) - 1);
    got++;
  }
  const lost = [...counts].filter(([, count]) => count > 0);
  const extra = [...counts].filter(([, count]) => count < 0);
  const few = (items: readonly [string, number][]): string => items.slice(0, 3).map(([item]) => item).join('; ');
  const wrong = [lost.length > 0 ? `${lost.length} missing (${few(lost)})` : '', extra.length > 0 ? `${extra.length} too many (${few(extra)})` : ''].filter(Boolean).join(', ');
  return { what, wanted: want, found: got, tooMany: extra.length, wrong };
}

/** Everything acknowledged is on flows.raw, at least once. */
async function received(world: World, context: Context, reader: LogReader): Promise<Finding[]> {
  const there = new Set<string>();
  for await (const batch of valuesOf<FlowBatch>(context, reader, FLOWS_RAW)) for (const { srcAddr, srcPort } of batch.flows) there.add(`${srcAddr} ${srcPort}`);
  return [compare('flows acknowledged and on flows.raw', world.flows.map(({ key }) => key), there)];
}

/** Each flow once on flows.unique with its counters, the second report of it once on flows.observations. */
async function flows(world: World, context: Context, reader: LogReader): Promise<Finding[]> {
  const unique: string[] = [];
  const observed: string[] = [];
  for await (const batch of valuesOf<FlowBatch>(context, reader, FLOWS_UNIQUE)) for (const { srcAddr, srcPort, bytes, packets } of batch.flows) unique.push(`${srcAddr} ${srcPort} ${bytes} ${packets}`);
  for await (const batch of valuesOf<FlowBatch>(context, reader, FLOWS_OBSERVATIONS)) for (const { srcAddr, srcPort } of batch.flows) observed.push(`${srcAddr} ${srcPort}`);
  const refused: string[] = [];
  // What is put together from several partitions does not wait for one that is far behind; what it told as late is compared with the other events.
  const ofFlows = [FLOWS_UNIQUE, FLOWS_OBSERVATIONS].map((topic) => `${topicName(topic, context.config)}/`);
  for (const topic of [DEAD_LETTERS, LATE] as const) {
    for await (const record of recordsOf(reader, topicName(topic, context.config))) {
      const place = record.key?.toString() ?? '';
      if (topic === DEAD_LETTERS || ofFlows.some((start) => place.startsWith(start))) refused.push(`${topic.name} ${place}`);
    }
  }
  return [
    compare('flows once on flows.unique', world.flows.map(({ key, bytes, packets }) => `${key} ${bytes} ${packets}`), unique),
    compare('second reports on flows.observations', world.flows.filter(({ observers }) => observers === 2).map(({ key }) => key), observed),
    compare('nothing refused, no flow late', [], refused),
  ];
}

/** Every event of every processor is the one that a calm run over the same input gives, there once, in order. */
async function decisions(context: Context): Promise<Finding[]> {
  const wrong: string[] = [];
  const { counts } = await replayLog(context, {
    processors: TOPOLOGY, from: 'begin', to: 'end', into: `calm${Date.now()}`, against: null,
    onDifference: ({ kind, topic, partition, id, offset }) => void (wrong.length < 3 && wrong.push(`${kind} ${topic}/${partition}/${offset} ${id}`)),
  });
  return counts.filter(({ expected, replayed }) => expected + replayed > 0).map(({ processor, topic, replayed, expected, differences }) => ({ what: `events of ${processor} on ${topic}`, wanted: replayed, found: expected, tooMany: Math.max(0, expected - replayed), wrong: differences > 0 ? `${differences} differ (${wrong.join('; ')})` : '' }));
}

/** The tables hold what the topics hold, row by row. */
async function stored(world: World, context: Context, reader: LogReader): Promise<Finding[]> {
  const rows = async (sql: string): Promise<string[]> => (await query<{ row: string }>(world, sql)).map(({ row }) => row);
  const topic = async <T>(of: Topic<T>, line: (value: T) => Iterable<string>): Promise<string[]> => {
    const lines: string[] = [];
    for await (const value of valuesOf(context, reader, of)) for (const text of line(value)) lines.push(text);
    return lines;
  };
  const flowRows = await rows(`SELECT host(src_addr) || ' ' || src_port || ' ' || bytes || ' ' || packets AS row FROM flow_records`);
  const interfaces = await topic<InterfaceTraffic>(TRAFFIC_BY_INTERFACE, ({ windowStart, windowMs, sourcePartition, rows: all }) => all.map((r) => [windowStart, windowMs, sourcePartition, r.exporter, r.ifIndex, r.direction, r.bytes, r.packets, r.flows].join(' ')));
  const hosts = await topic<HostTraffic>(TRAFFIC_BY_HOST, ({ windowStart, windowMs, sourcePartition, rows: all }) => all.map((r) => [windowStart, windowMs, sourcePartition, r.addr, r.bytesOut, r.packetsOut, r.flowsOut, r.bytesIn, r.packetsIn, r.flowsIn].join(' ')));
  const prefixes = await topic<PrefixTraffic>(TRAFFIC_BY_PREFIX, ({ windowStart, windowMs, sourcePartition, rows: all }) => all.map((r) => [windowStart, windowMs, sourcePartition, `${r.srcPrefix}/${r.srcMask}`, `${r.dstPrefix}/${r.dstMask}`, r.bytes, r.packets, r.flows].join(' ')));
  const head = `(extract(epoch FROM time) * 1000)::bigint, window_ms, source_partition`;
  return [
    compare('rows of flow_records', world.flows.map(({ key, bytes, packets }) => `${key} ${bytes} ${packets}`), flowRows),
    compare('rows of traffic_by_interface_partials', interfaces, await rows(`SELECT concat_ws(' ', ${head}, host(exporter), if_index, direction, bytes, packets, flows) AS row FROM traffic_by_interface_partials`)),
    compare('rows of traffic_by_host_partials', hosts, await rows(`SELECT concat_ws(' ', ${head}, host(addr), bytes_out, packets_out, flows_out, bytes_in, packets_in, flows_in) AS row FROM traffic_by_host_partials`)),
    compare('rows of traffic_by_prefix_partials', prefixes, await rows(`SELECT concat_ws(' ', ${head}, src_prefix::text, dst_prefix::text, bytes, packets, flows) AS row FROM traffic_by_prefix_partials`)),
  ];
}
