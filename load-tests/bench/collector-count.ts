/**
 * Flows on a topic of flow batches, counted by reading it back.
 *
 *     node dist/load-tests/bench/collector-count.js BOOTSTRAP TOPIC
 *
 * What a run counted the next one does not read again: where it stands is kept in a file of the system's folder for temporary files.
 * Prints 0 where there is no such topic.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasCode } from '../../infra/errors';
import { KafkaLog } from '../../infra/log/kafka/log';
import { kafkaSettings } from '../../infra/log/kafka/testing';
import { FlowBatchColumns } from '../../schemas';

interface Standing {
  flows: number;
  /** Offset of the next record, by partition. */
  readonly next: Record<number, number>;
}

async function main([bootstrap, topic]: readonly string[]): Promise<number> {
  const file = join(tmpdir(), `netweaver-count-${topic.replace(/[^\w.-]/g, '_')}.json`);
  let standing: Standing = { flows: 0, next: {} };
  try {
    standing = JSON.parse(readFileSync(file, 'utf8')) as Standing;
  } catch {
    // The first count.
  }
  const log = new KafkaLog(kafkaSettings(bootstrap));
  const reader = await log.reader();
  const batch = new FlowBatchColumns();
  try {
    for (const { partition, begin, end } of await reader.bounds(topic)) {
      const from = standing.next[partition] ?? begin;
      if (from >= end) continue;
      for await (const { value } of reader.read({ topic, partition }, from, end)) {
        batch.decode(value!);
        standing.flows += batch.flows.length;
      }
      standing.next[partition] = end;
    }
  } catch (error) {
    if (!hasCode(error, 'NW_TOPIC_MISSING')) throw error;
  }
  writeFileSync(file, JSON.stringify(standing));
  return standing.flows;
}

main(process.argv.slice(2)).then(
  (flows) => {
    process.stdout.write(`${flows}\n`, () => process.exit());
  },
  (error: Error) => {
    process.stderr.write(`${error.message}\n`, () => process.exit(1));
  },
);
