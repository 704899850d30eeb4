import { resolve } from 'node:path';
import { dataSection } from '../../../../infra/config/data';
import { NetWeaverError } from '../../../../infra/errors';
import type { LogProducer } from '../../../../infra/log/log';
import type { RoleContext } from '../../../../infra/role';
import { RateLimited } from '../../../../infra/telemetry/rate-limit';
import type { Topic } from '../../../../topics/catalogue';
import { subjectOf, topicName } from '../../../../topics/names';
import type { Target } from '../intake';
import { collectorSection } from '../settings';
import { SpooledProducer } from './spooled-producer';
import { recall, remember } from './targets';

/** How a collector writes to the log. */
export interface Outlet {
  /** The topics asked for, in their order. */
  readonly targets: readonly Target[];
  readonly producer: LogProducer;
  /** The same where there is a spool. */
  readonly spool: SpooledProducer | null;
}

/**
 * Asks the log and the registry for the topics and opens a producer; on Kafka, where `collector.spoolMiB` is not 0, with a spool in
 * `<data.dir>/spool/collect` (a worker: `collect-<index>`), and then also while they are away, if an earlier run kept what
 * they said. The embedded log lies on the same disk as a spool would: it has none.
 * @throws NW_LOG_UNREACHABLE, NW_REGISTRY_UNREACHABLE, NW_TOPIC_MISSING, NW_SPOOL_FOREIGN
 */
export async function openOutlet(context: RoleContext, topics: readonly Topic[], fail: (error: Error) => void): Promise<Outlet> {
  const { config, log, telemetry, worker } = context;
  const { spoolMiB, spoolAfterMs, inFlightMiB } = config.get(collectorSection);
  if (log.kind === 'embedded' || spoolMiB === 0) return { targets: await ask(context, topics), producer: await log.producer('collect'), spool: null };

  const folder = resolve(config.get(dataSection).dir, 'spool', worker ? `collect-${worker.index}` : 'collect');
  const wanted = topics.map((topic) => ({ name: topicName(topic, config), type: topic.record.name, schema: topic.record.schema }));
  const asked = async (): Promise<Target[]> => {
    const targets = await ask(context, topics);
    remember(folder, targets.map((target, i) => ({ target, schema: wanted[i].schema })));
    return targets;
  };
  const { logger } = telemetry;
  const warnings = new RateLimited(10_000);
  let targets: readonly Target[];
  let reached = true;
  try {
    targets = await asked();
  } catch (error) {
    if (!(error instanceof NetWeaverError) || !error.code.endsWith('_UNREACHABLE')) throw error;
    const known = recall(folder, wanted);
    if (known === null) throw new NetWeaverError(error.code, `${error.message} No earlier run of this version left in ${folder} what a start without it needs (partitions, schema ids).`, { cause: error });
    logger.warn({ err: error, folder }, 'starting with what an earlier run knew; batches go to the spool until the log is back');
    targets = known;
    reached = false;
  }
  let fresh = reached;
  const spool = new SpooledProducer({
    folder,
    maxBytes: spoolMiB * 2 ** 20,
    afterMs: spoolAfterMs,
    directBytes: inFlightMiB * 2 ** 19,
    open: async () => {
      if (!fresh) await asked();
      fresh = true;
      return log.producer('collect');
    },
    warn: (error) => warnings.note(error instanceof NetWeaverError ? error.code : error.message, (heldBack) => logger.warn({ err: error, heldBack }, 'the spool')),
    onAway: (away) => logger.warn({ folder }, away ? 'the log does not take batches: they go to the spool' : 'the log has taken everything from the spool'),
    fail,
  });
  await spool.start(reached);
  return { targets, producer: spool, spool };
}

async function ask({ config, log, registry }: RoleContext, topics: readonly Topic[]): Promise<Target[]> {
  const there = new Map((await log.admin.listTopics()).map((topic) => [topic.name, topic.partitions]));
  return Promise.all(
    topics.map(async (topic) => {
      const name = topicName(topic, config);
      const partitions = there.get(name);
      if (partitions === undefined) throw new NetWeaverError('NW_TOPIC_MISSING', `${name} is not on the log.`);
      return { name, partitions, type: topic.record.name, schemaId: await registry.register(subjectOf(name), topic.record.schema) };
    }),
  );
}
