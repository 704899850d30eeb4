/** The role `process` with all that it needs, in a folder: for tests. */
import { join } from 'node:path';
import { dataSection } from '../../../infra/config/data';
import { loadConfiguration } from '../../../infra/config/load';
import { httpSection } from '../../../infra/http/settings';
import type { Log } from '../../../infra/log/log';
import { openLog } from '../../../infra/log/open';
import { kafkaSection, logSection } from '../../../infra/log/settings';
import { EmbeddedRegistry } from '../../../infra/registry/embedded';
import { openRegistry } from '../../../infra/registry/open';
import { registrySection } from '../../../infra/registry/settings';
import type { Role, RoleContext } from '../../../infra/role';
import { openTelemetry } from '../../../infra/telemetry/open';
import { telemetrySection } from '../../../infra/telemetry/settings';
import { topicsSection } from '../../../topics';
import { aggregateSection } from '../../aggregate';
import { dedupSection } from '../../dedup';
import { interfaceRatesSection } from '../../interface-rates';
import { linksSection } from '../../link-state';
import { pathsSection } from '../../path-recompute';
import { createProcessorRole } from '../role';
import { processingSection } from '../settings';

/** Tests write records of other times, which a broker would drop by retention whenever it looks. */
const KEPT = ['topics.flowRetentionHours=-1', 'topics.retentionHours=-1'];

/** What {@link openProcessing} opens. */
export interface Processing {
  readonly context: RoleContext;
  readonly log: Log;
  role(fail: (error: Error) => void): Role;
  close(): Promise<void>;
}

/** Opens log (embedded in the folder, or Kafka where a set names brokers) and registry (in the folder, or where a set says). */
export async function openProcessing(folder: string, sets: readonly string[] = []): Promise<Processing> {
  const config = loadConfiguration({
    sections: [dataSection, kafkaSection, logSection, registrySection, topicsSection, processingSection, dedupSection, aggregateSection, interfaceRatesSection, linksSection, pathsSection, httpSection, telemetrySection],
    environment: {},
    sets: [`data.dir=${folder}`, 'telemetry.logLevel=error', ...KEPT, ...sets],
  });
  const telemetry = openTelemetry(config, 'cli');
  const log = await openLog(config);
  const registry = config.get(registrySection).url === '' ? new EmbeddedRegistry(join(folder, 'registry')) : await openRegistry(config);
  const context: RoleContext = { config, log, registry, telemetry };
  return {
    context,
    log,
    role: (fail) => createProcessorRole(context, fail),
    async close() {
      await log.close();
      await registry.close();
      await telemetry.close();
    },
  };
}
