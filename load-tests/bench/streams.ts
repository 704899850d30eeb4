/**
 * NetWeaver's processors beside Kafka Streams: the same flows, the same topic and broker, the same work. Run by `streams.sh`,
 * which builds both.
 *
 *   node -r ./bin/ts.cjs load-tests/bench/streams.ts --kafka HOST:PORT --registry URL [--keys 1000,200000] [--flows 5000000]
 *     [--warm 1000000] [--rate 100000] [--partitions 2] [--rounds 3] [--heap 4g] [--cache 512] [--variants memory,rocksdb]
 *     [--dist dist] [--write FILE]
 *
 * A topic of `--warm` and `--flows` flows of so many 5-tuples, `--rate` a second of event time, is read from its beginning by
 * one process after the other: NetWeaver, then each variant of Kafka Streams that `--variants` names, whole or by a part; `--rounds`
 * times over. Measured is from when `--warm` flows are committed (the just-in-time compilers have done their work, the keys
 * are known) until all are, the windows of the warming included, which go out by then: CPU seconds of the process with its children, and time. Before the next begins, the committed
 * outputs are read back: sums and numbers of rows must be those of the flows that were made, and the same for everybody,
 * else the exit code is 1. The broker's CPU is told apart; whatever else uses the broker is in it.
 *
 * Prints a table a number of keys, of medians, and a line of JSON with the raw rounds.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Kafka, KafkaJSDeleteGroupsError, logLevel, type Admin } from 'kafkajs';
import { openContext, type CommandContext } from '../../bin/context';
import { sections } from '../../bin/sections';
import { loadConfiguration } from '../../infra/config/load';
import { FLOWS_OBSERVATIONS, FLOWS_RAW, FLOWS_UNIQUE, subjectOf, topicName, topicSettings, TRAFFIC_BY_HOST, TRAFFIC_BY_INTERFACE, TRAFFIC_BY_PREFIX } from '../../topics';
import { COMMIT_MS, netweaver, VARIANTS, type Contestant, type RunOptions } from './streams/contestants';
import { readOutputs, type Outputs } from './streams/outputs';
import { cpuSeconds, listenerOn, peakMiB } from './streams/process-cost';
import { fill, ROWS, type Traffic } from './streams/traffic';

const OUTPUTS = [FLOWS_UNIQUE, FLOWS_OBSERVATIONS, TRAFFIC_BY_INTERFACE, TRAFFIC_BY_PREFIX, TRAFFIC_BY_HOST];
const WINDOWS = [TRAFFIC_BY_INTERFACE, TRAFFIC_BY_PREFIX, TRAFFIC_BY_HOST];
const SAMPLE_MS = 100;
/** A run that gets no further for so long has failed. */
const STUCK_MS = 180_000;

/** Kafka's error of a group that still has members. */
const NON_EMPTY_GROUP = 68;

/** What a run cost. */
interface Cost {
  readonly flows: number;
  readonly seconds: number;
  readonly cpuUs: number;
  readonly brokerUs: number;
  readonly rssMiB: number;
  readonly outputs: Outputs;
}

const say = (text: string): void => void process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1];
const round = (value: number, digits = 3): number => Number(value.toFixed(digits));

const { values: given } = parseArgs({
  options: {
    kafka: { type: 'string' }, registry: { type: 'string' }, keys: { type: 'string', default: '1000,200000' },
    flows: { type: 'string', default: '5000000' }, warm: { type: 'string', default: '1000000' }, rate: { type: 'string', default: '100000' },
    partitions: { type: 'string', default: '2' }, rounds: { type: 'string', default: '3' }, heap: { type: 'string', default: '4g' }, cache: { type: 'string', default: '512' },
    variants: { type: 'string', default: '' }, dist: { type: 'string', default: 'dist' }, write: { type: 'string' },
  },
});
const [flows, warm, rate, partitions, rounds] = [given.flows, given.warm, given.rate, given.partitions, given.rounds].map(Number);
/** A whole name means that variant alone, a part all that have it. */
const asked = given.variants.split(',');
const contestants = [netweaver, ...VARIANTS.filter(({ name }) => asked.some((part) => (VARIANTS.some((other) => other.name === `streams ${part}`) ? name === `streams ${part}` : name.includes(part))))];
const brokerPid = listenerOn(Number(given.kafka?.split(':').pop()));

/** The topics, groups and processes of one number of keys. */
class Course {
  private readonly raw: string;

  constructor(
    private readonly context: CommandContext,
    private readonly admin: Admin,
    private readonly keys: number,
    private readonly prefix: string,
  ) {
    this.raw = topicName(FLOWS_RAW, context.config);
  }

  /** Makes the flows. */
  async fill(): Promise<Traffic> {
    const { log, registry, config } = this.context;
    await log.admin.createTopics([topicSettings(FLOWS_RAW, config)]);
    return fill(log, this.raw, await registry.register(subjectOf(this.raw), FLOWS_RAW.record.schema), { keys: this.keys, flows: flows + warm, partitions, rate });
  }

  /** One contestant from the beginning of the topic to its end; nothing of it is left. */
  async run(contestant: Contestant, id: string, traffic: Traffic): Promise<Cost> {
    const { registry, config } = this.context;
    const folder = mkdtempSync(join(tmpdir(), 'netweaver-streams-'));
    const schemaIds = await Promise.all(WINDOWS.map((topic) => registry.register(subjectOf(topicName(topic, config)), topic.record.schema)));
    const options: RunOptions = { brokers: given.kafka!, registry: given.registry!, prefix: this.prefix, folder, id, keys: this.keys, partitions, schemaIds, dist: resolve(given.dist), heap: given.heap, cacheMiB: Number(given.cache) };
    const output = contestant.output(options);
    await this.context.log.admin.createTopics(OUTPUTS.map((topic) => ({ ...topicSettings(topic, config), name: `${output}${topic.name}` })));
    const log = openSync(join(folder, 'output.log'), 'a');
    const [program, ...args] = contestant.command(options);
    const child = spawn(program, args, { stdio: ['ignore', log, log] });
    closeSync(log);
    try {
      const cost = await this.measure(contestant, options, child, traffic, () => readFileSync(join(folder, 'output.log'), 'utf8').slice(-4000));
      const outputs = await readOutputs(this.context.log, WINDOWS.map(({ name }) => `${output}${name}`), traffic.endMs);
      return { ...cost, outputs };
    } finally {
      await end(child);
      await this.clear(contestant, options);
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** Removes every topic but the one that is read, and all groups. */
  async clear(contestant: Contestant | null, options: RunOptions | null): Promise<void> {
    if (contestant !== null) {
      const known = new Set((await this.admin.listGroups()).groups.map(({ groupId }) => groupId));
      const groups = contestant.groups(options!).map(({ group }) => group).filter((group) => known.has(group));
      // A static member does not leave its group; the group is empty when its session has passed.
      for (const group of groups) while (!(await this.isDeleted(group))) await sleep(1000);
    }
    const left = (await this.admin.listTopics()).filter((name) => name.startsWith(this.prefix) && (contestant === null || name !== this.raw));
    if (left.length > 0) await this.admin.deleteTopics({ topics: left });
    while ((await this.admin.listTopics()).some((name) => left.includes(name))) await sleep(SAMPLE_MS);
  }

  private async isDeleted(group: string): Promise<boolean> {
    try {
      await this.admin.deleteGroups([group]);
      return true;
    } catch (error) {
      if (error instanceof KafkaJSDeleteGroupsError && error.groups.every(({ errorCode }) => errorCode === NON_EMPTY_GROUP)) return false;
      throw error;
    }
  }

  private async measure(contestant: Contestant, options: RunOptions, child: ChildProcess, traffic: Traffic, said: () => string): Promise<Omit<Cost, 'outputs'>> {
    const groups = contestant.groups(options);
    const pid = child.pid!;
    let begun: { flows: number; at: number; cpu: number; broker: number } | null = null;
    let most = 0;
    let mostAt = performance.now();
    for (;;) {
      await sleep(SAMPLE_MS);
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${contestant.name} ended:\n${said()}`);
      const [cpu, broker, at] = [cpuSeconds(pid), brokerPid === null ? 0 : cpuSeconds(brokerPid), performance.now()];
      const done = await Promise.all(groups.map(({ group, topic }) => this.consumed(group, `${this.prefix}${topic}`)));
      // Where two groups share the work, what each has done counts half.
      const count = Math.min(traffic.flows, (done.reduce((sum, { records }) => sum + records, 0) / groups.length) * ROWS);
      if (count > most) [most, mostAt] = [count, at];
      if (at - mostAt > STUCK_MS) throw new Error(`${contestant.name} stands at ${most} of ${traffic.flows} flows:\n${said()}`);
      if (begun === null && count >= warm) begun = { flows: count, at, cpu, broker };
      if (begun === null || done[0].records < traffic.flows / ROWS || done.some(({ lag }) => lag > 0)) continue;
      const measured = traffic.flows - begun.flows;
      return { flows: measured, seconds: (at - begun.at) / 1000, cpuUs: ((cpu - begun.cpu) * 1e6) / measured, brokerUs: ((broker - begun.broker) * 1e6) / measured, rssMiB: peakMiB(pid) };
    }
  }

  /** Committed records of a topic, and those that are not. The marker of a transaction is an offset that none commits. */
  private async consumed(group: string, topic: string): Promise<{ records: number; lag: number }> {
    const [[committed], ends] = await Promise.all([this.admin.fetchOffsets({ groupId: group, topics: [topic] }), this.admin.fetchTopicOffsets(topic)]);
    let records = 0;
    let lag = 0;
    for (const { partition, offset } of ends) {
      const next = Math.max(0, Number(committed.partitions.find((of) => of.partition === partition)?.offset ?? 0));
      records += next;
      lag += Math.max(0, Number(offset) - 1 - next);
    }
    return { records, lag };
  }
}

/** Ends a process as a service manager would. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 60_000);
  await ended;
  clearTimeout(timer);
}

/** What is wrong with the outputs; null where they are those of the flows that were made, and those of the first. */
function fault(outputs: Outputs, first: Outputs, { bytes, packets, rows }: Traffic): string | null {
  const wanted = JSON.stringify({ bytes: 2 * bytes, packets: 2 * packets, flows: 2 * rows });
  const once = JSON.stringify({ bytes, packets, flows: rows });
  for (const [name, sums, expected] of [['by interface in one minute', outputs.one, wanted], ['by interface in five minutes', outputs.five, wanted], ['by host', outputs.hosts, wanted], ['by prefix', outputs.prefixes, once]] as const) {
    if (JSON.stringify(sums) !== expected) return `${name}: ${JSON.stringify(sums)}, made were ${expected}`;
  }
  return JSON.stringify(outputs.rows) === JSON.stringify(first.rows) ? null : `rows ${JSON.stringify(outputs.rows)}, the first wrote ${JSON.stringify(first.rows)}`;
}

/** All rounds of a number of keys; false where an output was wrong. */
async function compare(keys: number): Promise<{ line: Record<string, unknown>; right: boolean }> {
  const prefix = `streams-${process.pid}-${keys}.`;
  const sets = [`kafka.brokers=${given.kafka}`, `registry.url=${given.registry}`, `topics.prefix=${prefix}`, `topics.flowPartitions=${partitions}`, 'telemetry.logLevel=silent'];
  const context = await openContext(loadConfiguration({ sections, environment: {}, sets }), 'cli');
  const admin = new Kafka({ brokers: [given.kafka!], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const course = new Course(context, admin, keys, prefix);
  const costs = contestants.map((): Cost[] => []);
  let first: Outputs | null = null;
  let right = true;
  try {
    const traffic = await course.fill();
    say(`${keys} keys: ${traffic.flows} flows are on the log`);
    for (let of = 0; of < rounds; of++) {
      for (const [index, contestant] of contestants.entries()) {
        const cost = await course.run(contestant, `run-${of}-${index}`, traffic);
        first ??= cost.outputs;
        const wrong = fault(cost.outputs, first, traffic);
        if (wrong !== null) {
          right = false;
          say(`${contestant.name}: WRONG OUTPUT, ${wrong}`);
        }
        costs[index].push(cost);
        say(`${keys} keys, round ${of + 1}, ${contestant.name}: ${round(cost.cpuUs)} CPU-us a flow, ${Math.round(cost.flows / cost.seconds)} flows/s, ${cost.rssMiB} MiB`);
      }
    }
  } finally {
    await course.clear(null, null);
    await admin.disconnect();
    await context.close();
  }
  const of = (index: number, value: (cost: Cost) => number): number => median(costs[index].map(value));
  const cpu = contestants.map((_, index) => of(index, ({ cpuUs }) => cpuUs));
  const best = Math.min(...cpu.slice(1));
  console.log(`\n${keys} keys: ${flows + warm} flows in ${(flows + warm) / ROWS} records, of which the last ${flows} are measured; outputs ${right ? 'right and equal' : 'WRONG'}: ${JSON.stringify(first)}`);
  console.table(contestants.map(({ name }, index) => ({
    name,
    records: Math.round(of(index, (cost) => cost.flows) / ROWS),
    'flows/s': Math.round(of(index, (cost) => cost.flows / cost.seconds)),
    'CPU-us a flow': round(cpu[index]),
    'flows a CPU-s': Math.round(1e6 / cpu[index]),
    'RSS MiB': of(index, ({ rssMiB }) => rssMiB),
    'broker CPU-us': round(of(index, ({ brokerUs }) => brokerUs)),
    ratio: round(cpu[index] / cpu[0], 2),
  })));
  console.log(`NetWeaver's CPU a flow is 1/${round(best / cpu[0], 2)} of Kafka Streams' best (${contestants[1 + cpu.slice(1).indexOf(best)].name}).`);
  return { right, line: { bench: 'streams', date: new Date().toISOString(), keys, ratio: round(best / cpu[0], 2), right, rounds: Object.fromEntries(contestants.map(({ name }, index) => [name, costs[index].map(({ outputs: _, ...cost }) => cost)])) } };
}

async function main(): Promise<void> {
  if (given.kafka === undefined || given.registry === undefined) throw new Error('--kafka and --registry say where Kafka and the registry are.');
  const versions = { node: process.version, java: (await spawned('java', '--version')).split('\n')[0], kafkaStreams: /<kafka.version>(.*)</.exec(readFileSync(resolve(__dirname, '../rivals/kafka-streams/pom.xml'), 'utf8'))![1], cpu: cpus()[0].model, cores: cpus().length, load: loadavg().map((value) => round(value, 1)) };
  console.log(JSON.stringify(versions));
  console.log(`Both: ${partitions} partitions, commit every ${COMMIT_MS} ms, ${rate} flows a second of event time, grace 60 s; medians of ${rounds} rounds. Java: -Xms${given.heap} -Xmx${given.heap}, ${given.cache} MiB of record cache.`);
  for (const { name, settings } of contestants) console.log(`  ${name}: ${settings}`);
  const lines: string[] = [];
  for (const keys of given.keys.split(',').map(Number)) {
    const { line, right } = await compare(keys);
    console.log(JSON.stringify(line));
    lines.push(JSON.stringify({ ...versions, ...line }));
    if (!right) process.exitCode = 1;
  }
  if (given.write !== undefined) writeFileSync(given.write, `${lines.join('\n')}\n`);
}

async function spawned(program: string, ...args: string[]): Promise<string> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  await once(child, 'close');
  return out;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
