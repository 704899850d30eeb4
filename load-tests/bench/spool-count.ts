/**
 * What lies on a topic of flow batches: flows, datagrams that came twice, and datagrams that stand behind a later one of their exporter.
 *
 *     node -r ./bin/ts.cjs load-tests/bench/spool-count.ts BOOTSTRAP TOPIC
 *
 * A datagram is told by exporter, observation domain, protocol and sequence number; one that has flows in several partitions is looked
 * at in each. Sequence numbers that wrap are not told apart from disorder.
 */
import { KafkaLog } from '../../infra/log/kafka/log';
import { kafkaSettings } from '../../infra/log/kafka/testing';
import { decodeFlowBatch } from '../../schemas';

async function main([bootstrap, topic]: readonly string[]): Promise<void> {
  const log = new KafkaLog(kafkaSettings(bootstrap));
  const reader = await log.reader();
  const found = { records: 0, flows: 0, datagrams: 0, twice: 0, outOfOrder: 0 };
  for (const { partition, begin, end } of await reader.bounds(topic)) {
    const latest = new Map<string, number>();
    for await (const { value } of reader.read({ topic, partition }, begin, end)) {
      const { datagrams, flows } = decodeFlowBatch(value!);
      found.records++;
      found.flows += flows.length;
      for (const { exporter, observationDomain, protocol, sequence } of datagrams) {
        const key = `${exporter} ${observationDomain} ${protocol}`;
        const before = latest.get(key) ?? -1;
        found.datagrams++;
        if (sequence === before) found.twice++;
        else if (sequence < before) found.outOfOrder++;
        latest.set(key, Math.max(before, sequence));
      }
    }
  }
  await reader.close();
  await log.close();
  process.stdout.write(`${JSON.stringify(found)}\n`);
  process.exit();
}

void main(process.argv.slice(2));
