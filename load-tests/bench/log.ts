/**
 * What the log costs: appending and reading records of 100 kB (a batch of flows), on the embedded log and, where a broker is
 * given, on Kafka. CPU is this process's; the broker's own is not counted.
 *
 *     node -r ./bin/ts.cjs load-tests/bench/log.ts [--kafka 127.0.0.1:29092] [--records 2000] [--runs 5] [--folder …] [--write load-tests/results/log.json]
 *
 * Prints a table, and one JSON line with the raw runs. The content is half noise, half zeros: lz4 halves it.
 */
import { randomFillSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { EmbeddedLog } from '../../infra/log/embedded/log';
import { KafkaLog } from '../../infra/log/kafka/log';
import { kafkaSettings } from '../../infra/log/kafka/testing';
import type { Log } from '../../infra/log/log';

const BYTES = 100_000;
const PARTITIONS = 4;
/** What a collector lets stand before it waits. Bytes. */
const PENDING = 16 * 2 ** 20;

interface Run {
  readonly mbPerSecond: number;
  readonly cpuMicrosPerRecord: number;
}

/** Wall time and this process's CPU of a piece of work over `records` records. */
async function measured(records: number, work: () => Promise<void>): Promise<Run> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { mbPerSecond: (records * BYTES) / 1e6 / seconds, cpuMicrosPerRecord: (user + system) / records };
}

async function append(log: Log, topic: string, records: number, values: readonly Buffer[]): Promise<void> {
  const producer = await log.producer('bench');
  const appends: Promise<void>[] = [];
  for (let i = 0; i < records; i++) {
    appends.push(producer.append([{ topic, partition: i % PARTITIONS, key: null, value: values[i % values.length] }]));
    while (producer.pendingBytes > PENDING) await sleep(1);
  }
  await Promise.all(appends);
  await producer.close();
}

async function poll(log: Log, topic: string, records: number, group: string): Promise<void> {
  const member = await log.member({ group, instanceId: 'bench', topics: [topic], transactional: false });
  for (let seen = 0; seen < records; ) seen += (await member.poll(64, 1000)).length;
  await member.close();
}

/** Reads each record, writes one of the same size, and commits 32 of them at a time with their positions. */
async function process_(log: Log, topic: string, output: string, records: number, group: string): Promise<void> {
  const member = await log.member({ group, instanceId: 'bench', topics: [topic], transactional: true });
  for (let seen = 0; seen < records; ) {
    const batch = await member.poll(32, 1000);
    if (batch.length === 0) continue;
    const transaction = member.begin();
    const next = new Map<number, number>();
    for (const { partition, offset, value } of batch) {
      transaction.append({ topic: output, partition, key: null, value });
      next.set(partition, offset + 1);
    }
    await transaction.commit([...next].map(([partition, offset]) => ({ topic, partition, next: offset })));
    seen += batch.length;
  }
  await member.close();
}

async function bench(name: string, log: Log, records: number, runs: number): Promise<Record<string, Run[]>> {
  const values = Array.from({ length: 16 }, () => randomFillSync(Buffer.alloc(BYTES), 0, BYTES / 2));
  const results: Record<string, Run[]> = { append: [], poll: [], 'read, append, commit': [] };
  for (let run = 0; run <= runs; run++) {
    const [topic, output] = ['in', 'out'].map((what) => `bench.${what}-${Date.now().toString(36)}`);
    await log.admin.createTopics([topic, output].map((topicName) => ({ name: topicName, partitions: PARTITIONS, cleanup: 'delete' as const })));
    const measuredRuns = [
      await measured(records, () => append(log, topic, records, values)),
      await measured(records, () => poll(log, topic, records, `${topic}-poll`)),
      await measured(records, () => process_(log, topic, output, records, `${topic}-process`)),
    ];
    if (run > 0) Object.keys(results).forEach((step, i) => results[step].push(measuredRuns[i])); // the first one warms up
    await log.admin.deleteTopic(topic);
    await log.admin.deleteTopic(output);
    if (log instanceof EmbeddedLog) await log.maintain();
    process.stderr.write(`${name} run ${run}\n`);
  }
  return results;
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1];

async function main(): Promise<void> {
  const { values: options } = parseArgs({ options: { kafka: { type: 'string' }, records: { type: 'string', default: '2000' }, runs: { type: 'string', default: '5' }, folder: { type: 'string' }, write: { type: 'string' } } });
  const [records, runs] = [Number(options.records), Number(options.runs)];
  const folder = mkdtempSync(join(options.folder ?? tmpdir(), 'netweaver-bench-'));
  const all: Record<string, Record<string, Run[]>> = {};
  try {
    const embedded = new EmbeddedLog({ path: folder, maintainEveryMs: 0, tombstoneMs: 0, reserveBytes: 0 });
    all.embedded = await bench('embedded', embedded, records, runs);
    await embedded.close();
    if (options.kafka) {
      const kafka = new KafkaLog(kafkaSettings(options.kafka));
      all.kafka = await bench('kafka', kafka, records, runs);
      await kafka.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const rows = Object.entries(all).flatMap(([log, steps]) =>
    Object.entries(steps).map(([step, results]) => ({
      log,
      step,
      'MB/s': Math.round(median(results.map(({ mbPerSecond }) => mbPerSecond))),
      'CPU-µs a record': Math.round(median(results.map(({ cpuMicrosPerRecord }) => cpuMicrosPerRecord))),
    })),
  );
  console.table(rows);
  const line = JSON.stringify({ benchmark: 'log', date: new Date().toISOString(), node: process.version, cpu: cpus()[0]?.model, cores: cpus().length, recordBytes: BYTES, records, median: rows, runs: all });
  console.log(line);
  if (options.write) writeFileSync(options.write, `${line}\n`);
}

void main();
