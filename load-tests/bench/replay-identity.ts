/**
 * Replay identity: an hour of traffic goes through the whole of NetWeaver, with a kill and a silence on its way, and then
 * `netweaver replay-log` goes over all of it twice: the first held against what was written live, the second against the
 * first. Every event of every processor must come out as it did, byte for byte.
 *
 *   node -r ./bin/ts.cjs load-tests/bench/replay-identity.ts [--rate 200] [--minutes 60] [--seed 7]
 *
 * On the embedded log; on Kafka too where NETWEAVER_TEST_KAFKA and NETWEAVER_TEST_REGISTRY say where. Needs a build. Progress goes to
 * standard error, a table and a line of JSON a log to standard output; exit code 1 where an event differs.
 *
 * The flows are those of a simulated network (`domain/simulate`): four edge routers with NetFlow v5, v9, IPFIX and sFlow and
 * two core routers that report a third of the flows again, `--rate` flows a second of event time. It is a capture of
 * `--minutes` minutes, sent by UDP to the collector from an address an exporter, without pause but acknowledged. Everything is killed
 * with SIGKILL in the first half and started again, in the middle the exporters are silent until windows go out for it.
 *
 * Beside them `netweaver simulate` tells of a network of 16 devices in that hour, in three parts, while nothing else runs (the embedded
 * log has one writing process): before the start, after the kill, in the middle. Its topology with failing links and devices, the states and
 * counters of its interfaces and the measurements of its links are what link-state and path-recompute work on. Records are kept for
 * ever, on compacted topics those too that later ones have replaced: what is gone cannot be replayed.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openContext } from '../../bin/context';
import { sections } from '../../bin/sections';
import { startReplay, type RunningReplay } from '../../connectors/sources/replay/replay';
import { pcapOf, type TestDatagram } from '../../connectors/sources/replay/testing';
import { Simulation, type Totals } from '../../domain/simulate/simulation';
import { loadConfiguration } from '../../infra/config/load';
import { hasCode } from '../../infra/errors';
import type { LogReader } from '../../infra/log/log';
import type { ReplayCount } from '../../processors/runtime/replay-log';
import { groupOf } from '../../processors/runtime/worker';
import { TOPOLOGY } from '../../processors/topology';
import { DEAD_LETTERS, FLOWS_RAW, LATE, SILENCES, topicName, topicsSection, type Topic } from '../../topics';
import { NETWEAVER, Stack, until } from '../../tests/support/stack';

/** When the hour begins. */
const START_MS = Date.UTC(2026, 5, 1, 12);
const STEP_MS = 100;
/** A partition is silent after this; the windows of a capture wait for no more. */
const IDLE_MS = 2000;
/** Nothing more comes where nothing came for this long. */
const STILL_MS = 5 * IDLE_MS;
const PORTS = { v5: 2055, v9: 2055, ipfix: 4739, sflow: 6343 } as const;

/** The hour is long ago: a broker would drop it, or compact it. */
const KEPT = { retentionHours: -1, flowRetentionHours: -1 };

interface Course {
  /** Captures of the two halves. */
  readonly files: readonly string[];
  readonly totals: Totals;
  readonly exporters: number;
  readonly minutes: number;
  readonly seed: number;
}

const say = (text: string): void => void process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);

/** Makes the captures. Equal arguments give equal bytes. */
function record(folder: string, { rate, minutes, seed }: { rate: number; minutes: number; seed: number }): Course {
  let nowMs = START_MS;
  let datagrams: TestDatagram[] = [];
  const simulation = new Simulation({
    seed, protocols: ['v5', 'v9', 'ipfix', 'sflow'], sampling: 'none', overlap: 1 / 3, startMs: START_MS,
    emit: ({ router, protocol }, payload) => void datagrams.push({ timeMs: nowMs, src: `10.255.0.${router}`, dstPort: PORTS[protocol], payload }),
  });
  const files: string[] = [];
  const steps = (minutes * 60_000) / STEP_MS;
  for (const half of [0, 1]) {
    for (let step = (half * steps) / 2; step < ((half + 1) * steps) / 2; step++) {
      nowMs += STEP_MS;
      simulation.advance(nowMs, Math.floor(((step + 1) * rate * STEP_MS) / 1000) - Math.floor((step * rate * STEP_MS) / 1000));
    }
    simulation.flush(nowMs);
    files.push(join(folder, `half-${half}.pcap`));
    writeFileSync(files[half], pcapOf(datagrams));
    datagrams = [];
  }
  return { files, totals: simulation.totals(), exporters: simulation.exporters.length, minutes, seed };
}

/** Parts in which the network of the topology is told. */
const PARTS = 3;

/** What the processors read and write. */
const TOPICS: readonly Topic[] = [...new Set([FLOWS_RAW, ...TOPOLOGY.flatMap(({ input, outputs }) => [input, ...outputs]), LATE, DEAD_LETTERS, SILENCES])];

/** A NetWeaver that runs, seen from beside it. */
class Run {
  private constructor(
    private readonly stack: Stack,
    private readonly context: Awaited<ReturnType<typeof openContext>>,
    private readonly reader: LogReader,
  ) {}

  static async open(extra: Readonly<Record<string, Record<string, unknown>>>): Promise<Run> {
    const stack = await Stack.start({ topics: { flowPartitions: 4, ...KEPT }, processing: { idleMs: IDLE_MS }, aggregate: { idleMs: IDLE_MS }, telemetry: { logLevel: 'warn' }, ...extra });
    const context = await openContext(loadConfiguration({ sections, path: stack.configFile, environment: {}, sets: ['telemetry.logLevel=silent'] }), 'cli');
    return new Run(stack, context, await context.log.reader());
  }

  send(capture: string): RunningReplay {
    const { netflow, ipfix, sflow } = this.stack.ports;
    return startReplay({ captures: [capture], target: '127.0.0.1', ports: { netflow, ipfix, sflow }, speed: Infinity, acknowledge: { url: `${this.stack.url}/collector/acknowledged` } });
  }

  /** Tells of a part of the course's network; nothing may run. */
  async tell({ minutes, seed }: Course, part: number): Promise<void> {
    const seconds = (minutes * 60) / PARTS;
    const start = new Date(START_MS + part * seconds * 1000).toISOString();
    const text = await this.stack.command('simulate', '--json', '--no-flows', '--speed', 'max', '--nodes', '16', '--rate', '20', '--seed', String(seed + part), '--start', start, '--duration', String(seconds));
    say(`told ${(JSON.parse(text) as { records: number }).records} records of the network`);
  }

  /** Does something while everything is stopped. */
  async stopped(meanwhile: () => Promise<void>): Promise<void> {
    await this.stack.terminate();
    await meanwhile();
    await this.stack.run();
  }

  /** Sends a capture; kills everything at `killAt` of it, and starts it again. */
  async sent(capture: string, killAt?: number, meanwhile?: () => Promise<void>): Promise<void> {
    const replay = this.send(capture);
    if (killAt !== undefined) {
      await until('some was sent', async () => { const { planned, datagrams } = replay.progress(); return planned > 0 && datagrams > killAt * planned; });
      await this.stack.kill();
      say('killed');
      await meanwhile?.();
      await this.stack.run();
    }
    const { datagrams, resent } = await replay.finished;
    say(`${datagrams} datagrams acknowledged${resent > 0 ? `, ${resent} of them sent again` : ''}`);
  }

  /** Offsets after the last record of every topic, by topic. */
  async ends(): Promise<Map<Topic, number>> {
    const ends = new Map<Topic, number>();
    for (const topic of TOPICS) {
      const bounds = await this.reader.bounds(topicName(topic, this.context.config)).catch((error: unknown) => { if (hasCode(error, 'NW_TOPIC_MISSING')) return []; throw error; });
      ends.set(topic, bounds.reduce((sum, { end }) => sum + end, 0));
    }
    return ends;
  }

  /** Resolves when every record was processed and nothing comes any more. */
  async still(): Promise<void> {
    let seen = '';
    for (let since = Date.now(); Date.now() - since < STILL_MS; await sleep(500)) {
      const now = JSON.stringify([...(await this.ends()).values(), await this.behind()]);
      if (now !== seen || (await this.behind())) since = Date.now();
      seen = now;
    }
  }

  /** Replays all of the log; counts by topic. */
  async replayed(into: string, against: string | null): Promise<{ identical: boolean; counts: readonly ReplayCount[]; seconds: number }> {
    const began = performance.now();
    const text = await this.replayLog(['--into', into, ...(against === null ? [] : ['--against', against])]);
    const { identical, counts } = JSON.parse(text) as { identical: boolean; counts: ReplayCount[] };
    return { identical, counts, seconds: (performance.now() - began) / 1000 };
  }

  /** What `netweaver replay-log` prints, whether events differ (exit code 1) or not. */
  private async replayLog(words: readonly string[]): Promise<string> {
    const child = spawn(process.execPath, [NETWEAVER, 'replay-log', '--json', ...words, '--config', this.stack.configFile], { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number | null];
    if (text === '') throw new Error(`replay-log ${words.join(' ')} ended with ${code}`);
    return text;
  }

  /** Stops everything, and leaves what is on the log. */
  async end(): Promise<void> {
    await this.stack.terminate();
  }

  /** What the names of its topics begin with. */
  get prefix(): string {
    return this.context.config.get(topicsSection).prefix;
  }

  async close(): Promise<void> {
    const { admin } = this.context.log;
    if (this.prefix !== '') for (const { name } of await admin.listTopics()) if (name.startsWith(this.prefix)) await admin.deleteTopic(name);
    await this.reader.close();
    await this.context.close();
    await this.stack.stop();
  }

  private async behind(): Promise<boolean> {
    const { config, log } = this.context;
    for (const { name, input } of TOPOLOGY) {
      const topic = topicName(input, config);
      const committed = await log.admin.committed(groupOf(name, config), topic);
      for (const { partition, end } of await this.reader.bounds(topic)) {
        for await (const record of this.reader.read({ topic, partition }, committed.get(partition) ?? 0, end)) if (record.offset < end) return true;
      }
    }
    return false;
  }
}

/** One log: live with a kill and a silence, then a replay held against it, and a second held against the first. */
async function identity(name: string, course: Course, extra: Readonly<Record<string, Record<string, unknown>>>): Promise<boolean> {
  say(`${name}: the processors run`);
  const run = await Run.open(extra);
  try {
    const began = performance.now();
    await run.stopped(() => run.tell(course, 0));
    await run.sent(course.files[0], 0.4, () => run.tell(course, 1));
    await run.still();
    const silences = (await run.ends()).get(SILENCES)!;
    if (silences === 0) throw new Error('the silence in the middle was not noticed');
    await run.stopped(() => run.tell(course, 2));
    await run.sent(course.files[1]);
    await run.still();
    const live = (performance.now() - began) / 1000;
    await run.end();
    say(`${name}: replays`);
    const first = await run.replayed('first', null);
    const second = await run.replayed('second', 'first');
    const rows = first.counts
      .map(({ processor, topic, expected, identical, differences }, i) => ({ processor, topic: topic.slice(run.prefix.length), live: expected, 'replay 1 = live': identical, 'replay 2 = replay 1': second.counts[i].identical, differences: differences + second.counts[i].differences }))
      .filter(({ live: events, differences }) => events + differences > 0);
    process.stdout.write(`\n${name}\n`);
    console.table(rows);
    const identical = first.identical && second.identical;
    process.stdout.write(JSON.stringify({ log: name, identical, liveSeconds: Number(live.toFixed(1)), replaySeconds: [first, second].map(({ seconds }) => Number(seconds.toFixed(1))), rows }) + '\n');
    return identical;
  } finally {
    await run.close();
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { rate: { type: 'string', default: '200' }, minutes: { type: 'string', default: '60' }, seed: { type: 'string', default: '7' } } });
  const folder = mkdtempSync(join(tmpdir(), 'netweaver-replay-identity-'));
  try {
    const course = record(folder, { rate: Number(values.rate), minutes: Number(values.minutes), seed: Number(values.seed) });
    const { datagrams, flows, unique, bytes } = course.totals;
    process.stdout.write(`${values.minutes} minutes of event time from ${new Date(START_MS).toISOString()}, seed ${values.seed}: ${course.exporters} exporters, ${datagrams} datagrams, ${flows} flow records (${unique.flows} flows), which say ${bytes} bytes\n`);
    let identical = await identity('embedded log', course, {});
    const { NETWEAVER_TEST_KAFKA: brokers, NETWEAVER_TEST_REGISTRY: registry } = process.env;
    if (brokers !== undefined && registry !== undefined) {
      const prefix = `identity-${Date.now().toString(36)}.`;
      identical = (await identity('Kafka', course, { kafka: { brokers: [brokers] }, registry: { url: registry }, topics: { flowPartitions: 4, prefix, ...KEPT } })) && identical;
    }
    if (!identical) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();
